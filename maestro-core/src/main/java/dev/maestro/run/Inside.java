package dev.maestro.run;

import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What runs inside a task, once it is open: kept and counted, never looked through.
 *
 * @param inputs the values its tasks are given, by name
 * @param children the tasks that belong to it and to nothing inside it, in the order they were
 *     added
 * @param count how many of them are in which condition
 * @param letIn how many of them, from the first on, do not wait to be let in; among the others are
 *     those that are held, so that not too many are at work
 */
record Inside(Map<String, Value> inputs, List<TaskId> children, Count count, int letIn) {

  Inside {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    children = List.copyOf(children);
  }

  /** {@return that of a task that is opened, before anything in it is added} */
  static Inside opened(Map<String, Value> inputs, List<TaskId> children, int letIn) {
    return new Inside(inputs, children, Count.NONE, letIn);
  }

  Inside withMore(List<TaskId> more) {
    List<TaskId> all = Fold.concat(children, more);
    return new Inside(inputs, all, count, all.size());
  }

  /** {@return the same after a change of how many children are in which condition} */
  Inside plus(Count change) {
    return new Inside(inputs, children, count.plus(change), letIn);
  }

  Inside letIn(int first) {
    return new Inside(inputs, children, count, first);
  }

  int size() {
    return children.size();
  }

  /** {@return how many can still be moved by something but the end of the run} */
  int live() {
    return count.live;
  }

  int failed() {
    return count.failed;
  }

  int done() {
    return count.done;
  }

  int cancelled() {
    return count.cancelled;
  }

  /** {@return how many have been let in and have not come to their end} */
  int atWork() {
    return count.live - count.held;
  }

  /**
   * How one task counts for what it is inside of, or how that changes.
   *
   * @param live whether something but the end of the run can still move it
   * @param failed whether it has failed for good
   * @param done whether it satisfies what waits for it
   * @param cancelled whether it was cancelled
   * @param held whether it is live, and held until others have come to their end
   */
  record Count(int live, int failed, int done, int cancelled, int held) {

    static final Count NONE = new Count(0, 0, 0, 0, 0);

    static Count of(Task task) {
      return new Count(
          task.isLive() ? 1 : 0,
          task.hasFailedForGood() ? 1 : 0,
          task.satisfiesDependents() ? 1 : 0,
          task.state == TaskState.CANCELLED ? 1 : 0,
          task.isLive() && task.held ? 1 : 0);
    }

    Count plus(Count other) {
      return new Count(
          live + other.live,
          failed + other.failed,
          done + other.done,
          cancelled + other.cancelled,
          held + other.held);
    }

    Count minus(Count other) {
      return new Count(
          live - other.live,
          failed - other.failed,
          done - other.done,
          cancelled - other.cancelled,
          held - other.held);
    }
  }
}
