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
 * @param live how many of them can still be moved by something but the end of the run
 * @param failed how many of them have failed for good
 * @param done how many of them satisfy what waits for them
 * @param cancelled how many of them were cancelled
 */
record Inside(
    Map<String, Value> inputs,
    List<TaskId> children,
    int live,
    int failed,
    int done,
    int cancelled) {

  Inside {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    children = List.copyOf(children);
  }

  /** {@return that of a task that is opened, before anything in it is added} */
  static Inside opened(Map<String, Value> inputs, List<TaskId> children) {
    return new Inside(inputs, children, 0, 0, 0, 0);
  }

  Inside withMore(List<TaskId> more) {
    return new Inside(inputs, Fold.concat(children, more), live, failed, done, cancelled);
  }

  /** {@return the same after a change of how many children are in which condition} */
  Inside plus(Count change) {
    return new Inside(
        inputs,
        children,
        live + change.live,
        failed + change.failed,
        done + change.done,
        cancelled + change.cancelled);
  }

  /** How one task counts for what it is inside of, or how that changes. */
  record Count(int live, int failed, int done, int cancelled) {

    static final Count NONE = new Count(0, 0, 0, 0);

    static Count of(Task task) {
      return new Count(
          task.isLive() ? 1 : 0,
          task.hasFailedForGood() ? 1 : 0,
          task.satisfiesDependents() ? 1 : 0,
          task.state == TaskState.CANCELLED ? 1 : 0);
    }

    Count minus(Count other) {
      return new Count(
          live - other.live, failed - other.failed, done - other.done, cancelled - other.cancelled);
    }
  }
}
