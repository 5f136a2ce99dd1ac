package dev.maestro.approval;

import dev.maestro.task.TaskId;
import java.time.Instant;
import java.util.Objects;

/**
 * A durable question to a person; it costs no thread while it waits.
 *
 * @param id names it inside its run
 * @param task the task that waits for the answer
 * @param kind why it is asked
 * @param text what is asked
 * @param askedAt since when it waits
 */
public record Question(QuestionId id, TaskId task, Kind kind, String text, Instant askedAt) {

  /** Why a question is asked. */
  public enum Kind {
    /** An approval step declares it. */
    APPROVAL,
    /** A crash has used up the task's last launch: may it be launched once more? */
    LAUNCH_AGAIN,
    /** A policy wants a person to decide whether the attempt may go on. */
    POLICY
  }

  /** Check that nothing is missing. */
  public Question {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(askedAt, "askedAt");
  }
}
