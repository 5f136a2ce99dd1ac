package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.task.TaskId;
import java.time.Instant;

/** Something the engine has to do because of a decision. */
public sealed interface RunCommand {

  /** {@return the task it is about} */
  TaskId task();

  /**
   * Let the agent, program or code do its work.
   *
   * @param task which
   * @param attempt the number of the attempt
   */
  record Act(TaskId task, int attempt) implements RunCommand {}

  /**
   * Check what was done.
   *
   * @param task which
   * @param attempt the number of the attempt
   */
  record Verify(TaskId task, int attempt) implements RunCommand {}

  /**
   * Merge what was accepted.
   *
   * @param task which
   * @param attempt the number of the attempt
   */
  record Integrate(TaskId task, int attempt) implements RunCommand {}

  /**
   * Send {@link RunInput.TimeCame} then.
   *
   * @param task which waits
   * @param until when
   */
  record Wait(TaskId task, Instant until) implements RunCommand {}

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
  }
}
