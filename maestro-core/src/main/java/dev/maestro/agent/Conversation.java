package dev.maestro.agent;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All that was said between an agent and its model.
 *
 * @param session its name
 * @param model the full id of the model it was held with, or null where that is not known
 * @param messages in the order in which they were said
 */
public record Conversation(SessionId session, @Nullable String model, List<Message> messages) {

  /** Copy the list. */
  public Conversation {
    Objects.requireNonNull(session, "session");
    messages = List.copyOf(messages);
  }

  /**
   * One of its messages.
   *
   * @param role who said it, such as {@code user}, {@code assistant} or {@code tool}
   * @param content what was said: text, or whatever text the provider makes of it, such as JSON
   * @param at when it was said
   */
  public record Message(String role, String content, Instant at) {

    /** Check that nothing is missing. */
    public Message {
      Objects.requireNonNull(role, "role");
      Objects.requireNonNull(content, "content");
      Objects.requireNonNull(at, "at");
    }

    /** Leaves out what was said, which must not be logged. */
    @Override
    public String toString() {
      return "Message[" + role + ", " + content.length() + " characters, " + at + "]";
    }
  }

  /** Leaves out what was said, which must not be logged. */
  @Override
  public String toString() {
    return "Conversation[" + session + ", " + messages.size() + " messages]";
  }
}
