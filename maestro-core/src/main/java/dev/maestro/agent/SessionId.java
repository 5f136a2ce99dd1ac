package dev.maestro.agent;

import java.util.Objects;

/**
 * A provider's own name for a conversation.
 *
 * @param value whatever the provider says; not blank
 */
public record SessionId(String value) {

  /** Check the name. */
  public SessionId {
    if (Objects.requireNonNull(value, "value").isBlank()) {
      throw new IllegalArgumentException("a session needs a name");
    }
  }

  /** {@return the session with this name} */
  public static SessionId of(String value) {
    return new SessionId(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
