package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The clock of the machine rings its alarms. */
@Timeout(300)
class SystemTimeTest {

  private final SystemTime time = new SystemTime();

  @AfterEach
  void closeTheClock() {
    time.close();
  }

  @Test
  void ringsAtAnInstantAndAfterADelay() {
    CountDownLatch rung = new CountDownLatch(2);

    time.at(time.instant().plusMillis(5), rung::countDown);
    time.after(Duration.ofMillis(5), rung::countDown);

    Waits.forLatch(rung);
  }

  @Test
  void ringsAtOnceForWhatIsLongPast() {
    CountDownLatch rung = new CountDownLatch(2);

    time.at(Instant.MIN, rung::countDown);
    time.after(Duration.ofDays(-1_000_000), rung::countDown);

    Waits.forLatch(rung);
  }

  @Test
  void takesTheLongestDelay() {
    time.at(Instant.MAX, () -> {}).close();
    time.after(Duration.ofSeconds(Long.MAX_VALUE), () -> {}).close();
  }

  @Test
  void anAlarmThatWasTakenBackDoesNotRing() {
    // on a busy machine one may ring before it is taken back: then it had more time than it takes
    for (Duration delay = Duration.ofMillis(20); !areSilent(delay); delay = delay.multipliedBy(3)) {
      assertThat(delay).isLessThan(Duration.ofMinutes(1));
    }
  }

  /** {@return whether two alarms could be taken back before they were due; they did not ring} */
  private boolean areSilent(Duration delay) {
    AtomicInteger rings = new AtomicInteger();
    CountDownLatch later = new CountDownLatch(1);
    long begun = System.nanoTime();

    time.after(delay, rings::incrementAndGet).close();
    time.at(time.instant().plus(delay), rings::incrementAndGet).close();
    boolean inTime = System.nanoTime() - begun < delay.toNanos();
    time.after(delay.multipliedBy(3), later::countDown);

    Waits.forLatch(later);
    assertThat(inTime && rings.get() > 0).isFalse();
    return inTime;
  }

  @Test
  void ofThoseTakenBackOneStaysAtMost() {
    AtomicInteger rings = new AtomicInteger();
    CountDownLatch soon = new CountDownLatch(1);

    for (int i = 0; i < 1_000; i++) {
      Registration hours = time.after(Duration.ofHours(2), rings::incrementAndGet);
      time.after(Duration.ofHours(1), rings::incrementAndGet).close();
      time.at(time.instant().plusSeconds(30), rings::incrementAndGet).close();
      hours.close();
      hours.close();
    }
    assertThat(time.calls()).isLessThanOrEqualTo(1);

    time.after(Duration.ofMillis(5), soon::countDown);
    Waits.forLatch(soon);
    assertThat(rings).hasValue(0);
  }

  @Test
  void anAlarmThatFailsDoesNotStopTheOthers() {
    CountDownLatch rung = new CountDownLatch(1);

    time.after(
        Duration.ZERO,
        () -> {
          throw new IllegalStateException("expected by a test");
        });
    time.after(Duration.ofMillis(5), rung::countDown);

    Waits.forLatch(rung);
  }

  @Test
  void anAlarmOfAClosedClockIsDropped() {
    time.close();

    time.at(Instant.MIN, () -> {}).close();
    time.after(Duration.ZERO, () -> {}).close();
  }

  @Test
  void uptimeDoesNotGoBack() {
    Duration before = time.uptime();

    assertThat(time.uptime()).isGreaterThanOrEqualTo(before);
  }
}
