package dev.maestro.plan;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One task of a plan, as one line says it: {@code - [ ] T001: description | File: path}.
 *
 * <p>Whatever cannot be written as such a line and read back is refused.
 *
 * @param id {@code T} and three digits
 * @param description what to do; empty only when there is a file
 * @param filePath the file it is about, as written, or null
 * @param phase the heading it stands under, as written, or null
 */
public record PlannedTask(
    String id, String description, @Nullable String filePath, @Nullable String phase) {

  /** Check that the task can be written as a line. */
  public PlannedTask {
    Objects.requireNonNull(description, "description");
    if (!TaskLine.isId(id)) {
      throw new IllegalArgumentException("'" + id + "' is not T and three digits");
    }
    if (!TaskLine.canSay(description, filePath)) {
      throw new IllegalArgumentException(
          "task " + id + " cannot be written as one line: '" + description + "', " + filePath);
    }
    if (phase != null && !TaskLine.isPhase(phase)) {
      throw new IllegalArgumentException("'" + phase + "' cannot be a heading of level two");
    }
  }

  /** {@return the file it is about} */
  public Optional<String> file() {
    return Optional.ofNullable(filePath);
  }

  /** {@return the task as a line of a plan} */
  public String render() {
    return TaskLine.render(this);
  }

  PlannedTask in(@Nullable String newPhase) {
    return new PlannedTask(id, description, filePath, newPhase);
  }
}
