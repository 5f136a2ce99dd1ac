package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Patience is used up by waiting, and not by a machine that stands still. */
class DeadlineTest {

  private static final Duration TWO_SECONDS = Duration.ofSeconds(2);

  private long now;
  private final Deadline deadline = new Deadline(TWO_SECONDS, () -> now);

  private void pass(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private long millisLeft() {
    return TimeUnit.NANOSECONDS.toMillis(deadline.nanosLeft());
  }

  @Test
  void whatPassesBetweenLooksCounts() {
    pass(200);
    assertThat(millisLeft()).isEqualTo(1_800);
    pass(100);
    assertThat(millisLeft()).isEqualTo(1_700);
  }

  @Test
  void whileTheMachineStandsStillNoPatienceIsUsedUp() {
    pass(200);
    assertThat(millisLeft()).isEqualTo(1_800);
    pass(3_600_000);
    assertThat(millisLeft()).isEqualTo(1_550);
  }

  @Test
  void waitsInPiecesForAsLongAsItWasTo() {
    List<Long> pieces = new ArrayList<>();

    boolean interrupted =
        deadline.waitWhile(
            () -> true,
            nanos -> {
              pieces.add(nanos);
              now += nanos;
            });

    assertThat(interrupted).isFalse();
    assertThat(pieces.stream().mapToLong(Long::longValue).sum()).isEqualTo(TWO_SECONDS.toNanos());
    assertThat(deadline.nanosLeft()).isZero();
    assertThat(deadline.nanosToWait()).isZero();
  }

  @Test
  void aWaitThatStoodStillIsBegunAgain() {
    List<Long> pieces = new ArrayList<>();

    deadline.waitWhile(
        () -> pieces.size() < 5,
        nanos -> {
          pieces.add(nanos);
          pass(10_000);
        });

    assertThat(pieces).hasSize(5);
  }

  @Test
  void anInterruptIsToldAndDoesNotCutTheWaitShort() {
    List<Long> pieces = new ArrayList<>();

    boolean interrupted =
        deadline.waitWhile(
            () -> pieces.size() < 3,
            nanos -> {
              pieces.add(nanos);
              throw new InterruptedException();
            });

    assertThat(interrupted).isTrue();
    assertThat(pieces).hasSize(3);
  }
}
