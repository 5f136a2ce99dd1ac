package dev.maestro.attempt;

import dev.maestro.agent.Persona;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.PermanentException;
import dev.maestro.gate.Gate;
import dev.maestro.gate.Receipt;
import dev.maestro.pipeline.Action;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.PathGuard;
import dev.maestro.policy.Place;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Subject;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.Trouble;
import dev.maestro.run.Value;
import dev.maestro.run.VerifyResult;
import dev.maestro.store.StoreException;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The second phase: protected files put back, a checkpoint taken, the gates run on it, and then
 * accepted.
 */
final class Verify {

  private final Tools tools;
  private final Gates gates;
  private final Chain chain;
  private final Signoffs signoffs;
  private final Rollback rollback;

  Verify(Tools tools, Gates gates) {
    this.tools = tools;
    this.gates = gates;
    this.chain = new Chain(tools.registered());
    this.signoffs = new Signoffs(tools.risks());
    this.rollback = new Rollback(tools);
  }

  VerifyResult run(Assignment a) throws InterruptedException {
    VerifyResult result = carryOut(a);
    if (result.trouble() != null && rollback.isWanted(a)) {
      rollback.afterFailure(a);
    }
    return result;
  }

  private VerifyResult carryOut(Assignment a) throws InterruptedException {
    Findings found = new Findings();
    try {
      check(a, found);
      return found.result(null, null);
    } catch (StoppedException e) {
      return stopped(found, e.verdict());
    } catch (SupersededException | StoreException e) {
      throw e;
    } catch (RuntimeException e) {
      return found.result(Attempts.unexpected(e, Secrets.toHide(a, tools.secrets())), null);
    }
  }

  private void check(Assignment a, Findings found) throws InterruptedException {
    AttemptContext context = new AttemptContext(a);
    Secrets secrets = Secrets.whereRulesSpeak(a, tools.secrets());
    context.hides(secrets);
    context.plays(persona(a.task().step().action()));
    if (!a.task().step().action().usesWorkspace()) {
      throw new IllegalStateException("step " + a.task().step().id() + " works nowhere");
    }
    try (Workspace workspace = Opened.again(a, tools.workspaces())) {
      context.worksIn(workspace);
      Optional<RunEvent.Checkpointed> begun = a.task().checkpointed();
      RunEvent.Checkpointed kept =
          begun.isPresent()
              ? again(begun.get(), workspace, context)
              : keep(a, workspace, context, secrets);
      found.changed = kept.changed();
      found.restored = kept.restored();
      Checkpoint checkpoint = kept.checkpoint();
      found.checkpoint = checkpoint;
      found.receipts = gates.run(a, workspace, kept.start(), checkpoint);
      Optional<Trouble> trouble = Gates.trouble(found.receipts);
      if (trouble.isPresent()) {
        found.trouble = trouble.get();
        return;
      }
      context.checkedBy(found.receipts);
      if (!context.policies().isNone() || !context.step().interceptors().isEmpty()) {
        context.returned(said(a));
      }
      context.shows(() -> Signoffs.work(workspace, kept.start(), checkpoint, context));
      if (!context.policies().isNone()) {
        new Reliance(tools, a.journal()).ask(context, checkpoint, chain);
      }
      chain.ask(Place.CONFIDENCE, context);
      found.review = signoffs.review(context, workspace, kept).orElse(null);
      if (found.review == null) {
        workspace.accept(checkpoint);
      }
    }
  }

  /**
   * Put protected files back and keep what is to be checked; recorded before a gate can touch it.
   *
   * <p>Rules look at what has been kept and at nothing else: the directory may be somebody else's
   * by now, if a process has outlived its agent.
   */
  private RunEvent.Checkpointed keep(
      Assignment a, Workspace workspace, AttemptContext context, Secrets secrets)
      throws InterruptedException {
    Checkpoint start = workspace.head();
    if (keepsCheckpoints()) {
      requireOwnHead(a, start);
    }
    PathGlobs guarded = guarded(a.task().step().gates(), context.policies());
    List<String> restored =
        guarded.isEmpty() ? List.of() : Lists.shortened(workspace.restore(guarded, start));
    judgeRestored(restored, context);
    Checkpoint checkpoint = workspace.checkpoint(new CommitMessages(tools.commits()).of(a.task()));
    List<Change> changes = workspace.changes(start, checkpoint);
    requireStillRestored(guarded, changes);
    context.changed(changesOf(a, workspace, checkpoint, changes, context));
    if (context.policies().readLines()) {
      context.read(lines(workspace, start, checkpoint, context.changes(), secrets));
    }
    context.shows(() -> Signoffs.files(workspace, start, checkpoint, context));
    if (!context.step().interceptors().isEmpty()) {
      // they can look at the directory, and what they see there is what has been kept
      gates.putBack(workspace, checkpoint);
    }
    chain.ask(Place.DIFF, context);
    RunEvent.Checkpointed kept =
        new RunEvent.Checkpointed(
            tools.time().instant(),
            a.attempt().task(),
            a.attempt().number(),
            start,
            checkpoint,
            changes.size(),
            restored);
    if (keepsCheckpoints() || !a.task().step().gates().isEmpty()) {
      a.journal().record(new RunInput.KeepCheckpoint(kept));
    }
    return kept;
  }

  /**
   * Where nothing is kept, a workspace knows no other state than the present one; what an agent was
   * launched on is in the journal, and what a program began with nobody knows.
   */
  private List<Change> changesOf(
      Assignment a,
      Workspace workspace,
      Checkpoint checkpoint,
      List<Change> known,
      AttemptContext context)
      throws InterruptedException {
    if (keepsCheckpoints() || context.policies().isNone()) {
      return known;
    }
    Optional<String> began = a.task().beganOn();
    return began.isPresent()
        ? workspace.changes(new Checkpoint(began.get(), began.get()), checkpoint)
        : List.of(new Change(Change.Kind.MODIFIED, "."));
  }

  private Subject.Lines lines(
      Workspace workspace,
      Checkpoint start,
      Checkpoint checkpoint,
      List<Change> changes,
      Secrets secrets)
      throws InterruptedException {
    ChangedLines lines = new ChangedLines(secrets);
    return keepsCheckpoints()
        ? lines.between(workspace, start, checkpoint, changes)
        : lines.of(workspace.directory(), changes);
  }

  /** What was put back is a change that the attempt goes on without. */
  private static void judgeRestored(List<String> restored, AttemptContext context) {
    PathGlobs globs = context.policies().protectedPaths();
    List<String> hit = restored.stream().filter(globs::matches).toList();
    if (!hit.isEmpty()) {
      Verdict verdict =
          new Verdict.Degrade(
              Reason.GUARDRAIL_BLOCKED, "protected files were put back: " + Lists.inOneLine(hit));
      context.judge(
          Judgment.of(PathGuard.RULE, Place.DIFF, verdict, Numbers.of("files", hit.size())));
    }
  }

  /** Protected files that change once more, right after they were put back, are no mistake. */
  private static void requireStillRestored(PathGlobs guarded, List<Change> changes) {
    List<String> hit = changes.stream().map(Change::path).filter(guarded::matches).toList();
    if (!hit.isEmpty()) {
      String what = "something changed protected files right after they were put back: ";
      throw new StoppedException(
          new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, what + Lists.inOneLine(hit), false));
    }
  }

  private String said(Assignment a) {
    Values values = new Values(tools.store(), a);
    return a.task().output().map(values::load).map(Value::textOf).orElse("");
  }

  private @Nullable Persona persona(Action action) {
    if (action instanceof Action.Agent agent) {
      return tools.personas().get(agent.agent());
    }
    return action instanceof Action.Plan plan ? tools.personas().get(plan.agent()) : null;
  }

  /** A verify that was cut off: what its gates left behind must not become the agent's work. */
  private RunEvent.Checkpointed again(
      RunEvent.Checkpointed begun, Workspace workspace, AttemptContext context)
      throws InterruptedException {
    gates.putBack(workspace, begun.checkpoint());
    if (keepsCheckpoints()) {
      context.changed(workspace.changes(begun.start(), begun.checkpoint()));
    }
    return begun;
  }

  /**
   * The journal knows on what the agent was launched; an agent can write the refs that say so too.
   */
  private static void requireOwnHead(Assignment a, Checkpoint head) {
    Optional<String> launchedOn = a.task().launchedOn();
    if (launchedOn.isPresent() && !launchedOn.get().equals(head.id())) {
      throw new PermanentException(
          "task "
              + a.task().id()
              + " was launched on "
              + launchedOn.get()
              + ", but its workspace now says "
              + head.id()
              + ": something moved Maestro's own refs, so nothing that is there can be trusted");
    }
  }

  private boolean keepsCheckpoints() {
    return tools.workspaces().capabilities().checkpoints();
  }

  /** Where nothing keeps what the files were, a protected one that was changed is refused. */
  private PathGlobs guarded(List<Gate> gates, Policies policies) {
    Stream<String> ofGates =
        gates.stream().flatMap(gate -> gate.protectedPaths().patterns().stream());
    Stream<String> ofPolicies =
        keepsCheckpoints() ? policies.protectedPaths().patterns().stream() : Stream.of();
    return new PathGlobs(Stream.concat(ofGates, ofPolicies).distinct().toList());
  }

  private static VerifyResult stopped(Findings found, Verdict verdict) {
    if (verdict instanceof Verdict.Ask ask) {
      return found.result(null, ask);
    } else if (verdict instanceof Verdict.Refuse refuse && refuse.recoverable()) {
      // the work is there and paid for; somebody has to mend what is missing, not the agent
      String mended = ". Has that been mended, so that the work can be checked again?";
      return found.result(null, new Verdict.Ask(Reason.ESCALATED, refuse.why() + mended));
    } else if (verdict instanceof Verdict.Refuse refuse) {
      return found.result(refused(refuse), null);
    }
    return found.result(
        Trouble.of(Reason.ERROR, "verify cannot be put off, but a rule said " + verdict), null);
  }

  /** Work that is worse than what is usual halts its step: another attempt would hide that. */
  private static Trouble refused(Verdict.Refuse refuse) {
    return refuse.reason().equals(Reason.EVAL_BLOCKED)
        ? new Trouble(refuse.reason(), ErrorClass.PERMANENT, refuse.why(), "", null)
        : Trouble.of(refuse.reason(), refuse.why());
  }

  /** What has been found so far; lives for one call. */
  private static final class Findings {

    private @Nullable Checkpoint checkpoint;
    private int changed;
    private List<String> restored = List.of();
    private List<Receipt> receipts = List.of();
    private @Nullable Trouble trouble;
    private Verdict.@Nullable Ask review;

    VerifyResult result(@Nullable Trouble other, Verdict.@Nullable Ask ask) {
      return new VerifyResult(
          checkpoint, changed, restored, receipts, other == null ? trouble : other, ask, review);
    }
  }
}
