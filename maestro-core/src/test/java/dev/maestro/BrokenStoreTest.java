package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.MaestroException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.Commit;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store fails in the middle: nobody hangs, nothing is lost, another engine goes on. */
@Timeout(300)
class BrokenStoreTest {

  private static final Pipeline CHAIN =
      Pipeline.named("chain")
          .step("a", s -> s.code("count", "1").output("x"))
          .step("b", s -> s.code("count", "1").after("a"))
          .step("c", s -> s.command("echo", "{{ x }}").after("a"))
          .step("d", s -> s.code("count", "1").after("b", "c"))
          .build();

  @TempDir Path directory;

  private final Crowd crowd = new Crowd();
  private final ConcurrentHashMap<String, AtomicInteger> counts = new ConcurrentHashMap<>();

  private MaestroBuilder builder(StoreSource store) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .step("crowd", "1", crowd)
        .step(
            "count",
            "1",
            c ->
                counts
                    .computeIfAbsent(c.attempt().task().value(), t -> new AtomicInteger())
                    .incrementAndGet());
  }

  @Test
  void whereverTheStoreFailsEverybodyHearsOfItAndTheNextEngineGoesOn() throws Exception {
    for (int failing = 1; failing <= 12; failing++) {
      StoreSource store = InMemoryStore.create();
      AtomicInteger commits = new AtomicInteger();
      int number = failing;
      StoreSource faulty =
          BrokenStore.of(
              store,
              batch -> {
                if (commits.incrementAndGet() == number) {
                  throw new StoreException("the disk is on fire");
                }
                return Optional.empty();
              });
      try (Maestro maestro = builder(faulty).build()) {
        assertThatThrownByOrDone(() -> maestro.start(CHAIN, RunId.of("r"), Inputs.none()).await());
      }
      try (Maestro maestro = builder(store).build()) {
        maestro.recover();
        RunResult result = maestro.start(CHAIN, RunId.of("r"), Inputs.none()).await();
        assertThat(result.status()).as("failing at %d", failing).isEqualTo(RunStatus.SUCCEEDED);
      }
    }
  }

  private interface Action {
    void run() throws Exception;
  }

  private static void assertThatThrownByOrDone(Action action) throws Exception {
    try {
      action.run();
    } catch (StoreException e) {
      assertThat(e).hasStackTraceContaining("the disk is on fire");
    }
  }

  @Test
  void whatIsAtWorkIsStoppedAndEveryWaiterAndCallerHears() throws Exception {
    AtomicReference<StoreException> fire = new AtomicReference<>();
    StoreSource store = InMemoryStore.create();
    StoreSource faulty =
        BrokenStore.of(
            store,
            batch -> {
              if (fire.get() != null) {
                throw fire.get();
              }
              return Optional.empty();
            });
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.code("crowd", "1"))
            .step("b", s -> s.code("crowd", "1"))
            .build();
    try (Maestro maestro = builder(faulty).build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(2);
      CompletableFuture<RunResult> waiting = run.completion().toCompletableFuture();
      fire.set(new StoreException("the disk is on fire"));
      crowd.let(1);

      assertThatThrownBy(() -> waiting.get(120, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasStackTraceContaining("the disk is on fire");
      assertThatThrownBy(run::await).isInstanceOf(StoreException.class);
      assertThatThrownBy(run::snapshot).isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> maestro.start(pipeline, RunId.of("s"), Inputs.none()))
          .isInstanceOf(StoreException.class);
    }
    assertThat(crowd.inside()).isZero();
  }

  @Test
  void anErrorOutOfTheStoreHangsNobody() throws Exception {
    StoreSource faulty =
        BrokenStore.of(
            InMemoryStore.create(),
            batch -> {
              throw new StackOverflowError("deep");
            });
    try (Maestro maestro = builder(faulty).build()) {
      assertThatThrownBy(() -> maestro.start(CHAIN, RunId.of("r"), Inputs.none()))
          .isInstanceOf(MaestroException.class)
          .hasStackTraceContaining("deep");
      assertThatThrownBy(() -> maestro.find(RunId.of("r"))).isInstanceOf(MaestroException.class);
    }
  }

  /** What cannot even be named, as when the heap is full. */
  private static final class Unspeakable extends OutOfMemoryError {

    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new OutOfMemoryError("no memory for words");
    }
  }

  @Test
  void everybodyHearsOfAFailureThatThereIsNoMemoryToDescribe() throws Exception {
    AtomicBoolean full = new AtomicBoolean();
    StoreSource store = InMemoryStore.create();
    StoreSource faulty =
        BrokenStore.of(
            store,
            batch -> {
              if (full.get()) {
                throw new Unspeakable();
              }
              return Optional.empty();
            });
    Pipeline one = Pipeline.named("one").step("a", s -> s.code("crowd", "1")).build();
    try (Maestro maestro = builder(faulty).build()) {
      Run run = maestro.start(one, RunId.of("r"), Inputs.none());
      crowd.awaitEntered(1);
      CompletableFuture<RunResult> waiting = run.completion().toCompletableFuture();
      full.set(true);
      crowd.let(1);

      assertThatThrownBy(() -> waiting.get(120, TimeUnit.SECONDS))
          .hasStackTraceContaining("memory has run out");
      assertThatThrownBy(run::await).hasMessageContaining("memory has run out");
      assertThatThrownBy(() -> maestro.start(one, RunId.of("s"), Inputs.none()))
          .hasMessageContaining("memory has run out");
    }
    try (Maestro maestro = builder(store).build()) {
      maestro.recover();
      crowd.let(1);
      assertThat(maestro.start(one, RunId.of("r"), Inputs.none()).await().status())
          .isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void aRunThatAnotherEngineHasTakenOverIsLetGoAndOthersGoOn() throws Exception {
    Function<List<Commit>, Optional<List<CommitOutcome>>> taken =
        commits ->
            commits.size() == 1
                    && commits.get(0).run() != null
                    && commits.get(0).run().run().value().equals("taken")
                    && commits.get(0).expectedSequence() > 0
                    && crowd.order().size() >= 2
                ? Optional.of(List.of(new CommitOutcome.Fenced(99)))
                : Optional.empty();
    try (Maestro maestro = builder(BrokenStore.of(InMemoryStore.create(), taken)).build()) {
      Pipeline one = Pipeline.named("one").step("a", s -> s.code("crowd", "1")).build();
      Run lost = maestro.start(one, RunId.of("taken"), Inputs.none());
      Run kept = maestro.start(one, RunId.of("kept"), Inputs.none());
      crowd.awaitEntered(2);
      CompletableFuture<RunResult> waiting = lost.completion().toCompletableFuture();
      assertThatThrownBy(() -> lost.pause("now", dev.maestro.task.Actor.of("anna")))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("taken over");
      assertThatThrownBy(() -> waiting.get(120, TimeUnit.SECONDS))
          .hasCauseInstanceOf(StoreException.class);

      // or the lost one, which is interrupted on a thread of its own, takes what the other is to
      // have
      crowd.awaitInside(1);
      crowd.let(1);
      assertThat(kept.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
    assertThat(crowd.inside()).isZero();
  }

  @Test
  void anEngineThatStillWritesWhileItsRunIsTakenOverLosesItAndNothingItWroteIsLost()
      throws Exception {
    StoreSource memory = InMemoryStore.create();
    Pipeline pipeline =
        Pipeline.named("two")
            .step("a", s -> s.code("crowd", "1"))
            .step("b", s -> s.code("crowd", "1").after("a"))
            .build();
    AtomicInteger commits = new AtomicInteger();
    // the dead one ends its first task after its successor has read the run, and begins the second
    StoreSource late =
        BrokenStore.of(
            memory,
            batch -> {
              if (commits.incrementAndGet() == 1) {
                crowd.let(1);
                crowd.awaitEnteredQuietly(1);
              }
              return Optional.empty();
            });
    try (Maestro dead = builder(memory).build();
        Maestro successor = builder(late).build()) {
      Run abandoned = dead.start(pipeline, RunId.of("r"), Inputs.none());
      CompletableFuture<RunResult> waiting = abandoned.completion().toCompletableFuture();
      crowd.awaitEntered(1);

      Recovery recovery = successor.recover();

      assertThat(recovery.refused()).isEmpty();
      crowd.let(2);
      RunResult result = recovery.runs().get(0).await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(crowd.order()).containsExactly("r/a", "r/b", "r/b");
      assertThatThrownBy(() -> waiting.get(120, TimeUnit.SECONDS))
          .hasStackTraceContaining("taken over");
    }
  }

  @Test
  void aSecondEngineOnTheSameMemoryIsRefusedTheRunUntilTheFirstIsClosed() throws Exception {
    StoreSource store = InMemoryStore.create();
    Pipeline one = Pipeline.named("one").step("a", s -> s.code("crowd", "1")).build();
    try (Maestro second = builder(store).owner("second").build()) {
      try (Maestro first = builder(store).owner("first").build()) {
        first.start(one, RunId.of("r"), Inputs.none());
        crowd.awaitEntered(1);

        Recovery refused = second.recover();
        assertThat(refused.runs()).isEmpty();
        assertThat(refused.refused().values()).singleElement().asString().contains("driven by");
      }
      crowd.let(1);
      assertThat(second.recover().runs().get(0).await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void oneThatNeverNoticedDoesNotGiveBackItsSuccessorsLease() throws Exception {
    StoreSource store = InMemoryStore.create();
    Pipeline one = Pipeline.named("one").step("a", s -> s.code("crowd", "1")).build();
    try (Maestro successor = builder(store).build();
        Maestro other = builder(store).owner("other").build()) {
      try (Maestro dead = builder(store).build()) {
        dead.start(one, RunId.of("r"), Inputs.none());
        crowd.awaitEntered(1);
        assertThat(successor.recover().refused()).isEmpty();
      }

      Recovery refused = other.recover();

      assertThat(refused.runs()).isEmpty();
      assertThat(refused.refused().values()).singleElement().asString().contains("driven by");
    }
  }

  @Test
  void twoEnginesInOneJvmDoNotDisturbEachOther() throws Exception {
    try (Maestro first = builder(FileStore.at(directory.resolve("one"))).build();
        Maestro second = builder(FileStore.at(directory.resolve("two"))).build()) {
      Run a = first.start(CHAIN, RunId.of("r"), Inputs.none());
      Run b = second.start(CHAIN, RunId.of("r"), Inputs.none());
      assertThat(a.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(b.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void leasesOfAnEarlierOpeningAreVoid() {
    StoreSource source = FileStore.at(directory.resolve("store"));
    long token;
    try (var store = source.open(java.time.InstantSource.system())) {
      token = store.acquire("run/a", "one", java.time.Duration.ofDays(1)).orElseThrow().token();
    }
    try (var store = source.open(java.time.InstantSource.system())) {
      assertThat(store.acquire("run/a", "two", java.time.Duration.ofDays(1)).orElseThrow().token())
          .isGreaterThan(token);
    }
  }
}
