package dev.maestro.policy;

import dev.maestro.task.TimeBound;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
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
    if (launches < 1 || launches > MOST) {
      throw new IllegalArgumentException("a rate limit is 1 to " + MOST + " launches");
    }
    TimeBound.check("the period of a rate limit", period);
  }

  /** {@return until when no launch may begin; empty when one may at once} */
  public Optional<Instant> holdsUntil(List<Instant> begun, Instant now) {
    return holdsUntil(begun, List.of(), now);
  }

  /**
   * {@return until when a launch waits that comes behind others, so that not all who wait try at
   * the same moment; empty when it may begin at once}
   *
   * @param before until when those wait that come before it
   */
  public Optional<Instant> holdsUntil(
      List<Instant> begun, Collection<Instant> before, Instant now) {
    int believed = believed(begun, now);
    if (believed + before.size() < launches) {
      return Optional.empty();
    }
    List<Instant> all = new ArrayList<>(begun.subList(0, believed));
    Instant last = now.plus(period.multipliedBy(before.size() / launches + 1L));
    before.stream().filter(one -> !one.isAfter(last)).forEach(all::add);
    Collections.sort(all);
    if (all.size() < launches) {
      return Optional.empty();
    }
    Instant next = all.get(all.size() - launches).plus(period);
    return next.isAfter(now) ? Optional.of(next) : Optional.empty();
  }

  /**
   * {@return the moments that count, with this launch; oldest first}
   *
   * @param now when it begins; a clock that was set back counts as the newest moment seen, unless
   *     that lies further ahead than the period
   */
  public List<Instant> begun(List<Instant> begun, Instant now) {
    int size = believed(begun, now);
    Instant newest = size > 0 && begun.get(size - 1).isAfter(now) ? begun.get(size - 1) : now;
    Instant from = newest.minus(period);
    int first = Math.max(0, size - launches + 1);
    while (first < size && !begun.get(first).isAfter(from)) {
      first++;
    }
    List<Instant> recent = new ArrayList<>(size - first + 1);
    recent.addAll(begun.subList(first, size));
    recent.add(newest);
    return Collections.unmodifiableList(recent);
  }

  /** A clock that was years ahead for a moment must not close a provider for years. */
  private int believed(List<Instant> begun, Instant now) {
    Instant latest = now.plus(period);
    int size = begun.size();
    while (size > 0 && begun.get(size - 1).isAfter(latest)) {
      size--;
    }
    return size;
  }
}
