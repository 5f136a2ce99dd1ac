package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunOptions;
import dev.maestro.RunResult;
import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens to runs because time has come, through the real engine. */
@Timeout(300)
class RunTimersTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Actor ANNA = Actor.of("anna");
  private static final RunId RUN = RunId.of("r");

  @TempDir Path directory;

  private final VirtualTime time = VirtualTime.create();
  private final InMemoryStore store = InMemoryStore.create();
  private final Semaphore entered = new Semaphore(0);
  private final AtomicInteger calls = new AtomicInteger();

  private MaestroBuilder builder() {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .time(time)
        .workspaces(DirectoryWorkspaces.at(directory))
        .step("count", "1", context -> calls.incrementAndGet())
        .step("hang", "1", context -> hang());
  }

  private String hang() throws InterruptedException {
    calls.incrementAndGet();
    entered.release();
    new CountDownLatch(1).await();
    return "never";
  }

  // ------------------------------------------------------------------ the time limit of a run

  private static final Pipeline HANGING =
      Pipeline.named("hanging")
          .timeLimit(HOUR)
          .step("a", s -> s.code("hang", "1").attempts(3))
          .step("b", s -> s.code("count", "1").after("a"))
          .build();

  @Test
  void aRunOverItsTimeLimitEndsAndWhatIsAtWorkIsStopped() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(HANGING, RUN, Inputs.none());
      entered.acquire();
      time.advance(HOUR);

      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(result.snapshot().reason()).isEqualTo(Reason.TIMEOUT);
      assertThat(result.snapshot().tasks())
          .extracting(task -> task.state())
          .containsOnly(TaskState.CANCELLED);
      assertThat(time.alarms()).isZero();
    }
  }

  @Test
  void aPausedRunIsEndedByItsDeadline() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(HANGING, RUN, Inputs.none());
      entered.acquire();
      run.stop("fire", ANNA);
      assertThat(run.await().status()).isEqualTo(RunStatus.PAUSED);
      time.advance(HOUR);

      assertThat(run.await().status()).isEqualTo(RunStatus.FAILED);
    }
  }

  @Test
  void aDeadlineThatPassedWhileNothingRanEndsTheRunBeforeAnythingIsLaunched() throws Exception {
    try (Maestro maestro = builder().build()) {
      maestro.start(HANGING, RUN, Inputs.none());
      entered.acquire();
    }
    time.advance(HOUR.multipliedBy(2));
    try (Maestro maestro = builder().build()) {
      assertThat(maestro.recover().runs()).hasSize(1);

      RunResult result = maestro.find(RUN).orElseThrow().await();
      assertThat(result.snapshot().reason()).isEqualTo(Reason.TIMEOUT);
    }
    assertThat(calls).hasValue(1);
  }

  @Test
  void aRecoveredRunKeepsTheDeadlineItHad() throws Exception {
    try (Maestro maestro = builder().build()) {
      maestro.start(HANGING, RUN, Inputs.none());
      entered.acquire();
    }
    time.advance(HOUR.dividedBy(2));
    try (Maestro maestro = builder().build()) {
      maestro.recover();
      entered.acquire();
      time.advance(HOUR.dividedBy(2));

      RunResult result = maestro.find(RUN).orElseThrow().await();
      assertThat(result.snapshot().reason()).isEqualTo(Reason.TIMEOUT);
      assertThat(result.snapshot().deadline()).isEqualTo(VirtualTime.USUAL_START.plus(HOUR));
    }
  }

  @Test
  void aRunWithALimitOfItsOwnKeepsThat() throws Exception {
    RunOptions options = RunOptions.of(Tenant.DEFAULT, ANNA).timeLimit(HOUR.multipliedBy(3));
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(HANGING, RUN, Inputs.none(), options);
      entered.acquire();
      time.advance(HOUR.multipliedBy(2));
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);
      time.advance(HOUR);

      assertThat(run.await().status()).isEqualTo(RunStatus.FAILED);
    }
  }

  @Test
  void aRunThatOnlyWaitsForAPersonIsEndedByItsDeadlineAfterARestartToo() throws Exception {
    Pipeline asking =
        Pipeline.named("asking").timeLimit(HOUR).step("a", s -> s.approval("Really?")).build();
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(asking, RUN, Inputs.none());
      assertThat(run.await().questions()).hasSize(1);
    }
    try (Maestro maestro = builder().build()) {
      maestro.recover();
      time.advance(HOUR);

      RunResult result = maestro.find(RUN).orElseThrow().await();
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(result.questions()).isEqualTo(List.of());
    }
  }

  // ------------------------------------------------------------------ delays

  private static final Pipeline DELAYED =
      Pipeline.named("delayed")
          .step("a", s -> s.code("count", "1"))
          .step("cool-down", s -> s.delay(HOUR).after("a"))
          .step("b", s -> s.code("count", "1").after("cool-down").delay(HOUR))
          .build();

  @Test
  void aDelayIsWaitedOutAndTheRunGoesOnByItself() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(DELAYED, RUN, Inputs.none());
      time.awaitAlarm(PATIENCE);
      assertThat(calls).hasValue(1);
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.WAITING);
      time.advance(HOUR);
      assertThat(run.snapshot().task("cool-down").orElseThrow().state())
          .isEqualTo(TaskState.COMPLETED);
      time.advance(HOUR.minusNanos(1));
      assertThat(calls).hasValue(1);
      time.advance(Duration.ofNanos(1));

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(calls).hasValue(2);
    }
  }

  @Test
  void aDelayHoldsOverARestartAndTheTimeInBetweenCounts() throws Exception {
    try (Maestro maestro = builder().build()) {
      maestro.start(DELAYED, RUN, Inputs.none());
      time.awaitAlarm(PATIENCE);
    }
    time.advance(HOUR);
    try (Maestro maestro = builder().build()) {
      maestro.recover();
      Run run = maestro.find(RUN).orElseThrow();
      time.awaitAlarm(PATIENCE);
      assertThat(run.snapshot().task("b").orElseThrow().until())
          .contains(VirtualTime.USUAL_START.plus(HOUR.multipliedBy(2)));
      time.advance(HOUR);

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(calls).hasValue(2);
    }
  }

  @Test
  void aPredicateIsAskedOnceBeforeTheDelay() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Pipeline pipeline =
        Pipeline.named("asked")
            .step(
                "a", s -> s.code("count", "1").delay(HOUR).when(new Condition.Predicate("p", "1")))
            .step(
                "b", s -> s.approval("Go on?").delay(HOUR).when(new Condition.Predicate("p", "1")))
            .build();
    try (Maestro maestro =
        builder().predicate("p", "1", context -> asked.incrementAndGet() > 0).build()) {
      Run run = maestro.start(pipeline, RUN, Inputs.none());
      while (run.snapshot().tasks().stream().anyMatch(t -> t.state() == TaskState.PENDING)) {
        Thread.onSpinWait();
      }
      assertThat(calls).hasValue(0);
      time.advance(HOUR);

      RunResult result = run.await();
      assertThat(result.questions()).hasSize(1);
      assertThat(calls).hasValue(1);
      assertThat(asked).hasValue(2);
    }
  }
}
