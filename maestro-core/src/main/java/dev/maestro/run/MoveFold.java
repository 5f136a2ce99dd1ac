package dev.maestro.run;

import dev.maestro.task.Reason;
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
    event.moves().forEach(this::take);
  }

  private void take(Move move) {
    Task before = state.require(move.task());
    check(before, move);
    Task after = before.copy();
    after.delayOver |= before.isDelayed();
    after.state = move.to();
    after.reason = move.reason();
    after.detail = move.detail();
    after.until = move.until();
    after.released = false;
    if (after.state != TaskState.AWAITING_APPROVAL) {
      after.question = null;
    }
    settlePhase(before, after);
    if (after.isReady() && !before.isReady()) {
      state.lineUp(after);
    }
    boolean atRest = !after.active && !after.released && after.until == null;
    after.endedAt = atRest ? event.at() : null;
    noteOwed(before, after);
    if (Reason.EMERGENCY_STOP.equals(move.reason())) {
      after.session = null;
    }
    boolean satisfies = !before.satisfiesDependents() && after.satisfiesDependents();
    if (satisfies) {
      after.carried =
          after.checkpoint == null
              ? state.carriedBy(after.dependencies)
              : List.of(after.checkpoint);
    }
    state.put(before, after);
    if (satisfies) {
      state.freeBehind(after);
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

  private static void settlePhase(Task before, Task after) {
    switch (after.state) {
      case RUNNING, RETRYING, PLANNING -> {
        after.phase = Phase.ACT;
        after.active = true;
      }
      case TESTING -> {
        after.phase = Phase.VERIFY;
        after.active = true;
      }
      case VERIFIED -> {
        after.active = before.active && after.integrates();
        if (after.integrates()) {
          after.phase = Phase.INTEGRATE;
          after.released = !after.active;
        }
      }
      case FAILED -> {
        after.phase = Phase.ACT;
        after.active = false;
      }
      default -> after.active = false;
    }
  }

  /** An attempt that is cut off in a launch owes its usage; one that ends has brought it. */
  private void noteOwed(Task before, Task after) {
    boolean cutOff = !(event instanceof RunEvent.Acted);
    if (cutOff && before.active && before.launched && before.phase == Phase.ACT) {
      after.owed = Fold.concat(before.owed, List.of(before.attempt));
      state.header.owed++;
    }
  }
}
