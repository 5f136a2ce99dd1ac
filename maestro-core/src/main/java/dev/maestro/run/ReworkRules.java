package dev.maestro.run;

import dev.maestro.pipeline.Action;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How a task is done again, together with all that was built on it. */
final class ReworkRules {

  private final Draft draft;
  private final RunState state;
  private final FailureRules failures;
  private final ReopenRules reopens;

  ReworkRules(Draft draft, FailureRules failures, ReopenRules reopens) {
    this.draft = draft;
    this.state = draft.state;
    this.failures = failures;
    this.reopens = reopens;
  }

  Optional<Decision.Refused> rework(RunInput.Rework i) {
    Task task = state.require(i.task());
    List<Task> again = beginAgain(task);
    return refusal(i, task)
        .or(() -> reopens.mayGoOnAround(task))
        .or(() -> again.stream().flatMap(one -> hindrance(one).stream()).findFirst())
        .or(() -> rework(i, task, again));
  }

  private Optional<Decision.Refused> rework(RunInput.Rework i, Task task, List<Task> again) {
    reopens.reopenAround(task, again);
    List<TaskId> ids = again.stream().map(Task::id).toList();
    List<Move> ends = again.stream().filter(one -> !one.state.isFinal()).map(this::end).toList();
    draft.emit(new RunEvent.Reworked(i.at(), i.task(), i.feedback(), i.actor(), ids, ends));
    failures.unblockBehind(ids);
    return reopens.whyInVain(task);
  }

  private Move end(Task task) {
    return draft.move(task.id, TaskState.CANCELLED, Reason.CHANGES_REQUESTED);
  }

  // ------------------------------------------------------------------ what begins again

  /** {@return the task and what stands behind it and is not as it was in the beginning} */
  private List<Task> beginAgain(Task task) {
    Set<TaskId> seen = new LinkedHashSet<>(Set.of(task.id));
    List<Task> found = new ArrayList<>(List.of(task));
    for (int next = 0; next < found.size(); next++) {
      for (TaskId id : found.get(next).dependents) {
        if (seen.add(id)) {
          found.add(state.require(id));
        }
      }
    }
    return found.stream().filter(one -> one == task || !isUntouched(one)).toList();
  }

  /**
   * What waits for a dependency, or is held back by a failed one, has nothing to begin again,
   * unless it was about to go on with what an earlier generation left.
   */
  private static boolean isUntouched(Task task) {
    boolean waits =
        task.state == TaskState.PENDING && !task.delayOver && task.dealings.feedback == null;
    boolean somebodys = task.isClaimed() || task.dealings.delivered != null;
    return waits && !somebodys || task.isBehindFailure();
  }

  // ------------------------------------------------------------------ what is refused

  private Optional<Decision.Refused> refusal(RunInput.Rework i, Task task) {
    int bytes = i.feedback().getBytes(StandardCharsets.UTF_8).length;
    if (i.feedback().isBlank() || bytes > Value.MAX_INLINE_BYTES) {
      return Refusal.notAllowed(
          "feedback says what is to be different, in at most " + Value.MAX_INLINE_BYTES + " bytes");
    }
    if (task.dealings.retired) {
      return Refusal.notAllowed("the pipeline has no place for task " + task.id + " any more");
    }
    boolean asked = task.isApproval() && task.state != TaskState.BLOCKED && !isUntouched(task);
    boolean begun = task.hasBegun() || asked && task.dealings.questionNumber > 0;
    return begun && task.state != TaskState.SKIPPED
        ? Optional.empty()
        : Refusal.notAllowed("task " + task.id + whyNothingToRedo(task));
  }

  private String whyNothingToRedo(Task task) {
    return task.dealings.reused == null
        ? " is " + task.state + " and has not begun; there is no work to redo"
        : " was taken along from run "
            + state.header.forkedFrom
            + ", which this one is a fork of; fork that one from this task on instead";
  }

  private static Optional<Decision.Refused> hindrance(Task task) {
    boolean merges = task.active && task.phase == Phase.INTEGRATE;
    boolean halfMerged =
        task.dealings.merging != null && !task.dealings.merged && !task.state.isFinal();
    if (merges || halfMerged) {
      return Refusal.notAllowed(
          "task " + task.id + " is being merged; ask again when that has come to its end");
    }
    if (task.isOpen()) {
      return Refusal.notAllowed(
          "task "
              + task.id
              + " has others inside, which cannot be taken back; retry or rework what is inside, or"
              + " fork the run");
    }
    boolean planned = task.step.action().kind() == Action.Kind.PLAN && task.state.isFinal();
    return planned && task.state != TaskState.SKIPPED
        ? Refusal.notAllowed(
            "task "
                + task.id
                + " has added tasks to the run, which cannot be taken back; fork the run instead")
        : Optional.empty();
  }
}
