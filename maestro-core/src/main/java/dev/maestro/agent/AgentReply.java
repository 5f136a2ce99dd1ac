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

  /** {@return the agent came to its end and said this, having used this up, if that is known} */
  public static AgentReply completed(String text, @Nullable Usage usage) {
    return new AgentReply(text, null, usage, null);
  }

  /** {@return it failed, having used this up, if that is known} */
  public static AgentReply failed(Failure failure, @Nullable Usage usage) {
    return new AgentReply("", failure, usage, null);
  }

  /** {@return the same reply, ending with these words} */
  public AgentReply saying(String words) {
    return new AgentReply(words, failure, usage, session);
  }

  /** {@return the same reply in this session, or in none} */
  public AgentReply inSession(@Nullable SessionId id) {
    return new AgentReply(text, failure, usage, id);
  }

  /** {@return what it used up, where that is known} */
  public Optional<Usage> knownUsage() {
    return Optional.ofNullable(usage);
  }

  /** {@return the conversation, where there is one} */
  public Optional<SessionId> knownSession() {
    return Optional.ofNullable(session);
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
