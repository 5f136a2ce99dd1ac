package dev.maestro.run;

import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.List;

/** What a rework changes in a run's state, once the moves of its event are taken in. */
final class ReworkFold {

  private final RunState state;

  ReworkFold(RunState state) {
    this.state = state;
  }

  void take(RunEvent.Reworked event) {
    for (TaskId id : event.tasks()) {
      Task task = state.change(id);
      boolean satisfiedDependents = task.satisfiesDependents();
      boolean wasSkipped = task.state == TaskState.SKIPPED;
      beginAgain(task, event);
      if (satisfiedDependents) {
        task.dependents.forEach(by -> holdBack(state.change(by), wasSkipped));
      }
    }
    if (state.require(event.task()).waitingFor == 0) {
      state.noteFreed(state.change(event.task()));
    }
  }

  private static void holdBack(Task task, boolean wasSkipped) {
    task.waitingFor++;
    task.skippedDependencies -= wasSkipped ? 1 : 0;
  }

  /** What it used up, its attempts and what it made stay recorded; everything else is as new. */
  private static void beginAgain(Task task, RunEvent.Reworked event) {
    boolean asked = task.id.equals(event.task());
    task.generation++;
    task.attemptsBefore = task.attempt;
    task.granted = 0;
    task.state = TaskState.PENDING;
    task.reason = asked ? Reason.CHANGES_REQUESTED : Reason.REQUEUED;
    task.detail = asked ? event.feedback() : "task " + event.task() + " is done again";
    task.until = null;
    task.released = false;
    task.active = false;
    task.phase = Phase.ACT;
    task.intended = false;
    task.launched = false;
    task.output = null;
    task.checkpoint = null;
    task.carried = List.of();
    task.receipts = List.of();
    task.changed = 0;
    task.trouble = null;
    task.evidence = Evidence.NONE;
    task.question = null;
    task.approved = List.of();
    task.head = null;
    task.checkpointed = null;
    task.merging = null;
    task.merged = false;
    task.endedAt = null;
    if (asked) {
      task.feedback = new Feedback(event.feedback(), event.actor());
    } else {
      task.feedback = null;
      task.session = null;
      task.place = task.generation;
      task.delayOver = false;
    }
  }
}
