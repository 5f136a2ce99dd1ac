package dev.maestro.run;

import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Transitions;
import java.util.List;

/** What the moves of one event change in a run's state; one that the table lacks is refused. */
final class MoveFold {

  private final RunState state;
  private final RunEvent event;

  MoveFold(RunState state, RunEvent event) {
    this.state = state;
    this.event = event;
  }

  void takeAll() {
    List<Move> moves = event.moves();
    for (int i = 0; i < moves.size(); i++) {
      take(moves.get(i));
    }
  }

  private void take(Move move) {
    Task task = state.change(move.task());
    check(task, move);
    boolean wasReady = task.isReady();
    boolean satisfiedDependents = task.satisfiesDependents();
    noteOwed(task, move.to());
    forgetRefusal(task, move.to());
    task.delayOver |= task.isDelayed();
    task.state = move.to();
    task.reason = move.reason();
    task.detail = move.detail();
    task.until = move.until();
    task.released = false;
    if (task.hasDealings() || move.to() == TaskState.FAILED) {
      take(task.deal(), move);
    }
    if (move.from() == TaskState.VERIFIED && move.to() != TaskState.COMPLETED) {
      stirListsAround(task);
    }
    settlePhase(task);
    if (move.from() == TaskState.AWAITING_APPROVAL && move.to() == TaskState.PENDING) {
      // its question is written again before anything else
      task.phase = Phase.ACT;
    }
    if (task.isReady() && !wasReady) {
      state.lineUp(task);
    }
    boolean atRest = !task.active && !task.released && task.until == null && !task.waitsForInside();
    task.endedAt = atRest ? event.at() : null;
    if (Reason.EMERGENCY_STOP.equals(move.reason()) && task.hasDealings()) {
      task.deal().session = null;
    }
    if (!satisfiedDependents && task.satisfiesDependents()) {
      task.carried = state.carriedFrom(task);
      state.freeBehind(task);
    }
  }

  private static void take(Dealings dealings, Move move) {
    dealings.failed |= move.to() == TaskState.FAILED;
    dealings.lapsed = move.to() == TaskState.FAILED ? dealings.lapsed : null;
    dealings.claim = null;
    if (move.to() != TaskState.AWAITING_APPROVAL) {
      dealings.withdrawn =
          dealings.question != null && Reason.REQUEUED.equals(move.reason())
              ? dealings.question.answering()
              : null;
      dealings.question = null;
    }
  }

  /** Those that are decided have spared it while it was being merged. */
  private void stirListsAround(Task task) {
    for (TaskId id = task.parent; id != null; id = state.require(id).parent) {
      if (state.require(id).step.each().isPresent()) {
        state.noteStirred(id);
      }
    }
  }

  /** Once a rule has let it begin after all, whoever claims it next does the work. */
  private static void forgetRefusal(Task task, TaskState to) {
    boolean stopped = to == TaskState.AWAITING_APPROVAL || to == TaskState.BLOCKED;
    if (stopped && task.dealings.delivered != null && task.dealings.delivered.trouble() != null) {
      task.deal().delivered = null;
    }
  }

  private static void check(Task task, Move move) {
    if (task.state != move.from() || !Transitions.allows(move.from(), move.to())) {
      throw new IllegalArgumentException(
          "task "
              + task.id
              + " is "
              + task.state
              + "; "
              + move.from()
              + " to "
              + move.to()
              + " is no move from there");
    }
  }

  private static void settlePhase(Task task) {
    switch (task.state) {
      case RUNNING, RETRYING, PLANNING -> {
        task.phase = Phase.ACT;
        // one that is open waits for what is inside
        task.active = task.inside == null;
      }
      case TESTING -> {
        task.phase = Phase.VERIFY;
        task.active = true;
      }
      case VERIFIED -> {
        task.active = task.active && task.integrates();
        if (task.integrates()) {
          task.phase = Phase.INTEGRATE;
          task.released = !task.active;
        }
      }
      case FAILED -> {
        task.phase = Phase.ACT;
        task.active = false;
      }
      default -> task.active = false;
    }
  }

  /**
   * An attempt that is cut off in a launch owes its usage; one that ends has brought it. The end of
   * one may cut off others.
   */
  private void noteOwed(Task task, TaskState to) {
    boolean cutOff = !(event instanceof RunEvent.Acted acted && acted.task().equals(task.id));
    if (!task.active) {
      return;
    }
    // also where it has put nothing aside: others may have been told to wait for it
    state.header.madeRoom |= task.phase == Phase.ACT && (cutOff || task.isAgent());
    if (cutOff) {
      new SpendFold(state).cutOff(task, event.at(), to != TaskState.INTERRUPTED);
    }
  }
}
