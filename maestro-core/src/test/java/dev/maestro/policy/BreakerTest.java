package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class BreakerTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Breaker BREAKER = Breaker.DEFAULT;

  /** What it has seen after calls a second apart, {@code x} for failed and {@code o} for not. */
  private static Breaker.Seen after(String calls) {
    Breaker.Seen seen = Breaker.Seen.NOTHING;
    for (int i = 0; i < calls.length(); i++) {
      Instant now = START.plusSeconds(i);
      ErrorClass error = calls.charAt(i) == 'x' ? ErrorClass.TRANSIENT : null;
      seen = BREAKER.ended(BREAKER.begun(seen, now), now, error);
    }
    return seen;
  }

  @Test
  void opensWhenHalfOfTheNewestCallsFailed() {
    assertThat(BREAKER.holdsUntil(after("xoxox"), START.plusSeconds(4)))
        .contains(START.plusSeconds(64));
    assertThat(BREAKER.holdsUntil(after("xoxoo"), START.plusSeconds(4))).isEmpty();
  }

  @Test
  void fewCallsSayNothing() {
    assertThat(BREAKER.holdsUntil(after("xxxx"), START.plusSeconds(3))).isEmpty();
  }

  @Test
  void letsOneTryWhenItsTimeIsOver() {
    Instant later = START.plusSeconds(64);
    Breaker.Seen seen = after("xxxxx");

    assertThat(BREAKER.state(seen, later)).isEqualTo(Breaker.State.HALF_OPEN);
    assertThat(BREAKER.holdsUntil(seen, later)).isEmpty();
    assertThat(BREAKER.holdsUntil(BREAKER.begun(seen, later), later)).isPresent();
  }

  @Test
  void aClockThatWasYearsAheadKeepsNothingOpenForYears() {
    Breaker.Seen seen = new Breaker.Seen("xxxxx", Instant.parse("2099-01-01T00:00:00Z"), 0);

    assertThat(BREAKER.holdsUntil(seen, START)).isEmpty();
    Breaker.Seen tried = BREAKER.ended(BREAKER.begun(seen, START), START, ErrorClass.TIMEOUT);
    assertThat(BREAKER.holdsUntil(tried, START)).contains(START.plus(Duration.ofMinutes(1)));
  }

  @Test
  void whoWaitsForATrialLooksAgainSoon() {
    Breaker hour = new Breaker(1, 1, 1, Duration.ofHours(1), 1);
    Breaker.Seen open = hour.ended(Breaker.Seen.NOTHING, START, ErrorClass.TIMEOUT);
    Instant later = START.plus(Duration.ofHours(1));

    assertThat(hour.holdsUntil(hour.begun(open, later), later))
        .contains(later.plus(Duration.ofMinutes(1)));
  }

  @Test
  void howATrialEndsDecides() {
    Instant later = START.plusSeconds(64);
    Breaker.Seen trying = BREAKER.begun(after("xxxxx"), later);

    assertThat(BREAKER.ended(trying, later, null)).isEqualTo(Breaker.Seen.NOTHING);
    assertThat(BREAKER.holdsUntil(BREAKER.ended(trying, later, ErrorClass.TIMEOUT), later))
        .contains(later.plus(Duration.ofMinutes(1)));
  }

  @Test
  void aTrialThatWasToldToWaitLetsAnotherTry() {
    Instant later = START.plusSeconds(64);
    Breaker.Seen trying = BREAKER.begun(after("xxxxx"), later);

    Breaker.Seen ended = BREAKER.ended(trying, later, ErrorClass.RATE_LIMITED);

    assertThat(BREAKER.holdsUntil(ended, later)).isEmpty();
  }

  @Property(tries = 300)
  void remembersNoMoreThanItsWindow(@ForAll boolean[] failed) {
    StringBuilder calls = new StringBuilder();
    for (boolean one : failed) {
      calls.append(one ? 'x' : 'o');
    }
    assertThat(after(calls.toString()).calls().length()).isLessThanOrEqualTo(BREAKER.window());
  }
}
