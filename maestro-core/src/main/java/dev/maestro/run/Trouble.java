package dev.maestro.run;

import dev.maestro.failure.ErrorClass;
import dev.maestro.task.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why an attempt failed, with everything the next one should be told.
 *
 * @param reason the code
 * @param errorClass what kind of error, or null when it was no error but a failed check
 * @param message one sentence
 * @param excerpt the end of what was printed; may be empty
 * @param until before when trying again is known to be useless, or null
 */
public record Trouble(
    Reason reason,
    @Nullable ErrorClass errorClass,
    String message,
    String excerpt,
    @Nullable Instant until) {

  /** No quota is away for longer, and none that is said to be is believed. */
  public static final Duration LONGEST = Duration.ofDays(366);

  /** Check that nothing required is missing. */
  public Trouble {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(excerpt, "excerpt");
  }

  /** {@return trouble that is no error} */
  public static Trouble of(Reason reason, String message) {
    return new Trouble(reason, null, message, "", null);
  }

  /** {@return whether a quota is used up that comes back, so that the task waits for it} */
  public boolean isTurnedAway(Instant now) {
    return reason.equals(Reason.QUOTA_EXHAUSTED) && waitsUntil(now).isPresent();
  }

  /**
   * {@return when trying again can help, if that is still to come} A moment more than {@link
   * #LONGEST} away is a mistake of who names it, and nobody waits for it.
   */
  public Optional<Instant> waitsUntil(Instant now) {
    return Optional.ofNullable(until)
        .filter(moment -> moment.isAfter(now) && !moment.isAfter(now.plus(LONGEST)));
  }

  /** {@return whether a further attempt can help} */
  public boolean isRetryable() {
    return errorClass == null || errorClass.isRetryable();
  }
}
