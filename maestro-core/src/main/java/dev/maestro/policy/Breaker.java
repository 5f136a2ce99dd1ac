package dev.maestro.policy;

import dev.maestro.failure.ErrorClass;
import dev.maestro.task.TimeBound;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps tasks from a provider that fails again and again.
 *
 * <p>It is closed at first and looks at the newest calls. When enough of them are there and too
 * many failed, it opens, and nothing is launched for a while. Then it is half open: a few launches
 * may try, and how they end decides whether it closes or opens again. What it has seen is a {@link
 * Seen}, a value that is stored.
 *
 * <p>Only what says something about the provider counts as failure: timeouts, transient and
 * permanent errors. Being told to wait, cancelled, refused, or not signed in does not.
 *
 * @param window how many of the newest calls are looked at; at least 1, 10 by default
 * @param least with fewer calls than this it stays closed; 1 to {@code window}, 5 by default
 * @param failures the share of failed calls from which on it opens; above 0 to 1, 0.5 by default
 * @param open for how long nothing is launched then; 1 minute by default
 * @param trials how many launches may try when that is over; at least 1, 1 by default
 */
public record Breaker(int window, int least, double failures, Duration open, int trials) {

  /** Half of the last ten calls, and at least five; a minute; one trial. */
  public static final Breaker DEFAULT = new Breaker(10, 5, 0.5, Duration.ofMinutes(1), 1);

  /** A trial tells sooner than the time that it is open for may be over. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  /** Check the numbers. */
  public Breaker {
    Objects.requireNonNull(open, "open");
    boolean counts = window >= 1 && least >= 1 && least <= window && trials >= 1;
    if (!counts || !(failures > 0 && failures <= 1)) {
      throw new IllegalArgumentException(
          "a breaker needs 1 <= least <= window, trials, and a share above 0 to 1");
    }
    TimeBound.check("the time that a breaker is open", open);
  }

  /** Where a breaker stands. */
  public enum State {
    /** Everything may be launched. */
    CLOSED,
    /** Nothing may be launched. */
    OPEN,
    /** A few launches may try. */
    HALF_OPEN
  }

  /**
   * What a breaker has seen.
   *
   * @param calls how the newest calls ended, {@code x} for failed and {@code o} for not, the newest
   *     last
   * @param openUntil when it is half open, or null while it is closed
   * @param trying how many trials are under way
   */
  public record Seen(String calls, @Nullable Instant openUntil, int trying) {

    /** Nothing yet. */
    public static final Seen NOTHING = new Seen("", null, 0);

    /** {@return whether one more call that does not fail would change nothing} */
    private boolean isAllWell(int window) {
      return openUntil == null && trying == 0 && calls.length() == window && failed() == 0;
    }

    /** {@return how many of the newest calls failed} */
    public int failed() {
      int failed = 0;
      for (int i = 0; i < calls.length(); i++) {
        failed += calls.charAt(i) == 'x' ? 1 : 0;
      }
      return failed;
    }
  }

  /**
   * {@return where it stands}
   *
   * @param now what the clock says; where it was set back so far that it would stay open for longer
   *     than it ever does, a trial tells
   */
  public State state(Seen seen, Instant now) {
    if (seen.openUntil == null) {
      return State.CLOSED;
    }
    boolean waits = now.isBefore(seen.openUntil) && !seen.openUntil.isAfter(now.plus(open));
    return waits ? State.OPEN : State.HALF_OPEN;
  }

  /** {@return until when nothing may be launched; empty when a launch may go on} */
  public Optional<Instant> holdsUntil(Seen seen, Instant now) {
    return switch (state(seen, now)) {
      case CLOSED -> Optional.empty();
      case OPEN -> Optional.ofNullable(seen.openUntil);
      // a trial is under way, and tells soon
      case HALF_OPEN ->
          seen.trying < trials
              ? Optional.empty()
              : Optional.of(now.plus(open.compareTo(LOOK_AGAIN) < 0 ? open : LOOK_AGAIN));
    };
  }

  /** {@return what has been seen when a launch begins that it let pass} */
  public Seen begun(Seen seen, Instant now) {
    return state(seen, now) == State.HALF_OPEN
        ? new Seen(seen.calls, seen.openUntil, seen.trying + 1)
        : seen;
  }

  /**
   * {@return what has been seen when a launch has ended}
   *
   * @param error what it failed with, or null when it did not
   */
  public Seen ended(Seen seen, Instant now, @Nullable ErrorClass error) {
    if (error != null && !counts(error)) {
      return new Seen(seen.calls, seen.openUntil, Math.max(0, seen.trying - 1));
    }
    boolean failed = error != null;
    if (state(seen, now) == State.HALF_OPEN) {
      return failed ? new Seen(seen.calls, now.plus(open), 0) : Seen.NOTHING;
    }
    if (!failed && seen.isAllWell(window)) {
      return seen;
    }
    Seen next = new Seen(newest(seen.calls, failed ? "x" : "o"), seen.openUntil, 0);
    int looked = next.calls.length();
    boolean opens = next.openUntil == null && looked >= least && next.failed() >= failures * looked;
    return opens ? new Seen(next.calls, now.plus(open), 0) : next;
  }

  private String newest(String calls, String call) {
    int forgotten = Math.max(0, calls.length() + 1 - window);
    return calls.substring(forgotten).concat(call);
  }

  private static boolean counts(ErrorClass error) {
    return error == ErrorClass.TRANSIENT
        || error == ErrorClass.PERMANENT
        || error == ErrorClass.TIMEOUT;
  }
}
