package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.agent.AgentReply;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.process.Cancellation;
import dev.maestro.process.Registration;
import dev.maestro.providers.CommandAgent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class VirtualTimeTest {

  private static final Instant START = Instant.parse("2026-03-29T00:00:00Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final VirtualTime time = VirtualTime.startingAt(START);
  private final List<String> rung = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    time.close();
  }

  @Test
  void standsStillUntilMoved() {
    assertThat(time.instant()).isEqualTo(START);

    time.advance(MINUTE);
    assertThat(time.instant()).isEqualTo(START.plus(MINUTE));
    assertThat(time.uptime()).isEqualTo(MINUTE);

    time.moveTo(START.plusSeconds(90));
    assertThat(time.instant()).isEqualTo(START.plusSeconds(90));
  }

  @Test
  void ringsInOrderAndShowsTheMomentOfEachAlarm() {
    alarm("late", 30);
    alarm("early", 10);
    alarm("also early", 10);
    alarm("later than the end", 61);

    time.advance(MINUTE);

    assertThat(rung).containsExactly("early at 10", "also early at 10", "late at 30");
    assertThat(time.alarms()).isEqualTo(1);
    assertThat(time.instant()).isEqualTo(START.plus(MINUTE));
  }

  @Test
  void ringsWhatAnAlarmSetsOnTheWay() {
    time.at(
        START.plusSeconds(10),
        () -> {
          alarm("first", 20);
          alarm("second", 5);
        });

    time.advance(MINUTE);

    assertThat(rung).containsExactly("second at 10", "first at 20");
  }

  @Test
  void letsAnAlarmMoveTheClock() {
    time.at(START.plusSeconds(10), () -> time.advance(Duration.ofMinutes(5)));

    time.advance(MINUTE);

    assertThat(time.instant()).isEqualTo(START.plusSeconds(310));
  }

  @Test
  void ringsAtOnceWhatIsDueWhenItIsSet() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);

    time.at(START.minusSeconds(1), done::countDown);

    done.await();
    assertThat(time.instant()).isEqualTo(START);
  }

  @Test
  void forgetsAnAlarmThatWasTakenBack() {
    Registration registration = time.at(START.plusSeconds(1), () -> rung.add("no"));

    registration.close();
    registration.close();
    time.advance(MINUTE);

    assertThat(rung).isEmpty();
  }

  @Test
  void setsTheWallClockBackWithoutTouchingTheUptime() {
    alarm("wall", 10);
    time.after(Duration.ofSeconds(10), () -> rung.add("delay"));

    time.moveTo(START.minus(MINUTE));
    assertThat(time.uptime()).isZero();
    time.advance(Duration.ofSeconds(10));
    assertThat(rung).containsExactly("delay");

    time.advance(MINUTE);
    assertThat(rung).containsExactly("delay", "wall at 10");
  }

  @Test
  void ringsWhatAJumpOfTheWallClockMakesDueAndNoDelay() {
    alarm("wall", 10);
    time.after(Duration.ofSeconds(10), () -> rung.add("delay"));

    time.jumpTo(START.plus(MINUTE));

    assertThat(rung).containsExactly("wall at 60");
    assertThat(time.uptime()).isZero();
  }

  @Test
  void goesFromAlarmToAlarm() {
    assertThat(time.nextAlarm()).isEmpty();
    assertThat(time.advanceToNextAlarm()).isEmpty();
    alarm("one", 10);
    time.after(Duration.ofSeconds(5), () -> rung.add("delay"));

    assertThat(time.nextAlarm()).contains(START.plusSeconds(5));
    assertThat(time.advanceToNextAlarm()).contains(START.plusSeconds(5));
    assertThat(rung).containsExactly("delay");
    assertThat(time.advanceToNextAlarm()).contains(START.plusSeconds(10));
    assertThat(rung).containsExactly("delay", "one at 10");
  }

  @Test
  void throwsWhatAnAlarmThrowsToWhoeverMovesTheClock() {
    time.at(
        START.plusSeconds(1),
        () -> {
          throw new IllegalStateException("broken alarm");
        });
    alarm("next", 2);

    assertThatThrownBy(() -> time.advance(MINUTE)).hasMessage("broken alarm");
    assertThat(time.instant()).isEqualTo(START.plusSeconds(1));
    time.advance(MINUTE);
    assertThat(rung).containsExactly("next at 2");
  }

  @Test
  void waitsForAnAlarmThatAnotherThreadSets() throws InterruptedException {
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(() -> time.at(START.plusSeconds(7), () -> {}));

    assertThat(time.awaitAlarm(Duration.ofMinutes(2))).isEqualTo(START.plusSeconds(7));
    other.join();
  }

  @Test
  void losesPatienceWhenNobodySetsAnAlarm() {
    assertThatThrownBy(() -> time.awaitAlarm(Duration.ofMillis(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("PT0.001S");
  }

  @Test
  void ringsNothingOnceClosed() {
    alarm("set before", 1);
    time.close();
    alarm("set after", 1);

    time.advance(MINUTE);

    assertThat(rung).isEmpty();
    assertThat(time.alarms()).isZero();
    assertThat(time.instant()).isEqualTo(START.plus(MINUTE));
  }

  @Test
  void countsEveryAlarmThatManyThreadsSetWhileItMoves() {
    List<CompletableFuture<Void>> setting = new ArrayList<>();
    for (int each = 0; each < 8; each++) {
      setting.add(CompletableFuture.runAsync(() -> setMany(100)));
    }
    for (int step = 0; step < 50; step++) {
      time.advance(Duration.ofSeconds(1));
    }
    setting.forEach(CompletableFuture::join);

    time.advance(Duration.ofHours(1));

    assertThat(rung).hasSize(800);
  }

  @Test
  void endsAChildProcessAtALimitThatNobodyWaitsFor(@TempDir Path directory) throws Exception {
    CommandAgent agent =
        CommandAgent.builder(ProviderId.of("slow"), List.of("sleep", "1000")).time(time).build();
    CompletableFuture<AgentReply> launch = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                launch.complete(
                    agent.run(
                        new Requests(directory).task("red", 1), event -> {}, Cancellation.never()));
              } catch (InterruptedException | RuntimeException e) {
                launch.completeExceptionally(e);
              }
            });
    thread.start();

    time.awaitAlarm(Duration.ofMinutes(2));
    time.advance(Duration.ofHours(1));

    assertThat(launch.get().problem().orElseThrow().errorClass()).isEqualTo(ErrorClass.TIMEOUT);
    thread.join();
  }

  @Test
  void refusesToLetTimePassBackwards() {
    assertThatThrownBy(() -> time.advance(MINUTE.negated()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void setMany(int count) {
    for (int each = 0; each < count; each++) {
      time.after(Duration.ofSeconds(each), () -> rung.add("rung"));
    }
  }

  private void alarm(String name, int second) {
    time.at(START.plusSeconds(second), () -> rung.add(name + " at " + secondNow()));
  }

  private long secondNow() {
    return Duration.between(START, time.instant()).toSeconds();
  }
}
