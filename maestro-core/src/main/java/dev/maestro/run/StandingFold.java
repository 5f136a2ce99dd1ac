package dev.maestro.run;

import dev.maestro.gate.Receipt;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;

/**
 * What a run's events say of where its workspaces stand, whatever those say themselves.
 *
 * <p>A checkpoint is accepted before the event is recorded that says so, and a crash may come
 * between. So the one that is being checked may be accepted already; it never is when its gates did
 * not pass.
 */
final class StandingFold {

  private final RunState state;

  StandingFold(RunState state) {
    this.state = state;
  }

  /** Work begins on what the workspace stands on. */
  void begin(TaskId id, String head) {
    Task holder = state.change(state.holder(id));
    if (holder.dealings.standsOn == null
        && state.header.began == null
        && state.bases(id).isEmpty()) {
      state.header.began = head;
    }
    stand(holder, head);
  }

  /** Who checks again what was being checked may come to another end than the first time. */
  void take(RunEvent.Dispatched event) {
    if (event.phase() == Phase.VERIFY
        && state.require(event.task()).dealings.checkpointed != null) {
      state.change(state.holder(event.task())).deal().checkCutOff = true;
    }
  }

  void take(RunEvent.Checkpointed event) {
    begin(event.task(), event.start().id());
    state.change(state.holder(event.task())).deal().mayStandOn = event.checkpoint().id();
  }

  void take(RunEvent.Verified event) {
    Task holder = state.change(state.holder(event.task()));
    boolean verified =
        event.moves().stream()
            .anyMatch(move -> move.task().equals(event.task()) && move.to() == TaskState.VERIFIED);
    if (event.trouble() != null && !passed(event) && !holder.dealings.checkCutOff) {
      holder.deal().mayStandOn = null;
    } else if (verified && event.checkpoint() != null) {
      stand(holder, event.checkpoint().id());
    }
  }

  /** Something may have failed behind the gates, such as accepting it when that was half done. */
  private boolean passed(RunEvent.Verified event) {
    return event.receipts().size() == state.require(event.task()).step.gates().size()
        && event.receipts().stream().allMatch(Receipt::passed);
  }

  /** What somebody has looked at is accepted now. */
  void take(RunEvent.Integrated event) {
    Task task = state.require(event.task());
    Task holder = state.change(state.holder(event.task()));
    if (event.trouble() == null
        && task.dealings.reviewed
        && task.checkpoint != null
        && task.checkpoint.id().equals(holder.dealings.mayStandOn)) {
      stand(holder, task.checkpoint.id());
    }
  }

  private static void stand(Task holder, String head) {
    holder.deal().standsOn = head;
    holder.deal().mayStandOn = null;
    holder.deal().checkCutOff = false;
  }
}
