package dev.maestro.attempt;

import dev.maestro.approval.Shown;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Step;
import dev.maestro.pipeline.Template;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunInput;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Preview;
import dev.maestro.workspace.PreviewRequest;
import dev.maestro.workspace.Standing;
import java.util.List;
import java.util.Optional;

/**
 * What is asked of a step before there is an attempt: its predicate, and an approval's question.
 */
final class Preparation {

  private final Tools tools;

  Preparation(Tools tools) {
    this.tools = tools;
  }

  /** Whatever comes out of the application's code blocks the task; it never gets away. */
  Optional<RunInput> run(Assignment a) {
    try {
      return prepare(a);
    } catch (StoppedException e) {
      return Optional.of(block(a, (Verdict.Refuse) e.verdict()));
    } catch (Exception | Error e) {
      String what = e.getMessage() == null ? e.toString() : e.getMessage();
      String why = Attempts.shortened(hiding(a, what));
      return Optional.of(block(a, new Verdict.Refuse(Reason.ERROR, why, true)));
    }
  }

  /** Where secrets come from is the application's own, too. */
  private String hiding(Assignment a, String what) {
    try {
      return Secrets.toHide(a, tools.secrets()).apply(what);
    } catch (RuntimeException e) {
      return "failed, and so did looking for secrets in what it said: " + e.getClass().getName();
    }
  }

  private Optional<RunInput> prepare(Assignment a) throws Exception {
    Step step = a.task().step();
    Values values = new Values(tools.store(), a);
    boolean wasAsked = a.task().isDelayOver();
    if (!wasAsked && step.when() instanceof Condition.Predicate when && !holds(when, a, values)) {
      return Optional.of(new RunInput.Skip(tools.time().instant(), a.attempt().task()));
    }
    if (a.task().isDelayAhead()) {
      return Optional.of(new RunInput.Delay(tools.time().instant(), a.attempt().task()));
    }
    if (step.action() instanceof Action.Approval approval) {
      String asked = Template.of(approval.question()).render(step.id(), values);
      String question = Secrets.toHide(a, tools.secrets()).apply(asked);
      Shown diff = diff(a, step).orElse(null);
      return Optional.of(
          new RunInput.Ask(tools.time().instant(), a.attempt().task(), question, diff));
    }
    return Optional.empty();
  }

  /** What is approved is on record, so that it can be looked at while other tasks are at work. */
  private Optional<Shown> diff(Assignment a, Step step) throws InterruptedException {
    List<Checkpoint> made = a.workspace().bases();
    if (made.isEmpty()) {
      return Optional.empty();
    }
    Standing standing = a.workspace().standing();
    PreviewRequest request =
        new PreviewRequest(
            a.attempt().key(),
            made,
            step.mergeInto(),
            ChangedLines.MOST,
            standing == null ? null : standing.start());
    Secrets secrets = Secrets.toHide(a, tools.secrets());
    return tools
        .workspaces()
        .preview(request)
        .map(preview -> Shown.of(secrets.applyToDiff(preview.diff()), things(preview, step)));
  }

  /** A branch moves on meanwhile, and what is merged into it may stay the same. */
  private static List<String> things(Preview preview, Step step) {
    String difference = step.mergeInto() == null ? null : preview.difference();
    return difference == null ? preview.trees() : List.of(difference);
  }

  private boolean holds(Condition.Predicate when, Assignment a, Values values) throws Exception {
    Predicate predicate =
        tools
            .registered()
            .predicate(when.name(), when.version())
            .orElseThrow(() -> Registered.missing("predicate", when.name(), when.version()));
    return Interruptible.call(a.cancellation(), () -> predicate.test(new TaskContext(a, values)));
  }

  private RunInput block(Assignment a, Verdict.Refuse why) {
    return new RunInput.Block(tools.time().instant(), a.attempt().task(), why);
  }
}
