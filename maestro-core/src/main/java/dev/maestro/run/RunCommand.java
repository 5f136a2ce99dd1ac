package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.task.TaskId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something the engine has to do because of a decision.
 *
 * <p>Each compares itself: what a record has made for that at run time takes a start too long.
 */
public sealed interface RunCommand {

  /** {@return the task it is about} */
  TaskId task();

  /**
   * Let the agent, program or code do its work.
   *
   * @param task which
   * @param attempt the number of the attempt
   */
  record Act(TaskId task, int attempt) implements RunCommand {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Act that && attempt == that.attempt && task.equals(that.task);
    }

    @Override
    public int hashCode() {
      return 31 * task.hashCode() + attempt;
    }
  }

  /**
   * Check what was done.
   *
   * @param task which
   * @param attempt the number of the attempt
   */
  record Verify(TaskId task, int attempt) implements RunCommand {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Verify that && attempt == that.attempt && task.equals(that.task);
    }

    @Override
    public int hashCode() {
      return 31 * task.hashCode() + attempt;
    }
  }

  /**
   * Merge what was accepted.
   *
   * @param task which
   * @param attempt the number of the attempt
   */
  record Integrate(TaskId task, int attempt) implements RunCommand {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Integrate that && attempt == that.attempt && task.equals(that.task);
    }

    @Override
    public int hashCode() {
      return 31 * task.hashCode() + attempt;
    }
  }

  /**
   * Send {@link RunInput.TimeCame} then.
   *
   * @param task which waits
   * @param until when
   */
  record Wait(TaskId task, Instant until) implements RunCommand {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Wait that && until.equals(that.until) && task.equals(that.task);
    }

    @Override
    public int hashCode() {
      return 31 * task.hashCode() + until.hashCode();
    }
  }

  /**
   * Tell the application that a person is asked.
   *
   * @param question what
   */
  record Ask(Question question) implements RunCommand {
    @Override
    public TaskId task() {
      return question.task();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Ask that && question.equals(that.question);
    }

    @Override
    public int hashCode() {
      return question.hashCode();
    }
  }
}
