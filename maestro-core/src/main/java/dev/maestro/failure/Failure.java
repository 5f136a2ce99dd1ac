package dev.maestro.failure;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An expected failure, as a value.
 *
 * @param errorClass what kind it is
 * @param message what went wrong, with no secret in it
 * @param until when it is known to be over, if that is known
 */
public record Failure(ErrorClass errorClass, String message, @Nullable Instant until) {

  /** Check that nothing required is missing. */
  public Failure {
    Objects.requireNonNull(errorClass, "errorClass");
    Objects.requireNonNull(message, "message");
  }

  /** {@return a failure with no known end} */
  public static Failure of(ErrorClass errorClass, String message) {
    return new Failure(errorClass, message, null);
  }

  /** {@return when it is over, where that is known} */
  public Optional<Instant> knownEnd() {
    return Optional.ofNullable(until);
  }
}
