package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.task.Actor;
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

  private static void beginAgain(Task task, RunEvent.Reworked event) {
    boolean asked = task.id.equals(event.task());
    SessionId session = task.session;
    RunEvent.HandedOff handedOff = task.handedOff;
    int place = task.place;
    String standsOn = task.standsOn;
    String mayStandOn = task.mayStandOn;
    boolean checkCutOff = task.checkCutOff;
    List<Actor> makers = task.makers;
    boolean delayOver = task.delayOver;
    // what nobody has acted on yet still holds
    Feedback unheard = task.hasBegun() ? null : task.feedback;
    renew(task);
    task.feedback = unheard;
    task.detail = "task " + event.task() + " is done again";
    if (asked) {
      task.reason = Reason.CHANGES_REQUESTED;
      task.detail = event.feedback();
      task.feedback = new Feedback(event.feedback(), event.actor());
      task.session = session;
      task.handedOff = handedOff;
      task.place = place;
      task.standsOn = standsOn;
      task.mayStandOn = mayStandOn;
      task.checkCutOff = checkCutOff;
      // what they made is still there
      task.makers = makers;
      task.delayOver = delayOver;
    }
  }

  /**
   * Begin a new generation of a task: what it used up, its attempts and what it made stay recorded;
   * everything else is as new.
   */
  static void renew(Task task) {
    task.generation++;
    task.attemptsBefore = task.attempt;
    task.granted = 0;
    task.state = TaskState.PENDING;
    task.reason = Reason.REQUEUED;
    task.detail = null;
    task.until = null;
    task.released = false;
    task.active = false;
    task.phase = Phase.ACT;
    task.intended = false;
    task.launched = false;
    task.capped = null;
    task.failed = false;
    task.output = null;
    task.checkpoint = null;
    task.carried = List.of();
    task.receipts = List.of();
    task.changed = 0;
    task.trouble = null;
    task.evidence = Evidence.NONE;
    task.question = null;
    task.lapsed = null;
    task.agreedMerge = null;
    task.shownAhead = null;
    task.withdrawn = null;
    task.approved = List.of();
    task.redo = false;
    task.reviewed = false;
    task.claim = null;
    task.delivered = null;
    task.makers = List.of();
    task.rolledBack = false;
    task.head = null;
    task.began = null;
    task.model = null;
    task.tries = List.of();
    task.checkpointed = null;
    task.scored = null;
    task.merging = null;
    task.merged = false;
    task.reused = null;
    task.endedAt = null;
    task.feedback = null;
    task.session = null;
    // it tells of files that a new generation does not begin with
    task.handedOff = null;
    task.place = task.generation;
    task.standsOn = null;
    task.mayStandOn = null;
    task.checkCutOff = false;
    task.delayOver = false;
  }
}
