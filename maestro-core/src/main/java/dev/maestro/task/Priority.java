package dev.maestro.task;

import org.jspecify.annotations.Nullable;

/**
 * How urgent a task is: the lower number goes first.
 *
 * @param value 1 is high, 2 the default, 3 low; any other number is legal
 */
public record Priority(int value) implements Comparable<Priority> {

  /** What a task has that says nothing. */
  public static final Priority DEFAULT = new Priority(2);

  /** {@return the priority with this number} */
  public static Priority of(int value) {
    return value == DEFAULT.value ? DEFAULT : new Priority(value);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Priority that && value == that.value;
  }

  @Override
  public int hashCode() {
    return value;
  }

  @Override
  public int compareTo(Priority other) {
    return Integer.compare(value, other.value);
  }
}
