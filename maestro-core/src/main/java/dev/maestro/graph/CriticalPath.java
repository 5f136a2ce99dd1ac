package dev.maestro.graph;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The chain of tasks that takes longest: what the work takes at least, however many work on it.
 *
 * @param tasks the chain, each task depending on the one before it
 * @param length the sum of their durations
 * @param <T> what identifies a task
 */
public record CriticalPath<T>(List<T> tasks, Duration length) {

  /** Copy the chain. */
  public CriticalPath {
    tasks = List.copyOf(tasks);
    Objects.requireNonNull(length, "length");
  }
}
