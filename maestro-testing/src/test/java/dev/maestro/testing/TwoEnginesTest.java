package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.Capability;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two engines on one store, each with runs of its own, which share what stands above runs. */
@Timeout(300)
class TwoEnginesTest {

  private static final ScriptedAgent AGENT =
      ScriptedAgent.named("scripted")
          .on("hangs", Turn.hanging())
          .otherwise(Turn.says("done"))
          .build();
  private static final Pipeline PIPELINE =
      Pipeline.named("p")
          .step("a", s -> s.agent("x").prompt("do it").evalGate(EvalGate.scoredBy("quality")))
          .build();

  @TempDir Path directory;

  private final InMemoryStore store = InMemoryStore.create();
  private final Disk disk = new Disk(store);
  private final VirtualTime time = VirtualTime.create();

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
    return builder(name, AGENT)
        .judge("quality", context -> 0.9)
        .limit(AGENT.id(), ProviderLimits.NONE.rate(1_000, Duration.ofHours(1)))
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
                .store(beforeALaunch(() -> other.start(PAID, RunId.of("b"), Inputs.none()).await()))
                .budget(forOne)
                .build()) {
      RunResult late = one.start(PAID, RunId.of("a"), Inputs.none()).await();

      assertThat(other.find(RunId.of("b")).orElseThrow().await().isSuccess()).isTrue();
      assertThat(late.snapshot().task("a").orElseThrow().reason()).contains(Reason.BUDGET_EXCEEDED);
      assertThat(late.snapshot().task("a").orElseThrow().launches()).isZero();
      assertThat(spent(one, "application")).isEqualTo(100);
    }
  }

  private StoreSource beforeALaunch(Callable<?> meanwhile) {
    AtomicBoolean first = new AtomicBoolean(true);
    StoreSource source = disk.reopened();
    return clock -> {
      Store inner = source.open(clock);
      return (Store)
          Proxy.newProxyInstance(
              Store.class.getClassLoader(),
              new Class<?>[] {Store.class},
              (proxy, method, arguments) -> {
                boolean launches =
                    method.getName().equals("commit")
                        && ((List<?>) arguments[0])
                            .stream().anyMatch(one -> launches((Commit) one));
                if (launches && first.getAndSet(false)) {
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

  private static boolean launches(Commit commit) {
    return commit.events().stream()
        .anyMatch(event -> new RunEventCodec().decode(event) instanceof RunEvent.Intent);
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
      AGENT.awaitLaunch("hangs", 1, Duration.ofSeconds(30));

      assertThatThrownBy(() -> other.stop("fire"))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("default/far");
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);

      one.stop("fire");
      assertThat(run.await().status()).isEqualTo(RunStatus.PAUSED);
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
