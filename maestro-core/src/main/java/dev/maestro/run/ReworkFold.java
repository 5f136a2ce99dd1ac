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
    SessionId session = task.dealings.session;
    RunEvent.HandedOff handedOff = task.dealings.handedOff;
    int place = task.dealings.place;
    String standsOn = task.dealings.standsOn;
    String mayStandOn = task.dealings.mayStandOn;
    boolean checkCutOff = task.dealings.checkCutOff;
    List<Actor> makers = task.dealings.makers;
    boolean delayOver = task.delayOver;
    // what nobody has acted on yet still holds
    Feedback unheard = task.hasBegun() ? null : task.dealings.feedback;
    renew(task);
    task.deal().feedback = unheard;
    task.detail = "task " + event.task() + " is done again";
    if (asked) {
      task.reason = Reason.CHANGES_REQUESTED;
      task.detail = event.feedback();
      task.deal().feedback = new Feedback(event.feedback(), event.actor());
      task.deal().session = session;
      task.deal().handedOff = handedOff;
      task.deal().place = place;
      task.deal().standsOn = standsOn;
      task.deal().mayStandOn = mayStandOn;
      task.deal().checkCutOff = checkCutOff;
      // what they made is still there
      task.deal().makers = makers;
      task.delayOver = delayOver;
    }
  }

  /**
   * Begin a new generation of a task: what it used up, its attempts and what it made stay recorded;
   * everything else is as new.
   */
  static void renew(Task task) {
    Dealings dealings = task.deal();
    dealings.generation++;
    dealings.attemptsBefore = task.attempt;
    dealings.granted = 0;
    dealings.turnedAway = 0;
    dealings.denied = false;
    task.state = TaskState.PENDING;
    task.reason = Reason.REQUEUED;
    task.detail = null;
    task.until = null;
    task.released = false;
    task.active = false;
    task.phase = Phase.ACT;
    dealings.intended = false;
    dealings.launched = false;
    dealings.capped = null;
    dealings.failed = false;
    task.output = null;
    task.checkpoint = null;
    task.carried = List.of();
    dealings.receipts = List.of();
    dealings.changed = 0;
    dealings.trouble = null;
    task.evidence = Evidence.NONE;
    dealings.question = null;
    dealings.lapsed = null;
    dealings.agreedMerge = null;
    dealings.shownAhead = null;
    dealings.withdrawn = null;
    dealings.approved = List.of();
    dealings.redo = false;
    dealings.reviewed = false;
    dealings.claim = null;
    dealings.delivered = null;
    dealings.makers = List.of();
    dealings.rolledBack = false;
    dealings.head = null;
    dealings.began = null;
    dealings.model = null;
    dealings.tries = List.of();
    dealings.cutShort = List.of();
    dealings.checkpointed = null;
    dealings.scored = null;
    dealings.merging = null;
    dealings.merged = false;
    dealings.reused = null;
    task.endedAt = null;
    dealings.feedback = null;
    dealings.session = null;
    // it tells of files that a new generation does not begin with
    dealings.handedOff = null;
    dealings.place = dealings.generation;
    dealings.standsOn = null;
    dealings.mayStandOn = null;
    dealings.checkCutOff = false;
    task.delayOver = false;
  }
}
