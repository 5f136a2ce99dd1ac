package dev.maestro.task;

import java.util.Objects;

/**
 * One try of a task.
 *
 * @param key the run
 * @param task the task
 * @param number 1 for the first try
 */
public record AttemptId(RunKey key, TaskId task, int number) {

  /** Check that nothing is missing. */
  public AttemptId {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(task, "task");
    if (number < 1) {
      throw new IllegalArgumentException("attempts are counted from 1, not " + number);
    }
  }

  @Override
  public String toString() {
    return key + "/" + task + "#" + number;
  }
}
