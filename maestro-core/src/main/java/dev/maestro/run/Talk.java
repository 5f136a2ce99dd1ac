package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.run.RunEvent.ConversationKept;
import dev.maestro.run.RunEvent.HandedOff;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The conversation that belongs to a task.
 *
 * @param session its name
 * @param provider whose it is: no other knows it
 * @param kept what the store has of it, or null when only its provider has it
 * @param handedOff how it came to its end, or null while a launch can go on with it
 */
public record Talk(
    SessionId session,
    String provider,
    @Nullable ConversationKept kept,
    @Nullable HandedOff handedOff) {

  /** Check that nothing required is missing. */
  public Talk {
    Objects.requireNonNull(session, "session");
    Objects.requireNonNull(provider, "provider");
  }

  /** {@return its name, for a launch of this provider; empty when that has to begin another} */
  public Optional<SessionId> goesOnWith(String other) {
    return handedOff == null && provider.equals(other) ? Optional.of(session) : Optional.empty();
  }

  /** {@return what the store has of it, if it has} */
  public Optional<ConversationKept> inStore() {
    return Optional.ofNullable(kept);
  }

  /** {@return how it came to its end, if it has} */
  public Optional<HandedOff> end() {
    return Optional.ofNullable(handedOff);
  }
}
