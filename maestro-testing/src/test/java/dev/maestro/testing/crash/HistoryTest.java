package dev.maestro.testing.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.run.Definition;
import dev.maestro.run.Evidence;
import dev.maestro.run.Move;
import dev.maestro.run.Phase;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.store.BlobId;
import dev.maestro.store.Envelope;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HistoryTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final TaskId TASK = TaskId.of("work");

  @Test
  void noticesWorkAfterCompletion() {
    History history = history(dispatched(1), completed(), dispatched(2), launched(2));

    assertThat(history.goneOnAfterCompletion()).containsExactly("dispatched work", "launched work");
  }

  @Test
  void findsNothingWrongWithOneAttemptAfterAnother() {
    History history = history(dispatched(1), dispatched(2), completed());

    assertThat(history.goneOnAfterCompletion()).isEmpty();
  }

  @Test
  void knowsThatATaskBeginsAnewWhenTheRunGoesOnWithAnotherPipeline() {
    RunEvent redefined =
        new RunEvent.Redefined(
            NOW,
            Actor.MAESTRO,
            new Definition(BlobId.of(new byte[0]), "inputs", Map.of()),
            List.of(TASK),
            List.of(),
            List.of(),
            List.of());

    History history =
        history(
            dispatched(1),
            launched(1),
            acted(1, "0.01"),
            completed(),
            redefined,
            dispatched(2),
            launched(2));

    assertThat(history.goneOnAfterCompletion()).isEmpty();
    assertThat(history.launchesCutOff("work")).containsExactly(2);
  }

  @Test
  void noticesThatAForkDoesAgainWhatItHasTakenAlong() {
    RunEvent.Forked.Kept kept =
        new RunEvent.Forked.Kept(
            TASK,
            TaskState.COMPLETED,
            Reason.SUCCEEDED,
            null,
            Usage.NONE,
            null,
            List.of(),
            List.of(),
            0,
            Evidence.NONE,
            NOW,
            NOW,
            null,
            List.of());
    RunKey other = new RunKey(Tenant.DEFAULT, RunId.of("other"));

    History history =
        history(new RunEvent.Forked(NOW, other, 7, null, List.of(kept)), dispatched(1));

    assertThat(history.goneOnAfterCompletion()).containsExactly("dispatched work");
  }

  @Test
  void knowsWhichLaunchesWereCutOff() {
    History history = history(launched(1), launched(2), acted(2, "0.02"));

    assertThat(history.launchesCutOff("work")).containsExactly(1);
    assertThat(history.launchesCutOff("other")).isEmpty();
    assertThat(history.dearest("work")).isEqualTo(new BigDecimal("0.02"));
  }

  @Test
  void noticesAnAttemptThatIsPaidForTwice() {
    History history = history(launched(1), acted(1, "0.01"), acted(1, "0.01"));

    assertThat(history.settledTwice("work")).containsExactly(1);
  }

  @Test
  void countsHowOftenARunEnds() {
    RunEvent end =
        new RunEvent.RunMoved(NOW, RunStatus.SUCCEEDED, Reason.SUCCEEDED, null, Actor.MAESTRO);

    assertThat(history(dispatched(1)).ends()).isZero();
    assertThat(history(end, end).ends()).isEqualTo(2);
  }

  @Test
  void tellsWhetherAJournalGoesOnWhereAnotherEnds() {
    List<Envelope> one = journal(dispatched(1), launched(1));

    assertThat(History.beginsWith(one, journal(dispatched(1)))).isTrue();
    assertThat(History.beginsWith(one, one)).isTrue();
    assertThat(History.beginsWith(journal(dispatched(1)), one)).isFalse();
    assertThat(History.beginsWith(one, journal(dispatched(2)))).isFalse();
  }

  @Test
  void namesRecordsByWhatTheyAreAboutAndTheirCount() {
    List<JournalPlace> places =
        new JournalPlace.Naming().all(journal(dispatched(1), dispatched(1), completed()));

    assertThat(places)
        .extracting(JournalPlace::toString)
        .containsExactly(
            "dispatched work 1 ACT", "dispatched work 1 ACT (2)", "moved work COMPLETED");
  }

  private static History history(RunEvent... events) {
    return History.of(journal(events));
  }

  private static List<Envelope> journal(RunEvent... events) {
    RunEventCodec codec = new RunEventCodec();
    return Stream.of(events).map(codec::encode).toList();
  }

  private static RunEvent dispatched(int attempt) {
    return new RunEvent.Dispatched(NOW, TASK, attempt, Phase.ACT, List.of());
  }

  private static RunEvent launched(int attempt) {
    return new RunEvent.Launched(NOW, TASK, attempt, null, true);
  }

  private static RunEvent acted(int attempt, String usd) {
    Usage usage = Usage.of(1, 1, Money.usd(usd));
    return new RunEvent.Acted(NOW, TASK, attempt, null, usage, null, null, List.of());
  }

  private static RunEvent completed() {
    Move move =
        new Move(TASK, TaskState.VERIFIED, TaskState.COMPLETED, Reason.SUCCEEDED, null, null);
    return new RunEvent.Moved(NOW, List.of(move));
  }
}
