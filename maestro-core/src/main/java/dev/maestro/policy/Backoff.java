package dev.maestro.policy;

import dev.maestro.task.TimeBound;
import java.time.Duration;
import java.util.Objects;

/**
 * How long to wait before an attempt is followed by another.
 *
 * @param initial before the second attempt
 * @param factor by which each further wait is longer; at least 1
 * @param longest no wait is longer than this, but for the jitter; at most {@link TimeBound#LONGEST}
 * @param jitter the share of a wait that is drawn at random, half of it to either side; 0 to 1
 */
public record Backoff(Duration initial, double factor, Duration longest, double jitter) {

  /** No wait at all. */
  public static final Backoff NONE = new Backoff(Duration.ZERO, 1, Duration.ZERO, 0);

  /** A second, doubled each time up to a minute, with a fifth of it drawn at random. */
  public static final Backoff DEFAULT =
      new Backoff(Duration.ofSeconds(1), 2, Duration.ofMinutes(1), 0.2);

  /** Check the numbers. */
  public Backoff {
    Objects.requireNonNull(initial, "initial");
    Objects.requireNonNull(longest, "longest");
    if (initial.isNegative()
        || longest.compareTo(initial) < 0
        || longest.compareTo(TimeBound.LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a back-off needs 0 <= initial <= longest <= 3660 days, not "
              + initial
              + " and "
              + longest);
    }
    if (!(factor >= 1 && factor <= 100) || !(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException(
          "a back-off needs a factor of 1 to 100 and a jitter of 0 to 1, not "
              + factor
              + " and "
              + jitter);
    }
  }

  /** {@return the same wait every time} */
  public static Backoff fixed(Duration wait) {
    return new Backoff(wait, 1, wait, 0);
  }

  /**
   * {@return the wait after so many failed attempts}
   *
   * @param failures at least 1
   * @param draw a random number from 0 (inclusive) to 1 (exclusive); 0.5 gives the middle of the
   *     jitter
   */
  public Duration after(int failures, double draw) {
    double millis =
        Math.min(initial.toMillis() * Math.pow(factor, failures - 1.0), longest.toMillis());
    double spread = jitter * (draw - 0.5);
    return Duration.ofMillis(Math.round(millis * (1 + spread)));
  }
}
