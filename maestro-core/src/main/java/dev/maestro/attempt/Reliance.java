package dev.maestro.attempt;

import dev.maestro.failure.PermanentException;
import dev.maestro.gate.Receipt;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Observed;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Until;
import dev.maestro.run.Task;
import dev.maestro.run.Try;
import dev.maestro.workspace.Checkpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks, once the gates have passed, whether the agent is done and how far its work can be relied
 * on.
 */
final class Reliance {

  private final Registered registered;

  Reliance(Registered registered) {
    this.registered = registered;
  }

  /** Ask the rules that are switched on, the first first; one that does not proceed decides. */
  void ask(AttemptContext context, Checkpoint work, Chain chain) throws InterruptedException {
    Policies policies = context.policies();
    if (policies.until() != null) {
      chain.obey(Until.RULE, policies.until().judge(context.output()), context);
    }
    if (policies.confidence() != null) {
      chain.obey(Confidence.RULE, confidence(policies.confidence(), context, work), context);
    }
  }

  private Finding confidence(Confidence rule, AttemptContext context, Checkpoint work)
      throws InterruptedException {
    String what = "of " + context.attempt() + " (files " + work.tree() + ")";
    return rule.judge(observed(rule, context, work), isLast(context), what);
  }

  private Observed observed(Confidence rule, AttemptContext context, Checkpoint work)
      throws InterruptedException {
    List<Try> tries = context.task().tries();
    return new Observed(
        (int) context.receipts().stream().filter(Receipt::passed).count(),
        context.changes().size(),
        tries.size(),
        tries.stream().anyMatch(one -> work.tree().equals(one.tree())),
        sameErrors(tries),
        judges(rule, context),
        context.output());
  }

  /** How many attempts right before this one failed with the very same error. */
  private static int sameErrors(List<Try> tries) {
    int same = 0;
    for (int i = tries.size() - 1; i >= 0; i--) {
      if (!tries.get(i).error().equals(tries.get(tries.size() - 1).error())) {
        break;
      }
      same++;
    }
    return same;
  }

  private static boolean isLast(AttemptContext context) {
    Task task = context.task();
    Policies policies = context.policies();
    boolean usedUp =
        policies.ladder() != null && policies.ladder().isUsedUp(task.failedChecks() + 1);
    boolean single = policies.until() != null && policies.until().single();
    return usedUp || single || task.attempt() >= task.allowedAttempts();
  }

  private List<Double> judges(Confidence rule, AttemptContext context) throws InterruptedException {
    List<Double> said = new ArrayList<>();
    for (String name : rule.judges()) {
      Judge judge = registered.judges().get(name);
      if (judge == null) {
        throw Registered.missing("judge " + name);
      }
      said.add(said(name, judge, context));
    }
    return said;
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
