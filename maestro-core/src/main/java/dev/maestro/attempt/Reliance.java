package dev.maestro.attempt;

import dev.maestro.failure.PermanentException;
import dev.maestro.gate.Receipt;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Observed;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Until;
import dev.maestro.policy.Verdict;
import dev.maestro.process.Time;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.Try;
import dev.maestro.task.AttemptId;
import dev.maestro.workspace.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks, once the gates have passed, whether the agent is done, how far its work can be relied on,
 * and how it compares with what is usual.
 */
final class Reliance {

  private final Registered registered;
  private final Time time;
  private final AttemptJournal journal;

  Reliance(Tools tools, AttemptJournal journal) {
    this.registered = tools.registered();
    this.time = tools.time();
    this.journal = journal;
  }

  /** Ask the rules that are switched on, the first first; one that does not proceed decides. */
  void ask(AttemptContext context, Checkpoint work, Chain chain) throws InterruptedException {
    Policies policies = context.policies();
    if (policies.until() != null && context.step().action().isAgents()) {
      chain.obey(Until.RULE, policies.until().judge(context.output()), context);
    }
    if (policies.confidence() != null) {
      chain.obey(Confidence.RULE, confidence(policies.confidence(), context, work), context);
    }
    if (policies.evalGate() != null) {
      evaluate(policies.evalGate(), context);
    }
  }

  /** What came of it is in the journal before the work is accepted. */
  private void evaluate(EvalGate gate, AttemptContext context) throws InterruptedException {
    Optional<RunEvent.Scored> before = context.task().scored();
    RunEvent.Scored scored = before.isPresent() ? before.get() : score(gate, context);
    context.judge(scored.decision().judgment(scored.score()));
    if (!(scored.decision().verdict() instanceof Verdict.Proceed)) {
      throw new StoppedException(scored.decision().verdict());
    }
  }

  private RunEvent.Scored score(EvalGate gate, AttemptContext context) throws InterruptedException {
    double score = said(gate.scoredBy(), context);
    AttemptId attempt = context.attempt();
    return journal.score(
        new RunInput.Score(
            time.instant(), attempt.task(), attempt.number(), gate.scoredBy(), score));
  }

  private Finding confidence(Confidence rule, AttemptContext context, Checkpoint work)
      throws InterruptedException {
    String what = "of " + context.attempt() + " (files " + work.tree() + ")";
    Observed seen = observed(rule, context, work);
    Finding finding = rule.judge(seen, false, what);
    return finding.verdict() instanceof Verdict.Refuse refuse && isLast(context, refuse, work)
        ? rule.judge(seen, true, what)
        : finding;
  }

  private Observed observed(Confidence rule, AttemptContext context, Checkpoint work)
      throws InterruptedException {
    List<Try> tries = context.task().tries();
    return new Observed(
        (int) context.receipts().stream().filter(Receipt::passed).count(),
        context.changes().size(),
        tries.size(),
        tries.stream().anyMatch(one -> work.tree().equals(one.tree())),
        Try.sameErrors(tries),
        context.task().isDeniedTools(),
        judges(rule, context),
        context.step().action().isAgents() ? context.output() : "");
  }

  private static boolean isLast(AttemptContext context, Verdict.Refuse refuse, Checkpoint work) {
    return context
        .task()
        .wouldBeItsLast(context.policies(), refuse, context.changes().size(), work);
  }

  private List<Double> judges(Confidence rule, AttemptContext context) throws InterruptedException {
    List<Double> said = new ArrayList<>();
    for (String name : rule.judges()) {
      said.add(said(name, context));
    }
    return said;
  }

  private double said(String name, AttemptContext context) throws InterruptedException {
    Judge judge = registered.judges().get(name);
    if (judge == null) {
      throw Registered.missing("judge " + name);
    }
    return said(name, judge, context);
  }

  private static double said(String name, Judge judge, AttemptContext context)
      throws InterruptedException {
    try {
      return Interruptible.call(context.cancellation(), () -> judge.judge(context));
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new PermanentException("the judge " + name + " failed: " + e, e);
    }
  }
}
