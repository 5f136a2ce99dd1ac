package dev.maestro.task;

import static dev.maestro.task.TaskState.*;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** The one table of moves a task can make; everything that is not in it is refused. */
public final class Transitions {

  private static final Map<TaskState, Set<TaskState>> TABLE = table();

  private Transitions() {}

  private static Map<TaskState, Set<TaskState>> table() {
    Map<TaskState, Set<TaskState>> table = new EnumMap<>(TaskState.class);
    from(table, PENDING, PLANNING, AWAITING_APPROVAL, RUNNING, BLOCKED, SKIPPED, PAUSED, CANCELLED);
    from(
        table,
        PLANNING,
        AWAITING_APPROVAL,
        RUNNING,
        PENDING,
        PAUSED,
        BLOCKED,
        FAILED,
        INTERRUPTED,
        CANCELLED);
    from(
        table,
        AWAITING_APPROVAL,
        PLANNING,
        RUNNING,
        RETRYING,
        TESTING,
        VERIFIED,
        PENDING,
        FAILED,
        CANCELLED);
    from(
        table,
        RUNNING,
        TESTING,
        AWAITING_APPROVAL,
        PAUSED,
        BLOCKED,
        FAILED,
        INTERRUPTED,
        CANCELLED);
    from(
        table,
        TESTING,
        READY_FOR_REVIEW,
        VERIFIED,
        AWAITING_APPROVAL,
        PAUSED,
        FAILED,
        INTERRUPTED,
        CANCELLED);
    from(table, READY_FOR_REVIEW, VERIFIED, RETRYING, FAILED, CANCELLED);
    from(
        table,
        VERIFIED,
        COMPLETED,
        AWAITING_APPROVAL,
        PAUSED,
        BLOCKED,
        INTERRUPTED,
        FAILED,
        CANCELLED);
    from(table, FAILED, RETRYING, AWAITING_APPROVAL, PENDING, CANCELLED);
    from(
        table,
        RETRYING,
        TESTING,
        AWAITING_APPROVAL,
        PAUSED,
        BLOCKED,
        FAILED,
        INTERRUPTED,
        CANCELLED);
    from(
        table,
        PAUSED,
        PENDING,
        PLANNING,
        RUNNING,
        RETRYING,
        TESTING,
        VERIFIED,
        FAILED,
        INTERRUPTED,
        CANCELLED);
    from(table, BLOCKED, PENDING, RUNNING, RETRYING, VERIFIED, SKIPPED, FAILED, CANCELLED);
    from(
        table,
        INTERRUPTED,
        PENDING,
        PLANNING,
        AWAITING_APPROVAL,
        RUNNING,
        RETRYING,
        TESTING,
        VERIFIED,
        FAILED,
        CANCELLED);
    from(table, COMPLETED);
    from(table, SKIPPED);
    from(table, CANCELLED);
    return Collections.unmodifiableMap(table);
  }

  private static void from(Map<TaskState, Set<TaskState>> table, TaskState from, TaskState... to) {
    Set<TaskState> targets = EnumSet.noneOf(TaskState.class);
    Collections.addAll(targets, to);
    table.put(from, Collections.unmodifiableSet(targets));
  }

  /** {@return the states a task can move to from this one} */
  public static Set<TaskState> from(TaskState state) {
    return TABLE.getOrDefault(state, Set.of());
  }

  /** {@return whether the table has this move} */
  public static boolean allows(TaskState from, TaskState to) {
    return from(from).contains(to);
  }

  /** {@return the table as a Mermaid state diagram, as the documentation shows it} */
  public static String mermaid() {
    StringBuilder diagram = new StringBuilder("stateDiagram-v2\n    [*] --> PENDING\n");
    for (TaskState from : TaskState.values()) {
      for (TaskState to : from(from)) {
        diagram.append("    ").append(from).append(" --> ").append(to).append('\n');
      }
      if (from.isFinal()) {
        diagram.append("    ").append(from).append(" --> [*]\n");
      }
    }
    return diagram.toString();
  }
}
