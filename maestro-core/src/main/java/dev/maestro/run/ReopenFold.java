package dev.maestro.run;

import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.List;

/**
 * What is brought back of that which a failure had cancelled: what others are inside of waits for
 * them again, work that was accepted is merged, and everything else begins anew.
 */
final class ReopenFold {

  private final RunState state;

  ReopenFold(RunState state) {
    this.state = state;
  }

  /** What goes on has its place among those at work before any that begins anew is let in. */
  void take(RunEvent.Reopened event) {
    List<TaskId> anew = new ArrayList<>();
    for (TaskId id : event.tasks()) {
      Task task = state.require(id);
      if (task.isOpen()) {
        state.change(id, ReopenFold::waitAgain);
        state.noteStirred(id);
      } else if (isAccepted(task)) {
        state.change(id, this::mergeAfterAll);
      } else {
        anew.add(id);
      }
    }
    anew.forEach(id -> beginAnew(state.change(id)));
  }

  /** Where its workers had been about to make its output, they count as another attempt now. */
  private static void waitAgain(Task task) {
    moveBack(task, TaskState.RETRYING);
    task.deal().attemptsBefore = task.attempt;
    task.deal().granted = 0;
  }

  private static boolean isAccepted(Task task) {
    return task.phase == Phase.INTEGRATE
        && (!task.isApproval() || task.evidence == Evidence.PERSON);
  }

  private void mergeAfterAll(Task task) {
    moveBack(task, TaskState.VERIFIED);
    task.released = true;
    state.lineUp(task);
  }

  private static void moveBack(Task task, TaskState to) {
    task.state = to;
    task.reason = Reason.RETRY;
    task.detail = null;
    task.endedAt = null;
  }

  private void beginAnew(Task task) {
    ReworkFold.renew(task);
    if (task.isFree()) {
      state.noteFreed(task);
    }
  }
}
