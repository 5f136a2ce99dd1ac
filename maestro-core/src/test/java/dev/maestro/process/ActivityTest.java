package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only an empty pipe is silence, and only a reader that is back can see it. */
class ActivityTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final HandTime time = new HandTime();
  private final AtomicInteger alarms = new AtomicInteger();
  private final Activity activity = new Activity(time, LIMIT, alarms::incrementAndGet);

  @BeforeEach
  void startCounting() {
    activity.start();
  }

  @Test
  void theAlarmRingsOnceWhenTheLimitIsReached() {
    time.advance(LIMIT.minusNanos(1));
    assertThat(alarms).hasValue(0);

    time.advance(Duration.ofHours(1));
    assertThat(alarms).hasValue(1);
  }

  @Test
  void everySignStartsTheCountAgain() {
    for (int n = 0; n < 10; n++) {
      time.advance(LIMIT.minusSeconds(1));
      activity.readerLeaves();
      activity.readerReturns(false);
    }
    assertThat(alarms).hasValue(0);

    time.advance(LIMIT);
    assertThat(alarms).hasValue(1);
  }

  @Test
  void aChildWhoseOutputWaitsForASlowListenerIsNotSilent() {
    activity.readerLeaves();
    time.advance(Duration.ofHours(1));
    activity.readerReturns(true);
    assertThat(alarms).hasValue(0);

    time.advance(LIMIT);
    assertThat(alarms).hasValue(1);
  }

  @Test
  void aChildThatWroteNothingBehindASlowListenerWasSilent() {
    activity.readerLeaves();
    time.advance(Duration.ofHours(1));
    assertThat(alarms).hasValue(0);

    activity.readerReturns(false);
    assertThat(alarms).hasValue(1);
  }

  @Test
  void closedItLeavesNoAlarm() {
    activity.close();

    time.advance(Duration.ofHours(1));
    assertThat(alarms).hasValue(0);
    assertThat(time.alarms()).isZero();
  }
}
