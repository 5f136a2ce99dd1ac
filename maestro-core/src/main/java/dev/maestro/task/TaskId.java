package dev.maestro.task;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The name of a task inside its run: a step's id, or {@code parent/child} for tasks a step added.
 *
 * @param value one or more segments with {@code /} between them
 */
public record TaskId(String value) implements Comparable<TaskId> {

  /** Check the name. */
  public TaskId {
    Objects.requireNonNull(value, "value");
    int from = 0;
    for (int slash = value.indexOf('/'); slash >= 0; slash = value.indexOf('/', from)) {
      Ids.requireSegment("task id", value.substring(from, slash));
      from = slash + 1;
    }
    Ids.requireSegment("task id", value.substring(from));
  }

  /** {@return the task id with this name} */
  public static TaskId of(String value) {
    return new TaskId(value);
  }

  /** {@return whether a step may carry this name} */
  public static boolean isValidStep(String value) {
    return Ids.isSegment(value);
  }

  /** {@return the id of a task that this one added} */
  public TaskId child(String segment) {
    return new TaskId(value + "/" + segment);
  }

  /** {@return the task that added this one, if one did} */
  public Optional<TaskId> parent() {
    int slash = value.lastIndexOf('/');
    return slash < 0 ? Optional.empty() : Optional.of(new TaskId(value.substring(0, slash)));
  }

  /** {@return the name with {@code /} written as {@code --}, fit for one path or branch segment} */
  public String flat() {
    return value.replace("/", "--");
  }

  @Override
  public int compareTo(TaskId other) {
    return value.compareTo(other.value);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TaskId that && value.equals(that.value);
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
