package dev.maestro.agent;

import dev.maestro.failure.Failure;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.task.Usage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Something an agent did while it worked. */
public sealed interface AgentEvent {

  /**
   * It has been started and has not got its prompt yet.
   *
   * @param process what was started, or null when it is no process of this machine
   */
  record Launched(@Nullable ProcessIdentity process) implements AgentEvent {}

  /**
   * Its conversation has a name.
   *
   * @param session for resuming it
   */
  record SessionStarted(SessionId session) implements AgentEvent {}

  /**
   * It said something.
   *
   * @param text a piece of its answer
   */
  record Text(String text) implements AgentEvent {}

  /**
   * It thought something.
   *
   * @param text a piece of its thinking
   */
  record Thinking(String text) implements AgentEvent {}

  /**
   * It began to use a tool.
   *
   * @param id the provider's name for this use
   * @param tool the tool's name
   * @param input what it handed to the tool, as JSON text
   */
  record ToolUse(String id, String tool, String input) implements AgentEvent {}

  /**
   * A tool answered.
   *
   * @param id the provider's name for this use
   * @param ok whether the tool succeeded
   * @param output what the tool said
   */
  record ToolResult(String id, boolean ok, String output) implements AgentEvent {}

  /**
   * It told what it has used up so far in this launch.
   *
   * @param total since the launch
   */
  record UsageReported(Usage total) implements AgentEvent {}

  /**
   * It told how full its conversation is.
   *
   * @param used how many tokens the latest call of the model has taken up of its context
   * @param window how many fit in all, or null where the provider does not tell
   */
  record ContextFilled(long used, @Nullable Long window) implements AgentEvent {

    /** Check the numbers. */
    public ContextFilled {
      if (used < 0 || window != null && window <= 0) {
        throw new IllegalArgumentException(
            "a context is not filled with " + used + " tokens of " + window);
      }
    }
  }

  /**
   * It has to wait for the model.
   *
   * @param until when it goes on, where that is known
   */
  record RateLimited(@Nullable Instant until) implements AgentEvent {}

  /**
   * It came to its end.
   *
   * @param text its last words
   */
  record Completed(String text) implements AgentEvent {}

  /**
   * It failed.
   *
   * @param failure what went wrong
   */
  record Failed(Failure failure) implements AgentEvent {}
}
