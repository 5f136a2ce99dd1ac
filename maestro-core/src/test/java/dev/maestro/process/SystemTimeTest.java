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
    AtomicInteger rings = new AtomicInteger();
    CountDownLatch later = new CountDownLatch(1);

    time.after(Duration.ofMillis(20), rings::incrementAndGet).close();
    time.at(time.instant().plusMillis(20), rings::incrementAndGet).close();
    time.after(Duration.ofMillis(60), later::countDown);

    Waits.forLatch(later);
    assertThat(rings).hasValue(0);
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
