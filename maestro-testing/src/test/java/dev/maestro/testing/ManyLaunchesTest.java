package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.Capability;
import dev.maestro.failure.MaestroException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Sixty-four launches side by side, on budgets of runs, of a tenant's day and of the application:
 * what is spent is at most what may be, also when the engine is killed, and where a provider cannot
 * be kept to it, the overrun is recorded.
 */
class ManyLaunchesTest {

  static final int RUNS = 4;
  static final int TASKS = 16;
  static final int ALL = RUNS * TASKS;

  /**
   * Where each of a task's launches is cut off by a kill, a person is asked, and nobody is here.
   */
  private static final int MOST_KILLS = 3;

  /** What each launch puts aside. */
  private static final int EACH = 100;

  /** How a provider spends. */
  enum Spending {
    /** It wants more than it may, and stops at its cap. */
    CAPS(Capability.CAPS_SPEND),
    /** It tells what it has used up and goes on until it is stopped. */
    METERS(Capability.METERS),
    /** It uses up more than was put aside for it, and nobody can tell before. */
    NEITHER();

    private final Capability[] abilities;

    Spending(Capability... more) {
      abilities =
          Stream.concat(Stream.of(Capability.PROMPT_AFTER_START), Stream.of(more))
              .toArray(Capability[]::new);
    }

    private Turn turn(int uses, CountDownLatch together) {
      Turn begun = Turn.says("done").signals(together).waitsFor(together);
      return this == METERS
          ? begun.emits(new AgentEvent.UsageReported(tokens(EACH))).hangs()
          : begun.uses(tokens(uses));
    }
  }

  private static Usage tokens(int count) {
    return Usage.of(count, 0, Money.ZERO);
  }

  private Path house = Path.of("");

  @BeforeTry
  void build() throws IOException {
    house = Files.createTempDirectory("many-launches");
  }

  @AfterTry
  void tearDown() throws IOException {
    try (Stream<Path> all = Files.walk(house)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(one);
      }
    }
  }

  // ------------------------------------------------------------------ what is run

  private static Pipeline pipeline(int perRun) {
    PipelineBuilder pipeline = Pipeline.named("many").budget(budget(perRun));
    for (int i = 0; i < TASKS; i++) {
      pipeline.step(
          "t" + i,
          s ->
              s.agent("engineer")
                  .prompt("Do it")
                  .attempts(MOST_KILLS + 1)
                  .backoff(Backoff.NONE)
                  .timeout(Duration.ofDays(300)));
    }
    return pipeline.build();
  }

  /** Enough for so many launches, and for half of one more. */
  private static Budget budget(int launches) {
    return Budget.ofTokens(most(launches)).perAttempt(Cap.ofTokens(EACH)).aborts();
  }

  private static long most(int launches) {
    return (long) launches * EACH + EACH / 2;
  }

  /**
   * How many launches there is enough for.
   *
   * @param run in each run
   * @param day for the tenant on a day
   * @param application in all
   */
  record Limits(int run, int day, int application) {

    static final Limits PLENTY = new Limits(10 * ALL, 10 * ALL, 10 * ALL);

    int atOnce() {
      return Math.min(Math.min(day, application), RUNS * Math.min(run, TASKS));
    }
  }

  static MaestroBuilder builder(
      Path house, StoreSource store, VirtualTime time, Limits limits, ScriptedAgent agent) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .provider(agent)
        .time(time)
        .slots(ALL)
        .workspaces(Rooms.in(house))
        .budget(budget(limits.application()))
        .dailyBudget(Tenant.DEFAULT, budget(limits.day()));
  }

  /** Each of its launches waits until so many are under way. */
  static ScriptedAgent agent(Spending spending, int uses, CountDownLatch together) {
    return ScriptedAgent.named("scripted")
        .capabilities(spending.abilities)
        .otherwise(spending.turn(uses, together))
        .build();
  }

  static List<Run> startAll(Maestro maestro, Limits limits) {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      runs.add(maestro.start(pipeline(limits.run()), RunId.of("r" + i), Inputs.none()));
    }
    return runs;
  }

  // ------------------------------------------------------------------ what must hold

  private static void theBooksAgree(Maestro maestro, List<RunResult> results) {
    Amount journals =
        results.stream()
            .flatMap(result -> result.snapshot().tasks().stream())
            .map(Task::spent)
            .reduce(Amount.NONE, Amount::plus);
    List<LedgerAccount> ledger = maestro.ledger();

    assertThat(ledger).isNotEmpty();
    assertThat(ledger).allSatisfy(account -> assertThat(account.reserved()).isEqualTo(Amount.NONE));
    assertThat(sum(ledger.stream().filter(one -> one.name().equals("application"))))
        .isEqualTo(journals);
    assertThat(sum(ledger.stream().filter(one -> one.name().startsWith("day-"))))
        .isEqualTo(journals);
  }

  private static Amount sum(Stream<LedgerAccount> accounts) {
    return accounts.map(LedgerAccount::spent).reduce(Amount.NONE, Amount::plus);
  }

  private static void nothingIsOverspent(Maestro maestro, List<RunResult> results, Limits limits) {
    assertThat(maestro.ledger())
        .allSatisfy(
            account -> {
              boolean all = account.name().equals("application");
              int launches = all ? limits.application() : limits.day();
              assertThat(account.spent().tokens()).isLessThanOrEqualTo(most(launches));
            });
    assertThat(results)
        .allSatisfy(
            result -> assertThat(result.usage().tokens()).isLessThanOrEqualTo(most(limits.run())));
  }

  // ------------------------------------------------------------------ undisturbed

  @Example
  void sixtyFourLaunchesAreUnderWayAtOnce() throws Exception {
    List<RunResult> results = together(Spending.CAPS, EACH, Limits.PLENTY);

    assertThat(results).allMatch(RunResult::isSuccess);
    assertThat(launches(results)).isEqualTo(ALL);
  }

  @Example
  void thereAreNeverMoreThanEveryBudgetHasRoomFor() throws Exception {
    Limits limits = new Limits(10, 30, 25);

    List<RunResult> results = together(Spending.CAPS, EACH, limits);

    assertThat(launches(results)).isEqualTo(25);
    assertThat(results)
        .flatMap(result -> result.snapshot().tasks())
        .filteredOn(task -> task.state() != TaskState.COMPLETED)
        .hasSize(ALL - 25)
        .allSatisfy(task -> assertThat(task.reason()).contains(Reason.BUDGET_EXCEEDED));
  }

  @Example
  void whatCannotBePreventedIsRecordedLaunchByLaunch() throws Exception {
    Limits limits = new Limits(10, 30, 25);

    List<RunResult> results = together(Spending.NEITHER, 3 * EACH / 2, limits);

    assertThat(launches(results)).isEqualTo(25);
    assertThat(overruns).hasSize(25).allMatch(judgment -> judgment.detail().contains("150 of 100"));
    assertThat(results.stream().mapToLong(result -> result.usage().tokens()).sum())
        .isEqualTo(25L * 3 * EACH / 2);
  }

  private List<Judgment> overruns = List.of();

  private static int launches(List<RunResult> results) {
    return results.stream()
        .flatMap(result -> result.snapshot().tasks().stream())
        .mapToInt(Task::launches)
        .sum();
  }

  /** Every launch waits until as many are under way as there is enough for; time stands still. */
  private List<RunResult> together(Spending spending, int uses, Limits limits) throws Exception {
    ScriptedAgent agent = agent(spending, uses, new CountDownLatch(limits.atOnce()));
    try (VirtualTime time = VirtualTime.create();
        Maestro maestro = builder(house, InMemoryStore.create(), time, limits, agent).build()) {
      List<Run> runs = startAll(maestro, limits);
      List<RunResult> results = new ArrayList<>();
      for (Run run : runs) {
        results.add(run.await());
      }
      overruns =
          runs.stream()
              .flatMap(run -> run.judgments().stream())
              .flatMap(judged -> judged.judgments().stream())
              .filter(judgment -> judgment.detail().startsWith("overrun"))
              .toList();
      theBooksAgree(maestro, results);
      if (spending != Spending.NEITHER) {
        nothingIsOverspent(maestro, results, limits);
      }
      return results;
    }
  }

  // ------------------------------------------------------------------ killed

  @Provide
  Arbitrary<Limits> limits() {
    Arbitrary<Integer> some = Arbitraries.integers().between(1, ALL);
    return Combinators.combine(some, some, some).as(Limits::new);
  }

  @Provide
  Arbitrary<List<Integer>> kills() {
    return Arbitraries.integers().between(1, 120).list().ofMaxSize(MOST_KILLS);
  }

  @Tag("torture")
  @Property(tries = 300, shrinking = ShrinkingMode.OFF)
  void soItIsForLong(
      @ForAll Spending spending,
      @ForAll("limits") Limits limits,
      @ForAll("kills") List<Integer> kills)
      throws Exception {
    whatIsSpentIsAtMostWhatMayBeHoweverOftenTheEngineIsKilled(spending, limits, kills);
  }

  @Property(tries = 8, shrinking = ShrinkingMode.OFF)
  void whatIsSpentIsAtMostWhatMayBeHoweverOftenTheEngineIsKilled(
      @ForAll Spending spending,
      @ForAll("limits") Limits limits,
      @ForAll("kills") List<Integer> kills)
      throws Exception {
    Disk disk = new Disk(InMemoryStore.create());
    try (VirtualTime time = VirtualTime.create()) {
      CountDownLatch together = new CountDownLatch(limits.atOnce());
      for (int kill : kills) {
        run(disk, time, spending, limits, together, kill);
        together = new CountDownLatch(0);
      }
      run(disk, time, spending, limits, together, Integer.MAX_VALUE);
    }
  }

  private void run(
      Disk disk,
      VirtualTime time,
      Spending spending,
      Limits limits,
      CountDownLatch together,
      int commits)
      throws Exception {
    ScriptedAgent agent = agent(spending, 3 * EACH / 2, together);
    try (Maestro maestro = builder(house, disk.reopened(), time, limits, agent).build();
        Ticking ticking = new Ticking(time)) {
      disk.dieAfter(commits);
      List<CompletableFuture<RunResult>> ends = new ArrayList<>();
      for (Run run : startAll(maestro, limits)) {
        ends.add(run.completion().toCompletableFuture());
      }
      awaitOpen(together, ends);
      ticking.start();
      List<RunResult> results = new ArrayList<>();
      for (CompletableFuture<RunResult> end : ends) {
        results.add(end.get(120, TimeUnit.SECONDS));
      }
      assertThat(results).allMatch(result -> result.status().isTerminal());
      theBooksAgree(maestro, results);
      if (spending != Spending.NEITHER) {
        nothingIsOverspent(maestro, results, limits);
      }
    } catch (ExecutionException | MaestroException e) {
      assertThat(e).hasStackTraceContaining("crashed");
    }
  }

  @Example
  void whatIsSpentIsAtMostWhatMayBeAfterAProcessWasKilled() throws Exception {
    Process jvm = Machine.jvm(ManyLaunchesMain.class, "128m", house.toString());
    try {
      assertThat(jvm.inputReader().readLine()).isEqualTo("together");
    } finally {
      jvm.destroyForcibly().waitFor();
    }

    Limits limits = ManyLaunchesMain.LIMITS;
    ScriptedAgent agent = agent(Spending.CAPS, EACH, new CountDownLatch(0));
    try (VirtualTime time = VirtualTime.create();
        Maestro maestro =
            builder(house, ManyLaunchesMain.store(house), time, limits, agent).build();
        Ticking ticking = new Ticking(time)) {
      maestro.recover();
      List<Run> runs = startAll(maestro, limits);
      ticking.start();
      List<RunResult> results = new ArrayList<>();
      for (Run run : runs) {
        results.add(run.await());
      }

      assertThat(launches(results)).isGreaterThanOrEqualTo(ManyLaunchesMain.TOGETHER);
      assertThat(results).anyMatch(result -> result.usage().presumed());
      theBooksAgree(maestro, results);
      nothingIsOverspent(maestro, results, limits);
    }
  }

  private static void awaitOpen(CountDownLatch latch, List<CompletableFuture<RunResult>> ends)
      throws InterruptedException {
    while (!latch.await(5, TimeUnit.MILLISECONDS)
        && ends.stream().noneMatch(CompletableFuture::isDone)) {
      Thread.onSpinWait();
    }
  }
}
