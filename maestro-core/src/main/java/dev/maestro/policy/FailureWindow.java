package dev.maestro.policy;

import dev.maestro.failure.ErrorClass;
import dev.maestro.task.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Pauses everything when failures come too fast: so many within so long, or a single one that says
 * that nothing will go for a while.
 *
 * <p>The limits are those of the requirement M4-19. What was seen so far is a {@link Seen}, a value
 * that is stored; after a pause it begins anew with {@link #nothing()} when a person says so.
 *
 * @param failures how many pause; at least 1, 3 by default
 * @param within in how long; a minute by default
 */
public record FailureWindow(int failures, Duration within) {

  /** Three failures in a minute. */
  public static final FailureWindow DEFAULT = new FailureWindow(3, Duration.ofMinutes(1));

  /** Check the limits. */
  public FailureWindow {
    if (failures < 1 || within.isNegative() || within.isZero()) {
      throw new IllegalArgumentException(
          "a failure window needs at least 1 failure in a positive time, not "
              + failures
              + " in "
              + within);
    }
  }

  /** {@return a window without failures} */
  public Seen nothing() {
    return new Seen(List.of(), Optional.empty());
  }

  /**
   * {@return what has been seen after one more failure} A window that has closed stays closed.
   *
   * @param seen what had been seen before
   * @param at when it failed; a clock that was set back counts as the newest moment seen
   * @param what what kind of failure it was
   */
  public Seen after(Seen seen, Instant at, ErrorClass what) {
    if (seen.isPaused()) {
      return seen;
    }
    Instant now = seen.newest().filter(at::isBefore).orElse(at);
    List<Instant> recent = new ArrayList<>();
    for (Instant earlier : seen.recent) {
      if (earlier.isAfter(now.minus(within))) {
        recent.add(earlier);
      }
    }
    recent.add(now);
    return new Seen(recent, paused(recent.size(), what));
  }

  private Optional<Reason> paused(int recent, ErrorClass what) {
    return switch (what) {
      case QUOTA_EXHAUSTED -> Optional.of(Reason.QUOTA_EXHAUSTED);
      case RATE_LIMITED -> Optional.of(Reason.RATE_LIMITED);
      default -> recent >= failures ? Optional.of(Reason.CIRCUIT_OPEN) : Optional.empty();
    };
  }

  /**
   * What a window has seen.
   *
   * @param recent when the failures were that still count, oldest first
   * @param paused why nothing may start
   */
  public record Seen(List<Instant> recent, Optional<Reason> paused) {

    /** Check that nothing is missing. */
    public Seen {
      recent = List.copyOf(recent);
      Objects.requireNonNull(paused, "paused");
    }

    /** {@return whether nothing may start} */
    public boolean isPaused() {
      return paused.isPresent();
    }

    private Optional<Instant> newest() {
      return recent.isEmpty() ? Optional.empty() : Optional.of(recent.get(recent.size() - 1));
    }
  }
}
