package dev.maestro.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The name of a run, chosen by the application; the key that makes starting it idempotent.
 *
 * @param value letters, digits, {@code .}, {@code _} and {@code -}; at most 100
 */
public record RunId(String value) implements Comparable<RunId> {

  /** Check the name. */
  public RunId {
    Ids.requireSegment("run id", Objects.requireNonNull(value, "value"));
  }

  /** {@return the run id with this name} */
  public static RunId of(String value) {
    return new RunId(value);
  }

  @Override
  public int compareTo(RunId other) {
    return value.compareTo(other.value);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RunId that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}
