package dev.maestro.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * So many launches in any period, and no more (the requirement M1-20).
 *
 * @param launches how many; 1 to {@value #MOST}
 * @param period in how long
 */
public record RateLimit(int launches, Duration period) {

  /** The moments of so many launches are remembered. */
  public static final int MOST = 1_000;

  /** Check the numbers. */
  public RateLimit {
    Objects.requireNonNull(period, "period");
    if (launches < 1 || launches > MOST || period.isNegative() || period.isZero()) {
      throw new IllegalArgumentException(
          "a rate limit needs 1 to " + MOST + " launches in a positive time");
    }
  }

  /** {@return until when no launch may begin; empty when one may at once} */
  public Optional<Instant> holdsUntil(List<Instant> begun, Instant now) {
    List<Instant> recent = recent(begun, now);
    return recent.size() < launches
        ? Optional.empty()
        : Optional.of(recent.get(recent.size() - launches).plus(period));
  }

  /** {@return the moments that still count, with this launch; oldest first} */
  public List<Instant> begun(List<Instant> begun, Instant now) {
    List<Instant> recent = new ArrayList<>(recent(begun, now));
    recent.add(now);
    return List.copyOf(recent);
  }

  private List<Instant> recent(List<Instant> begun, Instant now) {
    Instant from = now.minus(period);
    return begun.stream().filter(at -> at.isAfter(from)).toList();
  }
}
