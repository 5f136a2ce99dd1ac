package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.attempt.SecretSource;
import dev.maestro.failure.ClosedException;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.process.Deadline;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class StoppingTest {

  private static final Actor ANNA = Actor.of("anna");
  private static final Pipeline ONE =
      Pipeline.named("one").step("a", s -> s.code("crowd", "1").attempts(2)).build();

  @TempDir Path directory;

  private final Crowd crowd = new Crowd();

  private MaestroBuilder builder(StoreSource store) {
    return Maestro.builder()
        .store(store)
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .step("crowd", "1", crowd);
  }

  private MaestroBuilder builder() {
    return builder(InMemoryStore.create());
  }

  // ------------------------------------------------------------------ pause, stop, cancel

  @Test
  void aPausedRunFinishesWhatIsAtWorkAndGoesOnWhenResumed() throws Exception {
    Pipeline pipeline =
        Pipeline.named("two")
            .step("a", s -> s.code("crowd", "1"))
            .step("b", s -> s.code("crowd", "1").after("a"))
            .build();
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(1);
      run.pause("lunch", ANNA);
      crowd.let(1);

      RunResult paused = run.await();
      assertThat(paused.status()).isEqualTo(RunStatus.PAUSED);
      assertThat(state(paused, "a")).isEqualTo(TaskState.COMPLETED);
      assertThat(state(paused, "b")).isEqualTo(TaskState.PENDING);

      run.resume(ANNA);
      crowd.let(1);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void whatIsSaidAboutARunIsNoDocument() throws Exception {
    String document = "x".repeat(8 * 1024 + 1);
    Pipeline asking = Pipeline.named("asking").step("ask", s -> s.approval("Really?")).build();
    try (Maestro maestro = builder(FileStore.at(directory.resolve("store"))).build()) {
      Run run = maestro.start(asking, RunId.of("r"), Inputs.none());
      QuestionId question = run.await().questions().get(0).id();

      assertRefused(() -> run.answer(question, Answer.reject(document), ANNA));
      assertRefused(() -> run.pause(document, ANNA));
      assertRefused(() -> run.cancel(document, ANNA));
      maestro.stop(document);
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.PAUSED);
      run.resume(ANNA);
      run.stop(document, ANNA);
      assertThat(run.snapshot().status()).as("a stop is never refused").isEqualTo(RunStatus.PAUSED);
      run.resume(ANNA);
      run.answer(question, Answer.reject(document.substring(1)), ANNA);
      assertThat(run.await().status()).isEqualTo(RunStatus.FAILED);
    }
  }

  private static void assertRefused(ThrowingCallable said) {
    assertThatThrownBy(said)
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("at most 8192 bytes");
  }

  @Test
  void aStopWaitsForNoSecretAndItsWordsDo() throws Exception {
    Pipeline secret =
        Pipeline.named("secret")
            .step("a", s -> s.code("crowd", "1").attempts(3))
            .step("b", s -> s.command("true").secret("TOKEN").after("a"))
            .build();
    AtomicBoolean hangs = new AtomicBoolean();
    CountDownLatch goesOn = new CountDownLatch(1);
    SecretSource source =
        name -> {
          if (hangs.get()) {
            awaitUninterrupted(goesOn);
          }
          return Optional.of("canary");
        };
    try (Maestro maestro = builder().secrets(source).build()) {
      Run one = maestro.start(secret, RunId.of("r"), Inputs.none());
      Run other = maestro.start(secret, RunId.of("s"), Inputs.none());
      crowd.awaitEntered(2);
      hangs.set(true);

      CompletableFuture<Void> stop = onItsOwn(() -> one.stop("the canary sings", ANNA));
      assertThat(one.await().status()).isEqualTo(RunStatus.PAUSED);
      CompletableFuture<Void> stopAll = onItsOwn(() -> maestro.stop("every canary sings"));
      assertThat(other.await().status()).isEqualTo(RunStatus.PAUSED);
      assertThat(List.of(stop.isDone(), stopAll.isDone())).containsOnly(false);
      assertThat(said(one)).containsExactly("");

      goesOn.countDown();
      CompletableFuture.allOf(stop, stopAll).join();
      assertThat(said(one)).hasSize(2).last().asString().endsWith("*** sings");
      assertThat(said(other)).containsExactly("", "every *** sings");
    }
  }

  /** The common pool may have one thread only, which the first that waits would keep. */
  private static CompletableFuture<Void> onItsOwn(Runnable work) {
    return CompletableFuture.runAsync(work, each -> new Thread(each).start());
  }

  private static List<String> said(Run run) {
    return run.journal(1).stream()
        .map(RunRecord::event)
        .filter(RunEvent.RunMoved.class::isInstance)
        .map(RunEvent.RunMoved.class::cast)
        .filter(moved -> moved.reason().equals(Reason.EMERGENCY_STOP))
        .map(RunEvent.RunMoved::detail)
        .toList();
  }

  @Test
  void aStopDoesNotFailWhereSecretsCannotBeHad() throws Exception {
    Pipeline asking =
        Pipeline.named("asking")
            .step("ask", s -> s.approval("Really?"))
            .step("b", s -> s.command("true").secret("TOKEN").after("ask"))
            .build();
    AtomicBoolean fails = new AtomicBoolean();
    SecretSource source =
        name -> {
          if (fails.get()) {
            throw new IllegalStateException("the canary is out");
          }
          return Optional.of("canary");
        };
    try (Maestro maestro = builder().secrets(source).build()) {
      Run run = maestro.start(asking, RunId.of("r"), Inputs.none());
      run.await();
      fails.set(true);

      run.stop("the canary sings", ANNA);

      assertThat(run.snapshot().status()).isEqualTo(RunStatus.PAUSED);
      assertThat(said(run))
          .last()
          .asString()
          .contains("IllegalStateException")
          .doesNotContain("canary");
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    boolean interrupted = false;
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void nobodyStopsEverythingInTheNameOfMaestroOrTellsASecretWithIt() throws Exception {
    Pipeline secret =
        Pipeline.named("two")
            .step("a", s -> s.code("crowd", "1"))
            .step("b", s -> s.command("true").after("a").secret("TOKEN"))
            .build();
    try (Maestro maestro = builder().secrets(name -> Optional.of("canary-0123")).build()) {
      Run run = maestro.start(secret, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(1);

      assertThatThrownBy(() -> maestro.stop("fire", Actor.MAESTRO))
          .isInstanceOf(IllegalArgumentException.class);
      maestro.stop("canary-0123 has leaked");
      run.await();
      assertThat(run.journal(1).toString()).contains("has leaked").doesNotContain("canary-0123");
    }
  }

  @Test
  void aPausedRunWithAQuestionToWriteRests() throws Exception {
    Pipeline pipeline =
        Pipeline.named("asking")
            .step("a", s -> s.code("crowd", "1"))
            .step("ask", s -> s.approval("Really?").after("a"))
            .build();
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(1);
      run.pause("lunch", ANNA);
      crowd.let(1);

      RunResult paused = run.await();
      assertThat(paused.status()).isEqualTo(RunStatus.PAUSED);
      assertThat(paused.questions()).isEmpty();

      run.resume(ANNA);
      assertThat(run.await().questions()).hasSize(1);
    }
  }

  @Test
  void stopInterruptsCodeAndResumeDoesItAgain() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(ONE, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(1);
      run.stop("fire", ANNA);

      RunResult stopped = run.await();
      assertThat(stopped.status()).isEqualTo(RunStatus.PAUSED);
      assertThat(crowd.inside()).isZero();

      run.resume(ANNA);
      crowd.let(1);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void stopOfEverythingReachesEveryRun() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run a = maestro.start(ONE, RunId.of("a"), Inputs.none());
      Run b = maestro.start(ONE, RunId.of("b"), Inputs.none());
      crowd.awaitEntered(2);
      maestro.stop("fire");

      assertThat(a.await().status()).isEqualTo(RunStatus.PAUSED);
      assertThat(b.await().status()).isEqualTo(RunStatus.PAUSED);
    }
  }

  @Test
  void cancelInterruptsCode() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(ONE, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(1);
      run.cancel("not needed", ANNA);

      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(state(result, "a")).isEqualTo(TaskState.CANCELLED);
      assertThat(crowd.inside()).isZero();
    }
  }

  @Test
  void cancelInterruptsAGateInCode() throws Exception {
    CountDownLatch checking = new CountDownLatch(1);
    Pipeline pipeline =
        Pipeline.named("gated")
            .step("a", s -> s.command("true").gate(Gate.code("slow", "1")))
            .build();
    GateCheck slow =
        subject -> {
          checking.countDown();
          new CountDownLatch(1).await();
          return GateCheck.Finding.pass();
        };
    try (Maestro maestro = builder().gate("slow", "1", slow).build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      checking.await();
      run.cancel("not needed", ANNA);

      assertThat(run.await().status()).isEqualTo(RunStatus.CANCELLED);
    }
  }

  @Test
  void cancelInterruptsAPredicate() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    Pipeline pipeline =
        Pipeline.named("asked")
            .step("a", s -> s.code("crowd", "1").when(new Condition.Predicate("slow", "1")))
            .build();
    try (Maestro maestro =
        builder()
            .predicate(
                "slow",
                "1",
                c -> {
                  asked.countDown();
                  new CountDownLatch(1).await();
                  return true;
                })
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      asked.await();
      run.cancel("not needed", ANNA);

      assertThat(run.await().status()).isEqualTo(RunStatus.CANCELLED);
    }
  }

  @Test
  void cancelEndsAWholeTreeOfProcesses() throws Exception {
    Pipeline pipeline =
        Pipeline.named("tree")
            .step(
                "a",
                s ->
                    s.command(
                        "sh",
                        "-c",
                        "sh -c 'sleep 1000 & echo $! > grandchild.tmp; mv grandchild.tmp"
                            + " grandchild; wait' & echo started; wait"))
            .build();
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      long grandchild = Long.parseLong(awaitFile(directory.resolve("grandchild")).strip());
      assertThat(ProcessHandle.of(grandchild)).isPresent();
      run.cancel("not needed", ANNA);
      run.await();

      assertThat(isRunning(grandchild)).isFalse();
    }
  }

  // ------------------------------------------------------------------ waiting

  @Test
  void waitingIsInterruptible() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(ONE, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(1);
      Thread.currentThread().interrupt();
      assertThatThrownBy(run::await).isInstanceOf(InterruptedException.class);
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);
    }
  }

  @Test
  void waitingForAWhileGivesNothingWhenTheTimeIsOver() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(ONE, RunId.of("r"), Inputs.none());
      assertThat(run.await(Duration.ofMillis(1))).isEmpty();
      crowd.let(1);
      assertThat(run.await(Duration.ofMinutes(2))).isPresent();
    }
  }

  @Test
  void whatHangsOnACompletionMayCallMaestro() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(ONE, RunId.of("r"), Inputs.none());
      CompletableFuture<RunStatus> next =
          run.completion()
              .thenApply(
                  result -> {
                    try {
                      return maestro.start(ONE, RunId.of("next"), Inputs.none()).await().status();
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  })
              .toCompletableFuture();
      crowd.let(2);
      assertThat(next.get(120, TimeUnit.SECONDS)).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void whoeverWaitsHearsThatMaestroWasClosed() throws Exception {
    Maestro maestro = builder().build();
    Run run = maestro.start(ONE, RunId.of("r"), Inputs.none());
    crowd.awaitEntered(1);
    CompletableFuture<RunResult> completion = run.completion().toCompletableFuture();
    maestro.close();

    assertThatThrownBy(() -> completion.get(120, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(ClosedException.class);
    assertThatThrownBy(run::await).isInstanceOf(ClosedException.class);
    assertThatThrownBy(() -> maestro.listen(entry -> {})).isInstanceOf(ClosedException.class);
  }

  // ------------------------------------------------------------------ closing

  @Test
  void closingInterruptsAndTheNextEngineGoesOn() throws Exception {
    StoreSource store = InMemoryStore.create();
    try (Maestro maestro = builder(store).build()) {
      maestro.start(ONE, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(1);
    }
    assertThat(crowd.inside()).isZero();
    try (Maestro maestro = builder(store).build()) {
      assertThat(
              maestro.find(RunId.of("r")).orElseThrow().snapshot().task("a").orElseThrow().state())
          .isEqualTo(TaskState.INTERRUPTED);
      Recovery recovery = maestro.recover();
      assertThat(recovery.runs()).hasSize(1);
      crowd.let(1);
      assertThat(recovery.runs().get(0).await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void closingIsBoundedWhenCodeIgnoresInterruptionAndItsResultIsFencedOff() throws Exception {
    StoreSource store = InMemoryStore.create();
    CountDownLatch in = new CountDownLatch(1);
    CountDownLatch stubborn = new CountDownLatch(1);
    CountDownLatch out = new CountDownLatch(1);
    MaestroBuilder builder =
        builder(store)
            .step(
                "stubborn",
                "1",
                c -> {
                  in.countDown();
                  awaitWhateverComes(stubborn);
                  out.countDown();
                  return "late";
                });
    builder.patience = Duration.ofMillis(200);
    Pipeline pipeline =
        Pipeline.named("p").step("a", s -> s.code("stubborn", "1").output("x")).build();
    Maestro maestro = builder.build();
    maestro.start(pipeline, RunId.of("r"), Inputs.none());
    in.await();
    // a machine that stands still meanwhile uses up none of it
    Deadline soon = Deadline.in(Duration.ofSeconds(20));
    CompletableFuture<Void> closed = onItsOwn(maestro::close);
    soon.waitWhile(() -> !closed.isDone(), TimeUnit.NANOSECONDS::sleep);
    assertThat(closed).isCompleted();
    stubborn.countDown();
    out.await();

    try (Maestro next = builder(store).build()) {
      RunResultView view = new RunResultView(next.find(RunId.of("r")).orElseThrow());
      assertThat(view.state("a")).isEqualTo(TaskState.INTERRUPTED);
    }
  }

  private static void awaitWhateverComes(CountDownLatch latch) {
    boolean over = false;
    while (!over) {
      try {
        latch.await();
        over = true;
      } catch (InterruptedException e) {
        // it is code that does not stop for this
      }
    }
  }

  private record RunResultView(Run run) {
    TaskState state(String task) {
      return run.snapshot().task(task).orElseThrow().state();
    }
  }

  @Test
  void closingAHundredTimesLeavesNothing() throws Exception {
    StoreSource store = FileStore.at(directory.resolve("store"));
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.code("crowd", "1"))
            .step("b", s -> s.command("sleep", "1000"))
            .build();
    open(store, pipeline, 0);
    int handles = OpenHandles.list().size();
    for (int i = 1; i <= 100; i++) {
      open(store, pipeline, i);
    }
    assertThat(LeftThreads.named("maestro-")).isEmpty();
    assertThat(OpenHandles.list()).hasSizeLessThanOrEqualTo(handles + 2);
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  private void open(StoreSource store, Pipeline pipeline, int round) throws Exception {
    try (Maestro maestro = builder(store).build()) {
      maestro.listen(entry -> {});
      maestro.watch((attempt, event) -> {});
      Run run = maestro.start(pipeline, RunId.of("r" + round), Inputs.none());
      crowd.awaitEntered(1);
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);
    }
  }

  /** A zombie that nobody has collected yet does not run any more. */
  private static boolean isRunning(long pid) {
    Path stat = Path.of("/proc/" + pid + "/stat");
    try {
      return !Files.readString(stat).matches("(?s).*\\) [ZX] .*");
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      // it went while its file was being read
      return Files.exists(stat);
    }
  }

  private static String awaitFile(Path file) throws Exception {
    try (var watch = file.getFileSystem().newWatchService()) {
      file.getParent().register(watch, java.nio.file.StandardWatchEventKinds.ENTRY_CREATE);
      while (!Files.exists(file)) {
        var key = watch.poll(10, TimeUnit.SECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
      return Files.readString(file);
    }
  }

  private static TaskState state(RunResult result, String task) {
    return result.snapshot().task(task).orElseThrow().state();
  }
}
