package dev.maestro.task;

import java.time.Duration;

/**
 * How long anything may last that a pipeline or an application names: a time limit, a delay, a
 * question, a window, a lease. A moment that is so far from any other can still be said.
 */
public final class TimeBound {

  /** The longest, ten years: 3660 days. */
  public static final Duration LONGEST = Duration.ofDays(3_660);

  /** What {@link #allows} insists on, in words. */
  public static final String RULE = "must be longer than nothing and at most 3660 days";

  private TimeBound() {}

  /** {@return whether something may last so long} */
  public static boolean allows(Duration time) {
    return !time.isNegative() && !time.isZero() && time.compareTo(LONGEST) <= 0;
  }

  /**
   * {@return the time itself}
   *
   * @param what lasts so long, for the message
   * @throws IllegalArgumentException when it may not
   */
  public static Duration check(String what, Duration time) {
    if (!allows(time)) {
      throw new IllegalArgumentException(what + " " + RULE + ", not " + time);
    }
    return time;
  }
}
