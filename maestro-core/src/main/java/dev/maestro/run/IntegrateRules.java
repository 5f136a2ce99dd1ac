package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.policy.Judgment;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.Checkpoint;
import java.util.List;
import java.util.Optional;

/** The third phase of an attempt: how merging what was accepted ended. */
final class IntegrateRules {

  private final Draft draft;
  private final FailureRules failures;

  IntegrateRules(Draft draft, FailureRules failures) {
    this.draft = draft;
    this.failures = failures;
  }

  Optional<Decision.Refused> ended(RunInput.IntegrateEnded i) {
    Task task = draft.state.require(i.task());
    judged(i.task(), i.judgments());
    if (i.result() instanceof IntegrateResult.Merged merged) {
      return merged(task, merged.merged());
    } else if (i.result() instanceof IntegrateResult.Accepted) {
      return accepted(task);
    } else if (i.result() instanceof IntegrateResult.Blocked blocked) {
      return blocked(task, blocked.trouble());
    } else if (i.result() instanceof IntegrateResult.Asks asks) {
      return draft.ask(task, Question.Kind.POLICY, asks.ask(), Phase.INTEGRATE);
    }
    IntegrateResult.GatesFailed failed = (IntegrateResult.GatesFailed) i.result();
    return failures.fail(
        task,
        failed.trouble(),
        i.draw(),
        moves ->
            new RunEvent.Integrated(
                draft.at, task.id, null, failed.receipts(), failed.trouble(), moves));
  }

  Optional<Decision.Refused> judged(TaskId task, List<Judgment> judgments) {
    int attempt = draft.state.require(task).attempt;
    return draft.judged(task, attempt, Phase.INTEGRATE, judgments);
  }

  /**
   * A branch that moved while the run ended has moved: that is recorded, once, and moves no task;
   * {@code late} is the answer to anything else.
   */
  Optional<Decision.Refused> endedLate(RunInput.IntegrateEnded i, Decision.Refused late) {
    if (i.result() instanceof IntegrateResult.Merged merged
        && draft.state.status().isTerminal()
        && isUnrecorded(i.task(), merged.merged())) {
      return draft.emit(
          new RunEvent.Integrated(draft.at, i.task(), merged.merged(), List.of(), null, List.of()));
    }
    return Optional.of(late);
  }

  private boolean isUnrecorded(TaskId id, Checkpoint merged) {
    return draft
        .state
        .task(id)
        .filter(task -> !task.dealings.merged)
        .flatMap(Task::merging)
        .filter(merging -> merging.merged().equals(merged))
        .isPresent();
  }

  private Optional<Decision.Refused> merged(Task task, Checkpoint merged) {
    PlannedTasks.add(draft, task);
    Move completion = Draft.completion(task.id, Reason.MERGED);
    return draft.emit(
        new RunEvent.Integrated(draft.at, task.id, merged, List.of(), null, List.of(completion)));
  }

  private Optional<Decision.Refused> accepted(Task task) {
    PlannedTasks.add(draft, task);
    Move completion = Draft.completion(task.id, Reason.APPROVED);
    return draft.emit(
        new RunEvent.Integrated(draft.at, task.id, null, List.of(), null, List.of(completion)));
  }

  private Optional<Decision.Refused> blocked(Task task, Trouble trouble) {
    Move move = draft.move(task.id, TaskState.BLOCKED, trouble.reason(), trouble.message());
    return draft.emit(
        new RunEvent.Integrated(draft.at, task.id, null, List.of(), trouble, List.of(move)));
  }
}
