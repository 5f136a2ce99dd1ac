package dev.maestro.agent;

import dev.maestro.failure.Failure;
import dev.maestro.task.Usage;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came of a launch.
 *
 * @param text the agent's last words; empty when it said nothing
 * @param failure what went wrong, or null when the agent came to its end
 * @param usage what it used up, or null when that cannot be known
 * @param session the conversation, for resuming it, or null where there is none
 */
public record AgentReply(
    String text, @Nullable Failure failure, @Nullable Usage usage, @Nullable SessionId session) {

  /** Check that nothing required is missing. */
  public AgentReply {
    Objects.requireNonNull(text, "text");
  }

  /** {@return the agent came to its end and said this} */
  public static AgentReply completed(String text, Usage usage) {
    return new AgentReply(text, null, usage, null);
  }

  /** {@return it failed, having used this up} */
  public static AgentReply failed(Failure failure, Usage usage) {
    return new AgentReply("", failure, usage, null);
  }

  /** {@return the same reply in this session} */
  public AgentReply inSession(SessionId id) {
    return new AgentReply(text, failure, usage, id);
  }

  /** {@return whether the agent came to its end} */
  public boolean isCompleted() {
    return failure == null;
  }

  /** {@return what went wrong, if anything} */
  public Optional<Failure> problem() {
    return Optional.ofNullable(failure);
  }
}
