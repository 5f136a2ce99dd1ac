package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.pipeline.Action;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How tasks are stopped in the middle of their work, and how stopped ones go on. */
final class InterruptionRules {

  private final Draft draft;
  private final RunState state;
  private final ClaimRules claims;

  InterruptionRules(Draft draft, ClaimRules claims) {
    this.draft = draft;
    this.claims = claims;
    this.state = draft.state;
  }

  Optional<Decision.Refused> stopActive(TaskState to, Reason reason, @Nullable String detail) {
    return draft.emitMoves(
        state.active().stream().map(task -> draft.move(task.id, to, reason, detail)).toList());
  }

  Optional<Decision.Refused> recover() {
    return goOnWith(task -> task.state == TaskState.INTERRUPTED && !task.released);
  }

  Optional<Decision.Refused> timeCame() {
    List<Task> due = state.tasks.dueBy(draft.at);
    draft.emitMoves(due.stream().filter(Task::isDelayed).flatMap(this::endOfDelay).toList());
    due.stream().filter(Task::isClaimed).forEach(claims::takeBack);
    return goOnWith(due.stream().filter(task -> !task.isDelayed() && !task.isClaimed()).toList());
  }

  /** A step that only waits is done with that. */
  private Stream<Move> endOfDelay(Task task) {
    return task.step.action().kind() == Action.Kind.WAIT
        ? Stream.of(
            draft.move(task.id, TaskState.VERIFIED, Reason.SUCCEEDED),
            Draft.completion(task.id, Reason.SUCCEEDED))
        : Stream.of(draft.move(task.id, TaskState.PENDING, Reason.RESUMED));
  }

  Optional<Decision.Refused> goOnWith(Predicate<Task> which) {
    return goOnWith(state.tasks().stream().filter(which).toList());
  }

  /**
   * Let stopped tasks go on where they were, unless their last launch is spent: then a person
   * decides. What a launch did is known that only had too little, so another one follows it.
   */
  private Optional<Decision.Refused> goOnWith(List<Task> stopped) {
    release(stopped, task -> !task.hasSpentItsLast(), false);
    release(stopped, task -> task.hasSpentItsLast() && task.waitsForBudget(), true);
    stopped.stream()
        .filter(task -> task.hasSpentItsLast() && !task.waitsForBudget())
        .forEach(this::askForAnotherLaunch);
    return Optional.empty();
  }

  private void release(List<Task> stopped, Predicate<Task> which, boolean again) {
    List<TaskId> free = stopped.stream().filter(which).map(Task::id).toList();
    if (!free.isEmpty()) {
      draft.release(free, again);
    }
  }

  private void askForAnotherLaunch(Task task) {
    if (task.state == TaskState.PAUSED) {
      draft.emitMove(task.id, TaskState.INTERRUPTED, Reason.INTERRUPTED, null);
    }
    String text =
        "Task "
            + task.id
            + " was interrupted in its last launch ("
            + task.dealings.launches
            + " of "
            + task.allowedAttempts()
            + "), and what it did is not known. Launch it once more?";
    draft.ask(task, Question.Kind.LAUNCH_AGAIN, text, Phase.ACT, Reason.INTERRUPTED);
  }
}
