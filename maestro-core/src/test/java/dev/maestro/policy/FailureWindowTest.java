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

  /** What a clock says that is wrong by so much for some of the moments, and then right again. */
  private static int[] told(int[] moments, int from, int to, int wrongBy) {
    int[] told = moments.clone();
    for (int i = Math.min(from, to); i < Math.max(from, to) && i < told.length; i++) {
      told[i] += wrongBy;
    }
    return told;
  }

  @Property
  void failuresThatLieFarApartDoNotPauseThoughAClockRanFarAheadMeanwhile(
      @ForAll @Size(max = 9) List<@IntRange(min = 61, max = 500) Integer> gaps,
      @ForAll @IntRange(max = 9) int from,
      @ForAll @IntRange(max = 9) int to,
      @ForAll @IntRange(min = 10_000, max = 100_000_000) int ahead) {
    int[] moments = new int[gaps.size()];
    for (int i = 0, at = 0; i < moments.length; i++) {
      at += gaps.get(i);
      moments[i] = at;
    }

    assertThat(after(told(moments, from, to, ahead)).isPaused()).isFalse();
  }

  @Property
  void failuresThatComeTooFastPauseThoughAClockRanAheadMeanwhile(
      @ForAll @Size(min = 3, max = 6) List<@IntRange(max = 59) Integer> seconds,
      @ForAll @IntRange(max = 4) int from,
      @ForAll @IntRange(max = 5) int to,
      @ForAll @IntRange(min = 1, max = 100_000_000) int ahead) {
    int[] moments = seconds.stream().mapToInt(Integer::intValue).sorted().toArray();
    int last = moments.length - 1;
    int[] told = told(moments, Math.min(from, last), Math.min(to, last), ahead);

    assertThat(after(told).isPaused()).isTrue();
  }

  @Property
  void aClockThatRanAheadIsForgottenAfterAMinuteWithoutFailures(
      @ForAll @IntRange(min = 1, max = 100_000_000) int ahead,
      @ForAll @Size(max = 8) List<@IntRange(min = 61, max = 300) Integer> later) {
    int[] sorted = later.stream().mapToInt(Integer::intValue).sorted().toArray();
    int[] all = new int[sorted.length + 2];
    all[0] = ahead;
    System.arraycopy(sorted, 0, all, 2, sorted.length);

    assertThat(after(all).isPaused()).isEqualTo(after(sorted).isPaused());
  }
}
