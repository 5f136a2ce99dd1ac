package dev.maestro.approval;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Names a question inside its run.
 *
 * @param value such as {@code release.1}: the task and a count
 */
public record QuestionId(String value) {

  /** Check the name. */
  public QuestionId {
    if (Objects.requireNonNull(value, "value").isBlank()) {
      throw new IllegalArgumentException("a question needs a name");
    }
  }

  /** {@return the question id with this name} */
  public static QuestionId of(String value) {
    return new QuestionId(value);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof QuestionId that && value.equals(that.value);
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
