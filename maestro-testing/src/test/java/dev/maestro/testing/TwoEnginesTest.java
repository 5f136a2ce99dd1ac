package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Claim;
import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.Capability;
import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Baseline;
import dev.maestro.policy.Budget;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.policy.ProviderLimits;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.store.Commit;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two engines on one store, each with runs of its own, which share what stands above runs. */
@Timeout(300)
class TwoEnginesTest {

  private static final Pipeline PIPELINE =
      Pipeline.named("p")
          .step("a", s -> s.agent("x").prompt("do it").evalGate(EvalGate.scoredBy("quality")))
          .build();

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private final InMemoryStore store = InMemoryStore.create();
  private final Disk disk = new Disk(store);
  private final VirtualTime time = VirtualTime.create();
  // of each test its own: a launch that another test has seen is none that can be waited for
  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted")
          .on("hangs", Turn.hanging())
          .otherwise(Turn.says("done"))
          .build();

  private MaestroBuilder builder(String name, ScriptedAgent agent) throws Exception {
    return Maestro.builder()
        .discoverNothing()
        .owner(name)
        .time(time)
        .store(disk.reopened())
        .workspaces(DirectoryWorkspaces.at(Files.createDirectories(directory.resolve(name))))
        .provider(agent);
  }

  private Maestro engine(String name) throws Exception {
    return builder(name, agent)
        .judge("quality", context -> 0.9)
        .limit(agent.id(), ProviderLimits.NONE.rate(1_000, Duration.ofHours(1)))
        .build();
  }

  private static void completes(Maestro engine, String run) throws Exception {
    assertThat(engine.start(PIPELINE, RunId.of(run), Inputs.none()).await().status())
        .isEqualTo(RunStatus.SUCCEEDED);
  }

  /**
   * Each has read the records before the other writes them, so that every second commit meets it.
   */
  @Test
  void aRecordThatTheOtherHasWrittenTakesNoRunFromItsEngine() throws Exception {
    try (Maestro one = engine("one");
        Maestro other = engine("other")) {
      for (int i = 0; i < 4; i++) {
        completes(one, "one-" + i);
        completes(other, "other-" + i);
      }

      Baseline baseline = one.baselines().get(0);
      assertThat(baseline.scores())
          .as("no score of the other is lost")
          .extracting(score -> score.run().value())
          .containsExactly(
              "one-0", "other-0", "one-1", "other-1", "one-2", "other-2", "one-3", "other-3");
      assertThat(begun().split("Z\"", -1)).as("no launch of the other is forgotten").hasSize(9);
    }
  }

  @Test
  void aBaselineThatTheOtherHasBegunAnewIsAsked() throws Exception {
    AtomicReference<Double> score = new AtomicReference<>(0.9);
    try (Maestro one = engine("one");
        Maestro other = builder("other", agent).judge("quality", c -> score.get()).build()) {
      for (int i = 0; i < EvalGate.MIN_BASELINE_RUNS; i++) {
        completes(other, "usual-" + i);
      }
      score.set(0.1);
      RunResult dropped = other.start(PIPELINE, RunId.of("dropped"), Inputs.none()).await();
      assertThat(dropped.snapshot().task("a").orElseThrow().reason()).contains(Reason.EVAL_BLOCKED);

      one.beginAnew(one.baselines().get(0), Actor.of("ann"));

      completes(other, "compared-with-nothing");
    }
  }

  @Test
  void aQuotaThatTheOtherHasUsedUpIsWaitedFor() throws Exception {
    Pipeline used =
        Pipeline.named("used")
            .step("a", s -> s.agent("scripted").prompt("more").allowNoOp())
            .build();
    ScriptedAgent greedy =
        ScriptedAgent.named("scripted")
            .on("a", Turn.quota(time.instant().plus(Duration.ofHours(5))))
            .build();
    ScriptedAgent modest = ScriptedAgent.named("scripted").otherwise(Turn.says("done")).build();
    try (Maestro one = builder("one", greedy).build();
        Maestro other = builder("other", modest).build()) {
      assertThat(other.start(used, RunId.of("before"), Inputs.none()).await().isSuccess()).isTrue();
      one.start(used, RunId.of("uses"), Inputs.none());
      greedy.awaitLaunch("a", 1, PATIENCE);
      awaits(one, "uses");

      other.start(used, RunId.of("after"), Inputs.none());
      awaits(other, "after");

      assertThat(modest.launches("a")).as("only the one before").hasSize(1);
    }
  }

  @Test
  void whatALaunchHasToldOfItsProviderIsKnownThoughItsRunWasTakenOver() throws Exception {
    Pipeline used =
        Pipeline.named("used")
            .step("a", s -> s.agent("scripted").prompt("more").allowNoOp())
            .build();
    CountDownLatch awaited = new CountDownLatch(1);
    ScriptedAgent greedy =
        ScriptedAgent.named("scripted")
            .on("a", Turn.quota(time.instant().plus(Duration.ofHours(5))).waitsFor(awaited))
            .then(Turn.quota(time.instant().plus(Duration.ofHours(5))))
            .build();
    try (Maestro one = builder("one", greedy).store(fencedAtThe(RunEvent.Acted.class)).build()) {
      Run taken = one.start(used, RunId.of("taken"), Inputs.none());
      CompletionStage<RunResult> end = taken.completion();
      awaited.countDown();
      assertThatThrownBy(() -> end.toCompletableFuture().join())
          .hasCauseInstanceOf(StoreException.class);

      one.start(used, RunId.of("after"), Inputs.none());
      awaits(one, "after");

      assertThat(greedy.launches("a")).hasSize(1);
    }
  }

  // opens when the predicate of a run is asked, which one engine never answers
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch never = new CountDownLatch(1);
  private static final Pipeline STANDS =
      Pipeline.named("stands")
          .step("a", s -> s.agent("x").prompt("do it").when(new Condition.Predicate("never", "1")))
          .build();

  private Maestro neverAnswering() throws Exception {
    return builder("one", agent)
        .predicate(
            "never",
            "1",
            values -> {
              asked.countDown();
              never.await();
              return true;
            })
        .build();
  }

  private Maestro answering() throws Exception {
    return builder("other", agent).predicate("never", "1", values -> true).build();
  }

  /** Have the engine hear of it: it does one thing after another, and then answers this. */
  private void timePasses(Duration duration, Run run) {
    time.advance(duration);
    assertThat(run.snapshot().status().isTerminal()).isFalse();
  }

  private static void assertTakenOver(String run, CompletionStage<RunResult> end) {
    assertThatThrownBy(() -> end.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(StoreException.class)
        .hasMessageContaining("run default/" + run + " has been taken over by another engine");
  }

  @Test
  void whoWaitsForARunThatTheOtherHasTakenOverHearsOfIt() throws Exception {
    try (Maestro one = neverAnswering();
        Maestro other = answering()) {
      Run waits = one.start(STANDS, RunId.of("waits"), Inputs.none());
      CompletionStage<RunResult> end = waits.completion();
      asked.await();
      timePasses(Duration.ofDays(2), waits);
      assertThat(other.recover(RunId.of("waits")).orElseThrow().await().isSuccess()).isTrue();

      time.advance(Duration.ofMinutes(1));

      assertTakenOver("waits", end);
      assertThat(waits.await().isSuccess()).as("it has ended, and that can be read").isTrue();
    } finally {
      never.countDown();
    }
  }

  @Test
  void whoWaitsForOneOfSeveralHearsOfItThoughTheLeaseOfAnotherIsOverLater() throws Exception {
    try (Maestro one = neverAnswering();
        Maestro other = answering()) {
      Run early = one.start(STANDS, RunId.of("early"), Inputs.none());
      asked.await();
      time.advance(Duration.ofHours(20));
      one.start(STANDS, RunId.of("late"), Inputs.none()).completion();
      CompletionStage<RunResult> end = early.completion();
      timePasses(Duration.ofHours(5), early);
      assertThat(other.recover(RunId.of("early")).orElseThrow().await().isSuccess()).isTrue();

      time.advance(Duration.ofMinutes(1));

      assertTakenOver("early", end);
    } finally {
      never.countDown();
    }
  }

  @Test
  void whoWaitsForARunThatWaitsForLongHearsThatTheOtherHasTakenItOver() throws Exception {
    Pipeline later =
        Pipeline.named("later")
            .step("a", s -> s.agent("x").prompt("do it").delay(Duration.ofDays(30)))
            .build();
    try (Maestro one = builder("one", agent).build();
        Maestro other = builder("other", agent).build()) {
      Run waits = one.start(later, RunId.of("later"), Inputs.none());
      CompletionStage<RunResult> end = waits.completion();
      timePasses(Duration.ofHours(25), waits);
      Run taken = other.recover(RunId.of("later")).orElseThrow();
      taken.cancel("no longer wanted", Actor.of("ann"));

      time.advance(Duration.ofMinutes(1));

      assertTakenOver("later", end);
    }
  }

  /** {@return the store, on which another has taken a run over before this is first written} */
  private StoreSource fencedAtThe(Class<? extends RunEvent> event) {
    AtomicBoolean first = new AtomicBoolean(true);
    StoreSource source = disk.reopened();
    return clock -> {
      Store inner = source.open(clock);
      return (Store)
          Proxy.newProxyInstance(
              Store.class.getClassLoader(),
              new Class<?>[] {Store.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("commit")) {
                  return ((List<?>) arguments[0])
                      .stream()
                          .map(
                              one ->
                                  has((Commit) one, event) && first.getAndSet(false)
                                      ? new CommitOutcome.Fenced(99)
                                      : inner.commit(List.of((Commit) one)).get(0))
                          .toList();
                }
                try {
                  return method.invoke(inner, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    };
  }

  private static void awaits(Maestro engine, String run) {
    Run waiting = engine.find(RunId.of(run)).orElseThrow();
    while (waiting.snapshot().task("a").orElseThrow().until().isEmpty()) {
      assertThat(waiting.snapshot().status().isTerminal()).isFalse();
      Thread.onSpinWait();
    }
    assertThat(waiting.snapshot().task("a").orElseThrow().reason())
        .contains(Reason.QUOTA_EXHAUSTED);
  }

  // ------------------------------------------------------------------ budgets that they share

  private static final Pipeline PAID =
      Pipeline.named("paid")
          .step(
              "a",
              s ->
                  s.agent("x")
                      .prompt("do it")
                      .backoff(Backoff.NONE)
                      .timeout(Duration.ofDays(300))
                      .inactivity(Duration.ofDays(300)))
          .build();
  private static final Budget FOR_TEN =
      Budget.ofTokens(1_000).perAttempt(Cap.ofTokens(100)).aborts();

  private static ScriptedAgent paid() {
    return ScriptedAgent.named("paid")
        .capabilities(Capability.CAPS_SPEND, Capability.PROMPT_AFTER_START)
        .otherwise(Turn.says("done").uses(Usage.of(100, 0, Money.ZERO)))
        .build();
  }

  private static long spent(Maestro engine, String account) {
    return engine.ledger().stream()
        .filter(one -> one.name().equals(account))
        .findFirst()
        .orElseThrow()
        .spent()
        .tokens();
  }

  @Test
  void inTurnsTheySpendNoMoreThanADayAllows() throws Exception {
    int succeeded = 0;
    try (Maestro one = builder("one", paid()).dailyBudget(Tenant.DEFAULT, FOR_TEN).build();
        Maestro other = builder("other", paid()).dailyBudget(Tenant.DEFAULT, FOR_TEN).build()) {
      for (int i = 0; i < 14; i++) {
        Maestro engine = i % 2 == 0 ? one : other;
        Run run = engine.start(PAID, RunId.of("r" + i), Inputs.none());
        succeeded += run.await().isSuccess() ? 1 : 0;
      }

      assertThat(succeeded).isEqualTo(10);
      assertThat(spent(one, "day-2026-01-01")).isEqualTo(1_000);
    }
  }

  @Test
  void atOnceTheySpendNoMoreThanTheApplicationMay() throws Exception {
    try (Maestro one = builder("one", paid()).slots(12).budget(FOR_TEN).build();
        Maestro other = builder("other", paid()).slots(12).budget(FOR_TEN).build()) {
      List<CompletableFuture<RunResult>> results = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        for (Maestro engine : List.of(one, other)) {
          String name = (engine == one ? "one-" : "other-") + i;
          Run run = engine.start(PAID, RunId.of(name), Inputs.none());
          results.add(run.completion().toCompletableFuture());
        }
      }
      int succeeded = 0;
      for (CompletableFuture<RunResult> result : results) {
        succeeded += atItsEnd(result).isSuccess() ? 1 : 0;
      }

      assertThat(succeeded).isEqualTo(10);
      assertThat(spent(one, "application")).isEqualTo(1_000);
    }
  }

  /** Who waits for what a launch of the other engine has put aside looks again after a minute. */
  private RunResult atItsEnd(CompletableFuture<RunResult> result) throws Exception {
    while (true) {
      try {
        return result.get(100, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        time.advance(Duration.ofMinutes(1));
      }
    }
  }

  @Test
  void aLaunchThatTheOtherHasComeBeforeIsDecidedOnAnew() throws Exception {
    Budget forOne = Budget.ofTokens(100).perAttempt(Cap.ofTokens(100)).aborts();
    try (Maestro other = builder("other", paid()).budget(forOne).build();
        Maestro one =
            builder("one", paid())
                .store(
                    beforeThe(
                        RunEvent.Intent.class,
                        () -> other.start(PAID, RunId.of("b"), Inputs.none()).await()))
                .budget(forOne)
                .build()) {
      RunResult late = one.start(PAID, RunId.of("a"), Inputs.none()).await();

      assertThat(other.find(RunId.of("b")).orElseThrow().await().isSuccess()).isTrue();
      assertThat(late.snapshot().task("a").orElseThrow().reason()).contains(Reason.BUDGET_EXCEEDED);
      assertThat(late.snapshot().task("a").orElseThrow().launches()).isZero();
      assertThat(spent(one, "application")).isEqualTo(100);
    }
  }

  /** {@return the store, on which this happens before the first such event is written} */
  private StoreSource beforeThe(Class<? extends RunEvent> event, Callable<?> meanwhile) {
    AtomicBoolean first = new AtomicBoolean(true);
    StoreSource source = disk.reopened();
    return clock -> {
      Store inner = source.open(clock);
      return (Store)
          Proxy.newProxyInstance(
              Store.class.getClassLoader(),
              new Class<?>[] {Store.class},
              (proxy, method, arguments) -> {
                boolean comes =
                    method.getName().equals("commit")
                        && ((List<?>) arguments[0])
                            .stream().anyMatch(one -> has((Commit) one, event));
                if (comes && first.getAndSet(false)) {
                  meanwhile.call();
                }
                try {
                  return method.invoke(inner, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    };
  }

  private static boolean has(Commit commit, Class<? extends RunEvent> event) {
    return commit.events().stream().map(new RunEventCodec()::decode).anyMatch(event::isInstance);
  }

  @Test
  void aGrantOfEachCounts() throws Exception {
    try (Maestro one = builder("one", paid()).budget(FOR_TEN).build();
        Maestro other = builder("other", paid()).budget(FOR_TEN).build()) {
      one.grant(Cap.ofTokens(1), Actor.of("ann"));
      other.grant(Cap.ofTokens(10), Actor.of("bo"));
      one.grant(Cap.ofTokens(100), Actor.of("ann"));

      LedgerAccount account = one.ledger().get(0);
      assertThat(account.granted()).isEqualTo(Cap.ofTokens(111));
      assertThat(account.grants())
          .extracting(grant -> grant.actor().name())
          .containsExactly("ann", "bo", "ann");
    }
  }

  @Test
  void aStopOfEverythingNamesWhatAnotherEngineDrives() throws Exception {
    Pipeline hanging =
        Pipeline.named("hanging").step("hangs", s -> s.agent("x").prompt("wait")).build();
    try (Maestro one = engine("one");
        Maestro other = engine("other")) {
      Run run = one.start(hanging, RunId.of("far"), Inputs.none());
      agent.awaitLaunch("hangs", 1, PATIENCE);

      assertThatThrownBy(() -> other.stop("fire"))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("default/far");
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);

      one.stop("fire");
      assertThat(run.await().status()).isEqualTo(RunStatus.PAUSED);
    }
  }

  @Test
  void aClaimHeedsWhatTheOtherHasGranted() throws Exception {
    Budget forOne = Budget.ofTokens(100).perAttempt(Cap.ofTokens(100)).aborts();
    try (Maestro one = builder("one", paid()).budget(forOne).build();
        Maestro other = builder("other", paid()).budget(forOne).build()) {
      assertThat(one.start(PAID, RunId.of("a"), Inputs.none()).await().isSuccess()).isTrue();
      Run claimed = claimable(one, "claimed");
      assertThatThrownBy(() -> claimed.claim(A, ANN, HOUR))
          .isInstanceOf(RefusedException.class)
          .satisfies(e -> assertThat(((RefusedException) e).code()).isEqualTo("budget-exceeded"));

      other.grant(Cap.ofTokens(100), Actor.of("ann"));

      assertThat(claimed.claim(A, ANN, HOUR)).isPresent();
    }
  }

  // ------------------------------------------------------------------ a place that they share

  private static final Actor ANN = Actor.of("ann");
  private static final Actor BEN = Actor.of("ben");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final TaskId A = TaskId.of("a");
  private static final Pipeline CLAIMED =
      Pipeline.named("claimed").step("a", s -> s.agent("x").prompt("do it").byClaim()).build();

  private MaestroBuilder inOnePlace(String name) throws Exception {
    return builder(name, agent).workspaces(DirectoryWorkspaces.at(directory));
  }

  private static Run claimable(Maestro engine, String run) {
    return engine.start(CLAIMED, RunId.of(run), Inputs.none());
  }

  private static void isTaken(Run run, Actor by, Actor from) {
    assertThatThrownBy(() -> run.claim(A, by, HOUR))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(from + " works there, on task a of run")
        .satisfies(e -> assertThat(((RefusedException) e).code()).isEqualTo("place-taken"));
  }

  @Test
  void whoeverWorksInAPlaceIsKnownToBoth() throws Exception {
    try (Maestro one = inOnePlace("one").build();
        Maestro other = inOnePlace("other").build()) {
      Run anns = claimable(one, "anns");
      Run bens = claimable(other, "bens");

      Claim first = anns.claim(A, ANN, HOUR).orElseThrow();
      isTaken(bens, BEN, ANN);
      first.release();
      Claim second = bens.claim(A, BEN, HOUR).orElseThrow();
      isTaken(anns, ANN, BEN);
      second.release();

      assertThat(anns.claim(A, ANN, HOUR)).isPresent();
      isTaken(bens, BEN, ANN);
    }
  }

  @Test
  void whoeverWorksInAPlaceIsKnownThoughTheOtherHasTakenTheRunOver() throws Exception {
    try (Maestro one = inOnePlace("one").build();
        Maestro other = inOnePlace("other").build()) {
      Run bens = claimable(one, "bens");
      claimable(one, "anns");
      time.advance(Duration.ofDays(2));
      Run anns = other.find(RunId.of("anns")).orElseThrow();
      assertThat(anns.claim(A, ANN, HOUR)).isPresent();

      isTaken(bens, BEN, ANN);
    }
  }

  @Test
  void aClaimThatTheOtherHasComeBeforeIsDecidedOnAnew() throws Exception {
    List<Run> bens = new ArrayList<>();
    try (Maestro other = inOnePlace("other").build();
        Maestro one =
            inOnePlace("one")
                .store(beforeThe(RunEvent.TaskClaimed.class, () -> bens.get(0).claim(A, BEN, HOUR)))
                .build()) {
      bens.add(claimable(other, "bens"));
      Run anns = claimable(one, "anns");

      isTaken(anns, ANN, BEN);
      assertThat(anns.snapshot().task("a").orElseThrow().claim())
          .as("nothing of it has happened")
          .isEmpty();
      bens.get(0).claimed(A, BEN).orElseThrow().release();

      assertThat(anns.claim(A, ANN, HOUR).orElseThrow().number()).isEqualTo(1);
    }
  }

  @Test
  void aRunIsFoundByWhatTheClaimOfItsLastTaskMakesOfIt() throws Exception {
    Pipeline hanging =
        Pipeline.named("hanging").step("hangs", s -> s.agent("x").prompt("wait")).build();
    try (Maestro one = inOnePlace("one").build()) {
      one.start(hanging, RunId.of("far"), Inputs.none());
      agent.awaitLaunch("hangs", 1, PATIENCE);
      Run waits = one.start(PAID, RunId.of("waits-for-the-slot"), Inputs.none());
      assertThat(waits.snapshot().status()).isEqualTo(RunStatus.RUNNING);

      waits.claim(A, ANN, HOUR).orElseThrow();

      assertThat(waits.snapshot().status()).isEqualTo(RunStatus.WAITING);
      try (Store open = store.open(VirtualTime.create())) {
        assertThat(open.index(waits.key()).orElseThrow().state()).isEqualTo("WAITING");
      }
    }
  }

  @Test
  void ofManyThatClaimAtOnceInBothOneWorks() throws Exception {
    try (Maestro one = inOnePlace("one").build();
        Maestro other = inOnePlace("other").build()) {
      int many = 6;
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        runs.add(claimable(i % 2 == 0 ? one : other, "r" + i));
      }
      ExecutorService threads = Executors.newFixedThreadPool(many);
      int working = 0;
      try {
        CyclicBarrier together = new CyclicBarrier(many);
        List<Callable<Boolean>> tries = new ArrayList<>();
        for (Run run : runs) {
          Actor who = Actor.of("host-of-" + run.key().run());
          tries.add(
              () -> {
                together.await();
                return run.claim(A, who, HOUR).isPresent();
              });
        }
        for (Future<Boolean> claim : threads.invokeAll(tries)) {
          working += works(claim) ? 1 : 0;
        }
      } finally {
        threads.shutdownNow();
      }

      assertThat(working).isEqualTo(1);
      for (Run run : runs) {
        run.cancel("no more", ANN);
        assertThat(run.await().status()).isEqualTo(RunStatus.CANCELLED);
      }
    }
  }

  private static boolean works(Future<Boolean> one) throws Exception {
    try {
      return one.get();
    } catch (ExecutionException e) {
      assertThat(e.getCause())
          .isInstanceOf(RefusedException.class)
          .satisfies(why -> assertThat(((RefusedException) why).code()).isEqualTo("place-taken"));
      return false;
    }
  }

  private String begun() {
    try (Store open = store.open(VirtualTime.create())) {
      return open.records().stream()
          .filter(record -> record.key().namespace().equals("provider"))
          .map(record -> new String(record.json(), StandardCharsets.UTF_8))
          .findFirst()
          .orElseThrow();
    }
  }
}
