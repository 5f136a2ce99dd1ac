package dev.maestro.run;

import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One transition of one task.
 *
 * @param task which
 * @param from where it was
 * @param to where it is
 * @param reason why
 * @param detail more about why, for people, or null
 * @param until when it goes on by itself, or null when it does not
 */
public record Move(
    TaskId task,
    TaskState from,
    TaskState to,
    Reason reason,
    @Nullable String detail,
    @Nullable Instant until) {

  /** Check that nothing required is missing. */
  public Move {
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(reason, "reason");
  }
}
