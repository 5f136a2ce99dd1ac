package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.task.Reason;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FailureWindowTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static FailureWindow.Seen after(int... seconds) {
    FailureWindow.Seen seen = FailureWindow.DEFAULT.nothing();
    for (int second : seconds) {
      seen = FailureWindow.DEFAULT.after(seen, START.plusSeconds(second), ErrorClass.TRANSIENT);
    }
    return seen;
  }

  @Test
  void threeFailuresInAMinutePause() {
    assertThat(after(0, 30, 59).paused()).contains(Reason.CIRCUIT_OPEN);
    assertThat(after(0, 30).isPaused()).isFalse();
  }

  @Test
  void aFailureCountsForAMinute() {
    assertThat(after(0, 30, 60).isPaused()).isFalse();
    assertThat(after(0, 30, 60, 61).isPaused()).isTrue();
  }

  @Test
  void anEmptyQuotaAndTooManyRequestsPauseAtOnce() {
    FailureWindow window = FailureWindow.DEFAULT;
    assertThat(window.after(window.nothing(), START, ErrorClass.QUOTA_EXHAUSTED).paused())
        .contains(Reason.QUOTA_EXHAUSTED);
    assertThat(window.after(window.nothing(), START, ErrorClass.RATE_LIMITED).paused())
        .contains(Reason.RATE_LIMITED);
  }

  @Test
  void aClockThatWasSetBackDoesNotHideAFailure() {
    assertThat(after(100, 50, 10).isPaused()).isTrue();
  }

  @Test
  void onceClosedItStaysClosed() {
    assertThat(after(0, 1, 2, 10_000).isPaused()).isTrue();
  }

  @Property
  void itPausesJustWhenSoManyLieSoCloseTogether(
      @ForAll @Size(max = 12) List<@IntRange(min = 0, max = 200) Integer> moments) {
    int[] sorted = moments.stream().mapToInt(Integer::intValue).sorted().toArray();
    boolean close = false;
    for (int i = 2; i < sorted.length; i++) {
      close |= sorted[i] - sorted[i - 2] < 60;
    }
    assertThat(after(sorted).isPaused()).isEqualTo(close);
  }
}
