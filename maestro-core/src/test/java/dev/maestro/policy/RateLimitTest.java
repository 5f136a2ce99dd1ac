package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RateLimitTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void theEleventhCallInAWindowOfTenWaits() {
    RateLimit limit = new RateLimit(10, Duration.ofMinutes(1));
    List<Instant> begun = List.of();
    for (int i = 0; i < 10; i++) {
      assertThat(limit.holdsUntil(begun, START.plusSeconds(i))).isEmpty();
      begun = limit.begun(begun, START.plusSeconds(i));
    }
    assertThat(limit.holdsUntil(begun, START.plusSeconds(10))).contains(START.plusSeconds(60));
    assertThat(limit.holdsUntil(begun, START.plusSeconds(60))).isEmpty();
  }

  @Test
  void aClockThatWasYearsAheadClosesNothingForYears() {
    RateLimit limit = new RateLimit(2, Duration.ofMinutes(1));
    Instant ahead = Instant.parse("2099-01-01T00:00:00Z");
    List<Instant> begun = limit.begun(limit.begun(List.of(), ahead), ahead.plusSeconds(1));

    assertThat(limit.holdsUntil(begun, START)).isEmpty();

    begun = limit.begun(limit.begun(begun, START), START.plusSeconds(1));
    assertThat(begun).containsExactly(START, START.plusSeconds(1));
    assertThat(limit.holdsUntil(begun, START.plusSeconds(2))).contains(START.plusSeconds(60));
  }

  @Test
  void aClockThatWasSetBackByLessThanThePeriodHoldsNoLongerThanTwo() {
    RateLimit limit = new RateLimit(1, Duration.ofMinutes(1));
    List<Instant> begun = limit.begun(List.of(), START.plusSeconds(50));

    assertThat(limit.holdsUntil(begun, START)).contains(START.plusSeconds(110));
    assertThat(limit.begun(begun, START)).containsExactly(START.plusSeconds(50));
  }

  @Property(tries = 300)
  void noPeriodEverHasMore(
      @ForAll @IntRange(min = 1, max = 5) int launches,
      @ForAll @Size(max = 40) List<@IntRange(max = 20) Integer> pauses) {
    RateLimit limit = new RateLimit(launches, Duration.ofSeconds(30));
    List<Instant> seen = List.of();
    List<Instant> all = new ArrayList<>();
    Instant now = START;
    for (int pause : pauses) {
      now = now.plusSeconds(pause);
      if (limit.holdsUntil(seen, now).isEmpty()) {
        seen = limit.begun(seen, now);
        all.add(now);
      }
    }
    for (Instant from : all) {
      Instant to = from.plus(limit.period());
      assertThat(all.stream().filter(at -> !at.isBefore(from) && at.isBefore(to)).count())
          .isLessThanOrEqualTo(launches);
    }
  }
}
