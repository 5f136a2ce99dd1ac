package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.run.RunRecord;
import dev.maestro.run.Task;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clock that somebody sets, back and forth, by hours; docs/durability.md says what follows. */
@Timeout(300)
class ClockFaultsTest {

  private static final RunId RUN = RunId.of("r");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  // than anything these tests wait for: a launch has an hour else, and that would end it first
  private static final Limits LONGER = new Limits(Duration.ofHours(100), Duration.ofHours(100));

  private static final Pipeline ONE =
      Pipeline.named("one")
          .step(
              "a",
              s ->
                  s.agent("engineer")
                      .prompt("Do it")
                      .attempts(2)
                      .backoff(Backoff.fixed(Duration.ofHours(1))))
          .step("b", s -> s.agent("engineer").prompt("And that").after("a"))
          .build();

  private static final Pipeline LIMITED =
      Pipeline.named("limited")
          .timeLimit(Duration.ofHours(8))
          .step("a", s -> s.agent("engineer").prompt("Do it").attempts(2).limits(LONGER))
          .build();

  private static final Pipeline DELAYED =
      Pipeline.named("delayed")
          .step("b", s -> s.agent("engineer").prompt("Later").delay(Duration.ofHours(2)))
          .build();

  @TempDir Path directory;

  private final VirtualTime time = VirtualTime.create();
  private final CountDownLatch working = new CountDownLatch(1);
  private final CountDownLatch leave = new CountDownLatch(1);
  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted")
          .on("a", Turn.failing(ErrorClass.TRANSIENT, "no luck"))
          .then(Turn.says("done").writes("a", "a"))
          .on("b", Turn.says("done").writes("b", "b"))
          .build();

  private MaestroBuilder builder(StoreSource store, ScriptedAgent with) {
    return Maestro.builder()
        .store(store)
        .discoverNothing()
        .provider(with)
        .time(time)
        .random(() -> 0.5)
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  private static Task task(Run run) {
    return run.snapshot().task("a").orElseThrow();
  }

  private static void awaitBackoff(Run run) {
    while (task(run).state() != TaskState.FAILED) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aJumpForwardEndsABackoffAtOnceAndOnce() throws Exception {
    try (Maestro maestro = builder(InMemoryStore.create(), agent).build()) {
      Run run = maestro.start(ONE, RUN, Inputs.none());
      awaitBackoff(run);

      time.jumpTo(time.instant().plus(Duration.ofHours(9)));

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("a")).hasSize(2);
    }
  }

  @Test
  void aJumpBackMakesABackoffLongerAndNeverShorterOrDouble() throws Exception {
    try (Maestro maestro = builder(InMemoryStore.create(), agent).build()) {
      Run run = maestro.start(ONE, RUN, Inputs.none());
      awaitBackoff(run);
      Instant due = task(run).until().orElseThrow();

      time.jumpTo(time.instant().minus(Duration.ofHours(5)));
      time.advance(Duration.ofHours(5));
      assertThat(agent.launches("a")).hasSize(1);

      time.moveTo(due);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("a")).hasSize(2);
    }
  }

  @Test
  void aBackoffOutlivesARestartUnderAClockThatWasSetBack() throws Exception {
    StoreSource store = FileStore.at(directory.resolve("store"));
    Instant due;
    try (Maestro maestro = builder(store, agent).build()) {
      Run run = maestro.start(ONE, RUN, Inputs.none());
      awaitBackoff(run);
      due = task(run).until().orElseThrow();
    }
    time.jumpTo(time.instant().minus(Duration.ofHours(3)));

    try (VirtualTime next = VirtualTime.startingAt(time.instant());
        Maestro maestro = builder(store, agent).time(next).build()) {
      maestro.recover();
      Run run = maestro.find(RUN).orElseThrow();
      next.awaitAlarm(PATIENCE);
      assertThat(task(run).until()).contains(due);
      next.moveTo(due);

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("a")).hasSize(2);
    }
  }

  @Test
  void aJumpForwardOverItsTimeLimitEndsARunInTheMiddleOfItsWork() throws Exception {
    try (Maestro maestro = builder(InMemoryStore.create(), hanging()).build()) {
      Run run = maestro.start(LIMITED, RUN, Inputs.none());
      working.await();

      time.jumpTo(time.instant().plus(Duration.ofHours(9)));

      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(result.snapshot().reason()).isEqualTo(Reason.TIMEOUT);
      time.jumpTo(time.instant().minus(Duration.ofHours(9)));
      assertThat(run.await().status()).isEqualTo(RunStatus.FAILED);
    }
  }

  @Test
  void aJumpBackGivesARunSoMuchMoreTimeAndNoMore() throws Exception {
    try (Maestro maestro = builder(InMemoryStore.create(), hanging()).build()) {
      Instant deadline = time.instant().plus(Duration.ofHours(8));
      Run run = maestro.start(LIMITED, RUN, Inputs.none());
      working.await();

      time.jumpTo(time.instant().minus(Duration.ofHours(5)));
      time.advance(Duration.ofHours(8));
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);

      time.moveTo(deadline);
      assertThat(run.await().snapshot().reason()).isEqualTo(Reason.TIMEOUT);
    }
  }

  @Test
  void aJumpForwardEndsADelayAtOnceAndOnce() throws Exception {
    try (Maestro maestro = builder(InMemoryStore.create(), agent).build()) {
      Run run = maestro.start(DELAYED, RUN, Inputs.none());
      time.awaitAlarm(PATIENCE);
      assertThat(agent.launches("b")).isEmpty();

      time.jumpTo(time.instant().plus(Duration.ofHours(9)));

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("b")).hasSize(1);
    }
  }

  @Test
  void aJumpBackMakesADelayLonger() throws Exception {
    try (Maestro maestro = builder(InMemoryStore.create(), agent).build()) {
      Instant due = time.instant().plus(Duration.ofHours(2));
      Run run = maestro.start(DELAYED, RUN, Inputs.none());
      time.awaitAlarm(PATIENCE);

      time.jumpTo(time.instant().minus(Duration.ofHours(5)));
      time.advance(Duration.ofHours(5));
      assertThat(agent.launches("b")).isEmpty();

      time.moveTo(due);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("b")).hasSize(1);
    }
  }

  private ScriptedAgent hanging() {
    return ScriptedAgent.named("scripted")
        .otherwise(Turn.nothing().signals(working).hangs())
        .build();
  }

  @ParameterizedTest
  @ValueSource(ints = {-7, 7, -400, 400})
  void aJumpWhileAnAgentWorksChangesNothingForIt(int hours) throws Exception {
    ScriptedAgent slow =
        ScriptedAgent.named("scripted")
            .otherwise(Turn.says("done").writes("x", "x").signals(working).waitsFor(leave))
            .build();
    try (Maestro maestro = builder(FileStore.at(directory.resolve("store")), slow).build()) {
      Run run = maestro.start(ONE, RUN, Inputs.none());
      working.await();

      time.jumpTo(time.instant().plus(Duration.ofHours(hours)));
      leave.countDown();

      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(slow.launches("a")).hasSize(1);
      List<RunRecord> journal = run.journal(1);
      assertThat(journal).extracting(RunRecord::sequence).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void aSecondEngineIsKeptOutOfARunHoweverTheClockJumps() throws Exception {
    StoreSource store = InMemoryStore.create();
    ScriptedAgent slow =
        ScriptedAgent.named("scripted")
            .otherwise(Turn.says("done").writes("x", "x").signals(working).waitsFor(leave))
            .build();
    try (Maestro first = builder(store, slow).owner("one").build();
        Maestro second = builder(store, slow).owner("two").build()) {
      Run run = first.start(ONE, RUN, Inputs.none());
      working.await();
      // longer than any lease: the second may take the run, and the first must not go on with it
      time.jumpTo(time.instant().plus(Duration.ofDays(3)));
      second.recover();
      leave.countDown();
      awaitEnd(run);
      awaitEnd(second.start(ONE, RUN, Inputs.none()));
      Run end = second.find(RUN).orElseThrow();

      assertThat(end.snapshot().status()).isIn(RunStatus.SUCCEEDED, RunStatus.WAITING);
      assertThat(end.journal(1)).extracting(RunRecord::sequence).doesNotHaveDuplicates();
      assertThat(slow.launches("a")).hasSizeLessThanOrEqualTo(2);
      assertThat(slow.launches("b")).hasSizeLessThanOrEqualTo(1);
    }
  }

  private static void awaitEnd(Run run) throws InterruptedException {
    try {
      run.await();
    } catch (dev.maestro.failure.MaestroException e) {
      assertThat(e).hasMessageContaining("engine");
    }
  }
}
