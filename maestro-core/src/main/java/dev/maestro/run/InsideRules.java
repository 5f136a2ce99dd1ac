package dev.maestro.run;

import dev.maestro.pipeline.Action;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.util.List;
import java.util.Optional;

/**
 * Tasks that have others inside: how they open, and how they end with what is in them.
 *
 * <p>Such a task acts twice. The first time it finds out what goes in, and opens; then it holds no
 * slot, and what is inside runs. The second time, when all of that is at rest, it makes its output
 * from theirs; where nothing has to be fetched for that, the rules do it themselves.
 */
final class InsideRules {

  private final Draft draft;
  private final RunState state;
  private final FailureRules failures;

  InsideRules(Draft draft, FailureRules failures) {
    this.draft = draft;
    this.state = draft.state;
    this.failures = failures;
  }

  private EachRules eachRules() {
    return new EachRules(draft);
  }

  // ------------------------------------------------------------------ the beginning

  /** {@return why such a result is none of this task's, if so} */
  Optional<Decision.Refused> fits(Task task, ActResult result) {
    boolean opens = task.isContainer() && task.inside == null;
    if (result instanceof ActResult.Opened && !opens) {
      return Refusal.notAllowed("task " + task.id + " has nothing to open");
    } else if (result instanceof ActResult.Done && opens) {
      return Refusal.notAllowed("task " + task.id + " has to open first");
    }
    return Optional.empty();
  }

  Optional<Decision.Refused> open(RunInput.ActEnded i, ActResult.Opened opened) {
    return draft.emit(
        new RunEvent.Opened(draft.at, i.task(), i.attempt(), opened.inputs(), opened.elements()));
  }

  // ------------------------------------------------------------------ the end

  /** Look at a task in which something has come to rest. */
  void settle(TaskId id) {
    Task task = state.require(id);
    Inside inside = task.inside;
    if (inside == null || !task.waitsForInside()) {
      return;
    }
    Optional<Action.ForEach> each = task.step.each();
    each.ifPresent(over -> eachRules().cancelIfDecided(task, over));
    Task now = state.require(id);
    if (RunState.requireOpen(now).live() == 0) {
      each.ifPresentOrElse(over -> endEach(now, over), () -> end(now));
    }
  }

  private void endEach(Task task, Action.ForEach each) {
    Inside inside = RunState.requireOpen(task);
    if (EachRules.isCutOff(each, inside)) {
      cancel(task);
    } else if (EachRules.isHopeless(each, inside)) {
      fail(task, Trouble.of(Reason.DEPENDENCY_FAILED, eachRules().whyHopeless(task, each)));
    } else {
      gather(task);
    }
  }

  private void end(Task task) {
    Inside inside = RunState.requireOpen(task);
    if (inside.failed() > 0) {
      fail(task, Trouble.of(Reason.DEPENDENCY_FAILED, whatFailed(inside)));
    } else if (inside.cancelled() > 0) {
      cancel(task);
    } else {
      gather(task);
    }
  }

  private void cancel(Task task) {
    draft.emitMove(task.id, TaskState.CANCELLED, Reason.CANCELLED, null);
  }

  private String whatFailed(Inside inside) {
    return inside.children().stream()
        .map(state::require)
        .filter(Task::hasFailedForGood)
        .findFirst()
        .map(child -> "task " + child.id + " failed")
        .orElse("a task failed");
  }

  private void fail(Task task, Trouble trouble) {
    draft.emitMove(task.id, TaskState.FAILED, trouble.reason(), trouble.message());
    failures.blockBehind(task.id);
  }

  private void gather(Task task) {
    Optional<Optional<Value>> output = state.gathered(task.id).asItIs();
    if (output.isEmpty()) {
      draft.release(List.of(task.id), false);
      return;
    }
    Value value = output.get().orElse(null);
    Trouble trouble = Outputs.check(state, task, value);
    if (trouble != null) {
      fail(task, trouble);
      return;
    }
    draft.emit(
        new RunEvent.Acted(
            draft.at,
            task.id,
            task.attempt,
            value,
            Usage.NONE,
            null,
            null,
            List.of(
                draft.move(task.id, TaskState.TESTING, Reason.SUCCEEDED),
                new Move(
                    task.id, TaskState.TESTING, TaskState.VERIFIED, Reason.NO_GATES, null, null),
                completion(task))));
  }

  /**
   * {@return the move to the end of a task that has done its work, and what is to be said of it}
   */
  Move completion(Task task) {
    String remark = task.step.each().isEmpty() ? "" : eachRules().remark(task);
    return remark.isEmpty()
        ? Draft.completion(task.id, Reason.SUCCEEDED)
        : new Move(
            task.id, TaskState.VERIFIED, TaskState.COMPLETED, Reason.SUCCEEDED, remark, null);
  }
}
