package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunOptions;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.Prices;
import dev.maestro.agent.ProviderId;
import dev.maestro.approval.Answer;
import dev.maestro.failure.ErrorClass;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Breaker;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.policy.ProviderLimits;
import dev.maestro.policy.Resume;
import dev.maestro.policy.SharedGrant;
import dev.maestro.policy.Until;
import dev.maestro.process.Cancellation;
import dev.maestro.run.Move;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Budgets and the limits of providers, through the real engine. */
@Timeout(300)
class BudgetRunsTest {

  private static final Actor ANNA = Actor.of("anna");
  private static final RunId R = RunId.of("r");
  private static final ProviderId SCRIPTED = ProviderId.of("scripted");

  @TempDir Path directory;

  private final VirtualTime time = VirtualTime.create();
  private final InMemoryStore store = InMemoryStore.create();

  private MaestroBuilder builder(ScriptedAgent... agents) {
    MaestroBuilder builder =
        Maestro.builder()
            .store(store)
            .owner("test")
            .discoverNothing()
            .time(time)
            .workspaces(DirectoryWorkspaces.at(directory));
    for (ScriptedAgent agent : agents) {
      builder.provider(agent);
    }
    return builder;
  }

  private static Pipeline chain(int steps, UnaryOperator<PipelineBuilder> more) {
    PipelineBuilder builder = Pipeline.named("chain");
    for (int i = 0; i < steps; i++) {
      int at = i;
      builder.step(
          "s" + i,
          s -> {
            s.agent("engineer").prompt("Do it").output("o" + at).backoff(Backoff.NONE);
            if (at > 0) {
              s.after("s" + (at - 1));
            }
          });
    }
    return more.apply(builder).build();
  }

  private static Usage tokens(long count) {
    return Usage.of(count, 0, Money.ZERO);
  }

  private static Task task(RunResult result, String id) {
    return result.snapshot().task(id).orElseThrow();
  }

  /** What opens when a task has come into this state. */
  private static CountDownLatch moved(Maestro maestro, String id, TaskState to) {
    CountDownLatch moved = new CountDownLatch(1);
    maestro.listen(
        record ->
            record.event().moves().stream()
                .filter(move -> move.task().value().equals(id) && move.to() == to)
                .forEach(move -> moved.countDown()));
    return moved;
  }

  private static LedgerAccount account(Maestro maestro, String name) {
    return maestro.ledger().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Tells what it has used up when it is let go, however it was told to end. */
  private record Slow(CountDownLatch atWork, CountDownLatch letGo) implements AgentProvider {

    @Override
    public ProviderId id() {
      return ProviderId.of("slow");
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.of();
    }

    @Override
    public Installation detect() {
      return Installation.present("1");
    }

    @Override
    public List<Model> models() {
      return List.of();
    }

    @Override
    public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
        throws InterruptedException {
      listener.on(new AgentEvent.Text("at work"));
      atWork.countDown();
      letGo.await();
      return AgentReply.completed("done", tokens(5));
    }
  }

  /**
   * An agent that says nothing until it is cancelled, and then what it has used up.
   *
   * @param atWork opens when it is launched
   * @param whenAsked what is done whenever somebody asks what it can do
   */
  private record Silent(CountDownLatch atWork, AtomicReference<Runnable> whenAsked)
      implements AgentProvider {

    static Silent create() {
      return new Silent(new CountDownLatch(1), new AtomicReference<>(() -> {}));
    }

    @Override
    public ProviderId id() {
      return ProviderId.of("silent");
    }

    @Override
    public Capabilities capabilities() {
      whenAsked.get().run();
      return Capabilities.of();
    }

    @Override
    public Installation detect() {
      return Installation.present("1");
    }

    @Override
    public List<Model> models() {
      return List.of();
    }

    @Override
    public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
        throws InterruptedException {
      CountDownLatch cancelled = new CountDownLatch(1);
      cancellation.onCancel(mode -> cancelled.countDown());
      atWork.countDown();
      cancelled.await();
      return AgentReply.completed("", tokens(5));
    }
  }

  @Test
  void whatAnAgentHasUsedUpThatSaidNothingBeforeItWasCancelledIsKnown() throws Exception {
    Silent silent = Silent.create();
    try (Maestro maestro = builder().provider(silent).budget(Budget.ofTokens(100)).build()) {
      Run run = maestro.start(chain(1, p -> p), R, Inputs.none());
      silent.atWork().await();

      run.cancel("enough", ANNA);
      RunResult result = run.await();

      assertThat(result.usage()).isEqualTo(tokens(5));
      assertThat(maestro.ledger().get(0).spent().tokens()).isEqualTo(5);
    }
  }

  /** Stop it when its launch is watched, and come back when that is told to end. */
  private void stopOnce(Run run, AtomicBoolean stopped) {
    boolean intended =
        run.journal(1).stream().anyMatch(record -> record.event() instanceof RunEvent.Intent);
    if (intended && time.alarms() == 1 && stopped.compareAndSet(false, true)) {
      run.stop("not like this", ANNA);
      while (time.alarms() == 1) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void whatIsStoppedBetweenItsIntentAndItsLaunchHasUsedUpNothing() throws Exception {
    Silent silent = Silent.create();
    AtomicBoolean stopped = new AtomicBoolean();
    try (Maestro maestro = builder().provider(silent).budget(Budget.ofTokens(100)).build()) {
      silent.whenAsked().set(() -> maestro.find(R).ifPresent(run -> stopOnce(run, stopped)));

      Run run = maestro.start(chain(1, p -> p), R, Inputs.none());
      RunResult result = run.await();

      assertThat(silent.atWork().getCount()).as("it was not launched").isOne();
      assertThat(result.usage()).isEqualTo(Usage.NONE);
      assertThat(maestro.ledger().get(0).spent().tokens()).isZero();
    }
  }

  @Test
  void aRunDoesNotFailForWhatIsOnlyPresumedOfAnotherThatWasJustCutOff() throws Exception {
    CountDownLatch atWork = new CountDownLatch(1);
    CountDownLatch letGo = new CountDownLatch(1);
    MaestroBuilder both =
        builder().provider(new Slow(atWork, letGo)).workspaces(Rooms.in(directory));
    try (Maestro maestro = both.budget(Budget.ofTokens(100).aborts()).build()) {
      CountDownLatch waits = moved(maestro, "s0", TaskState.PAUSED);
      Run first = maestro.start(chain(1, p -> p), RunId.of("first"), Inputs.none());
      atWork.await();
      first.cancel("enough", ANNA);
      Run second = maestro.start(chain(1, p -> p), RunId.of("second"), Inputs.none());
      waits.await();
      assertThat(second.snapshot().task("s0").orElseThrow().reason()).contains(Reason.WAITING);

      letGo.countDown();

      assertThat(second.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  // ------------------------------------------------------------------ what the agent is told

  @Test
  void anAgentIsToldItsCapAndOneThatCapsItsSpendingKeepsToIt() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .capabilities(Capability.CAPS_SPEND, Capability.PROMPT_AFTER_START)
            .on("s0", Turn.says("done").uses(tokens(500)))
            .then(Turn.says("done").uses(tokens(300)))
            .build();
    Pipeline pipeline = chain(1, p -> p.budget(Budget.ofTokens(400)));
    try (Maestro maestro = builder(agent).build()) {
      Run run = maestro.start(pipeline, R, Inputs.none());
      RunResult paused = run.await();

      assertThat(agent.launches().get(0).request().cap().tokens()).isEqualTo(400);
      assertThat(task(paused, "s0").state()).isEqualTo(TaskState.PAUSED);
      assertThat(task(paused, "s0").reason()).contains(Reason.BUDGET_EXCEEDED);
      assertThat(paused.usage().tokens()).isEqualTo(400);

      run.grant(Cap.ofTokens(1_000), ANNA);
      assertThat(run.await().isSuccess()).isTrue();
      assertThat(run.snapshot().usage().tokens()).isEqualTo(700);
    }
  }

  @Test
  void oneThatMetersIsStoppedAtItsCapAndGoesOnInItsSession() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on(
                "s0",
                Turn.says("never said")
                    .session("talk")
                    .emits(new AgentEvent.UsageReported(tokens(150)))
                    .emits(new AgentEvent.UsageReported(tokens(200)))
                    .hangs())
            .then(Turn.says("done").uses(tokens(50)))
            .build();
    Pipeline pipeline = chain(1, p -> p.budget(Budget.ofTokens(200)));
    try (Maestro maestro = builder(agent).build()) {
      Run run = maestro.start(pipeline, R, Inputs.none());
      RunResult paused = run.await();

      assertThat(task(paused, "s0").reason()).contains(Reason.BUDGET_EXCEEDED);
      assertThat(task(paused, "s0").spent().tokens()).isEqualTo(200);

      run.grant(Cap.ofTokens(100), ANNA);
      assertThat(run.await().isSuccess()).isTrue();
      assertThat(agent.launches().get(1).request().resumes().orElseThrow().value())
          .isEqualTo("talk");
      assertThat(agent.launches().get(1).request().cap().tokens()).isEqualTo(100);
    }
  }

  @Test
  void oneThatMetersIsStoppedWhenItHasUsedAllItsTools() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on(
                "s0",
                Turn.says("never said")
                    .usesTool("Read", "{}", "a")
                    .usesTool("Read", "{}", "b")
                    .hangs())
            .build();
    Pipeline pipeline = chain(1, p -> p.budget(Budget.of(Cap.NONE.toolCalls(2))));
    try (Maestro maestro = builder(agent).build()) {
      RunResult paused = maestro.start(pipeline, R, Inputs.none()).await();

      assertThat(task(paused, "s0").reason()).contains(Reason.BUDGET_EXCEEDED);
      assertThat(task(paused, "s0").spent().toolCalls()).isEqualTo(2);
    }
  }

  @Test
  void whoWaitsForWhatAnotherHasPutAsideGoesOnWhenThereIsMore() throws Exception {
    CountDownLatch atWork = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on("x", Turn.says("done").signals(atWork).waitsFor(end).uses(tokens(10)))
            .on("y", Turn.says("done").uses(tokens(10)))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .budget(Budget.ofTokens(100))
            .step("x", s -> s.agent("engineer").prompt("Do it"))
            .step("gate", s -> s.code("at-work", "1").allowNoOp())
            .step("y", s -> s.agent("engineer").prompt("Do it").after("gate"))
            .build();
    try (Maestro maestro =
        builder(agent)
            .workspaces(Rooms.in(directory))
            .step(
                "at-work",
                "1",
                context -> {
                  atWork.await();
                  return null;
                })
            .build()) {
      CountDownLatch paused = moved(maestro, "y", TaskState.PAUSED);
      CountDownLatch completed = moved(maestro, "y", TaskState.COMPLETED);
      Run run = maestro.start(pipeline, R, Inputs.none());
      paused.await();

      run.grant(Cap.ofTokens(1_000), ANNA);
      completed.await();
      assertThat(run.snapshot().task("x").orElseThrow().state()).isEqualTo(TaskState.RUNNING);

      end.countDown();
      assertThat(run.await().isSuccess()).isTrue();
    }
  }

  @Test
  void whoMayUseLessByABudgetAboveWaitsOnceForWhatAnotherHasPutAside() throws Exception {
    CountDownLatch atWork = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on("x", Turn.says("done").signals(atWork).waitsFor(end).uses(tokens(10)))
            .otherwise(Turn.says("done").uses(tokens(100)))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .budget(Budget.ofTokens(240).perAttempt(Cap.ofTokens(150)))
            .step("first", s -> s.agent("engineer").prompt("Do it"))
            .step("x", s -> s.agent("engineer").prompt("Do it").after("first"))
            .step("gate", s -> s.code("at-work", "1").allowNoOp().after("first"))
            .step("y", s -> s.agent("engineer").prompt("Do it").after("gate"))
            .build();
    try (Maestro maestro =
        builder(agent)
            .workspaces(Rooms.in(directory))
            .budget(Budget.ofTokens(9_000).perAttempt(Cap.ofTokens(100)))
            .step(
                "at-work",
                "1",
                context -> {
                  atWork.await();
                  return null;
                })
            .build()) {
      CountDownLatch paused = moved(maestro, "y", TaskState.PAUSED);
      Run run = maestro.start(pipeline, R, Inputs.none());
      paused.await();
      Run beside = maestro.start(chain(3, p -> p), RunId.of("beside"), Inputs.none());
      assertThat(beside.await().isSuccess()).isTrue();

      end.countDown();

      assertThat(run.await().isSuccess()).isTrue();
      assertThat(pauses(run)).hasSize(1);
      assertThat(pauses(beside)).isEmpty();
    }
  }

  @Test
  void aGrantThatIsEnoughByABudgetAboveLetsTheRunGoOn() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("done").uses(tokens(100))).build();
    Pipeline pipeline =
        chain(2, p -> p.budget(Budget.ofTokens(190).perAttempt(Cap.ofTokens(150)).pauses()));
    Budget above = Budget.ofTokens(9_000).perAttempt(Cap.ofTokens(100));
    try (Maestro maestro = builder(agent).budget(above).build()) {
      Run run = maestro.start(pipeline, R, Inputs.none());
      assertThat(run.await().status()).isEqualTo(RunStatus.WAITING);

      run.grant(Cap.ofTokens(20), ANNA);

      assertThat(run.await().isSuccess()).isTrue();
    }
  }

  @Test
  void wordsThatCountAreNotCutOff() throws Exception {
    String block =
        """
        <COMPLETION_GATE>
        ready: true
        </COMPLETION_GATE>
        """;
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .capabilities(Capability.PROMPT_AFTER_START)
            .otherwise(Turn.says("a long story\n" + block).uses(tokens(300)))
            .build();
    Budget budget = Budget.ofTokens(200).cutsOutputTo(3);
    Pipeline pipeline = chain(1, p -> p.budget(budget).until(Until.block()));
    try (Maestro maestro = builder(agent).build()) {
      RunResult result = maestro.start(pipeline, R, Inputs.none()).await();

      assertThat(result.isSuccess()).isTrue();
      assertThat(agent.launches()).hasSize(1);
      assertThat(task(result, "s0").isDegraded()).isFalse();
    }
  }

  @Test
  void aLaunchThatDoesNotFitGoesOnWithLessOnTheCheaperModel() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .models(new Model("big-1", "big"), new Model("small-1", "small"))
            .otherwise(Turn.says("done").uses(tokens(100)))
            .build();
    Budget budget = Budget.ofTokens(150).perAttempt(Cap.ofTokens(100)).degradesTo("small-1");
    try (Maestro maestro = builder(agent).build()) {
      RunResult result = maestro.start(chain(2, p -> p.budget(budget)), R, Inputs.none()).await();

      assertThat(result.isSuccess()).isTrue();
      assertThat(agent.launches().get(1).request().cap().tokens()).isEqualTo(50);
      assertThat(agent.launches().get(1).request().model()).isEqualTo("small-1");
      assertThat(task(result, "s1").isDegraded()).isTrue();
      assertThat(task(result, "s0").isDegraded()).isFalse();
    }
  }

  @Test
  void theTextOfALaunchThatUsedMoreThanItsCapIsCutAndMarked() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .capabilities(Capability.PROMPT_AFTER_START)
            .otherwise(Turn.says("éééééé").uses(tokens(300)))
            .build();
    Budget budget = Budget.ofTokens(200).cutsOutputTo(3);
    try (Maestro maestro = builder(agent).build()) {
      RunResult result = maestro.start(chain(1, p -> p.budget(budget)), R, Inputs.none()).await();

      assertThat(result.text("o0")).contains("ééé\n[degraded]");
      assertThat(task(result, "s0").isDegraded()).isTrue();
    }
  }

  @Test
  void whatAModelCostsIsReckonedWhereItsProviderDoesNotTell() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("x").uses(tokens(1_000_000))).build();
    Pipeline priced =
        Pipeline.named("p")
            .step("s0", s -> s.agent("engineer").model("claude-opus-4-5-20251101").prompt("Do it"))
            .budget(Budget.usd("100"))
            .build();
    try (Maestro maestro = builder(agent).build()) {
      RunResult result = maestro.start(priced, R, Inputs.none()).await();

      assertThat(result.usage().cost()).isEqualTo(Money.usd("5"));
    }
  }

  @Test
  void whatNobodyKnowsTheCostOfSettlesAtWhatWasPutAside() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("x").uses(tokens(1_000))).build();
    Budget budget = Budget.usd("2.00").perAttempt(Cap.ofUsd("1.00")).aborts();
    try (Maestro maestro = builder(agent).budget(Budget.usd("100")).build()) {
      RunResult result = maestro.start(chain(3, p -> p.budget(budget)), R, Inputs.none()).await();

      assertThat(agent.launches()).hasSize(2);
      assertThat(task(result, "s2").reason()).contains(Reason.BUDGET_EXCEEDED);
      assertThat(result.usage()).isEqualTo(new Usage(2_000, 0, 0, Money.usd("2.00"), 0, 0, true));
      assertThat(account(maestro, "application").spent().money()).isEqualTo(Money.usd("2.00"));
    }
  }

  /** What is limited, what a provider tells all the same, and what the rest is presumed to be. */
  static Stream<Arguments> untold() {
    Usage turns = new Usage(0, 0, 0, Money.usd("0.01"), 3, 0, false);
    return Stream.of(
        Arguments.of(
            Budget.ofTokens(2_000).perAttempt(Cap.ofTokens(1_000)),
            turns,
            new Usage(2_000, 0, 0, Money.usd("0.02"), 6, 0, true)),
        Arguments.of(
            Budget.of(Cap.NONE.turns(20)).perAttempt(Cap.NONE.turns(10)),
            tokens(100),
            new Usage(200, 0, 0, Money.ZERO, 20, 0, true)),
        Arguments.of(
            Budget.of(Cap.NONE.toolCalls(8)).perAttempt(Cap.NONE.toolCalls(4)),
            tokens(100),
            new Usage(200, 0, 0, Money.ZERO, 0, 8, true)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("untold")
  void ofWhatAProviderDoesNotTellIsUsedUpWhatWasPutAside(Budget budget, Usage told, Usage presumed)
      throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("x").uses(told)).build();
    try (Maestro maestro = builder(agent).build()) {
      Run run = maestro.start(chain(3, p -> p.budget(budget.aborts())), R, Inputs.none());
      RunResult result = run.await();

      assertThat(agent.launches()).hasSize(2);
      assertThat(task(result, "s2").reason()).contains(Reason.BUDGET_EXCEEDED);
      assertThat(result.usage()).isEqualTo(presumed);
      assertThat(run.judgments())
          .flatExtracting(RunEvent.Judged::judgments)
          .extracting(Judgment::detail)
          .anyMatch(detail -> detail.contains("does not tell all"));
    }
  }

  @Test
  void whatAProviderCountsItIsBelieved() throws Exception {
    Usage told = new Usage(10, 0, 0, Money.ZERO, 2, 0, false);
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("x").uses(told)).build();
    Budget budget = Budget.of(Cap.NONE.turns(10).toolCalls(5).tokens(100));
    try (Maestro maestro = builder(agent).build()) {
      RunResult result = maestro.start(chain(1, p -> p.budget(budget)), R, Inputs.none()).await();

      assertThat(result.usage()).isEqualTo(told);
    }
  }

  @Test
  void aModelThatIsKnownToCostNothingCostsNothing() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("x").uses(tokens(1_000))).build();
    Pipeline local =
        Pipeline.named("p")
            .step("s0", s -> s.agent("engineer").model("at-home").prompt("Do it"))
            .budget(Budget.usd("1.00"))
            .build();
    Prices prices = Prices.none().with("at-home", "0", "0", "0");
    try (Maestro maestro = builder(agent).prices(prices).build()) {
      RunResult result = maestro.start(local, R, Inputs.none()).await();

      assertThat(result.usage()).isEqualTo(tokens(1_000));
    }
  }

  // ------------------------------------------------------------------ above the run

  @Test
  void runsOfATenantShareADayAndGoOnTheNext() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("x").uses(tokens(100))).build();
    try (Maestro maestro =
        builder(agent).dailyBudget(Tenant.DEFAULT, Budget.ofTokens(150)).build()) {
      Pipeline pipeline = chain(1, p -> p);
      assertThat(maestro.start(pipeline, R, Inputs.none()).await().isSuccess()).isTrue();
      assertThat(maestro.start(pipeline, RunId.of("b"), Inputs.none()).await().isSuccess())
          .isTrue();
      Run third = maestro.start(pipeline, RunId.of("c"), Inputs.none());
      Instant midnight = Instant.parse("2026-01-02T00:00:00Z");
      awaitPause(third, "s0");
      assertThat(third.snapshot().task("s0").orElseThrow().until()).contains(midnight);

      time.advance(Duration.ofDays(1));

      assertThat(third.await().isSuccess()).isTrue();
      assertThat(account(maestro, "day-2026-01-01").spent().tokens()).isEqualTo(200);
      assertThat(account(maestro, "day-2026-01-02").spent().tokens()).isEqualTo(100);
    }
  }

  @Test
  void whatTheApplicationHasUsedUpIsKeptAndAGrantLetsRunsGoOn() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("x").uses(tokens(100))).build();
    Pipeline pipeline = chain(2, p -> p);
    try (Maestro maestro = builder(agent).budget(Budget.ofTokens(100)).build()) {
      assertThat(maestro.start(pipeline, R, Inputs.none()).await().status())
          .isEqualTo(RunStatus.WAITING);
    }
    try (Maestro maestro = builder(agent).budget(Budget.ofTokens(100)).build()) {
      maestro.recover();
      Run run = maestro.find(R).orElseThrow();
      assertThat(run.await().status()).isEqualTo(RunStatus.WAITING);

      maestro.grant(Cap.ofTokens(500));

      assertThat(run.await().isSuccess()).isTrue();
      assertThat(account(maestro, "application").spent().tokens()).isEqualTo(200);
      assertThat(account(maestro, "application").reserved()).isEqualTo(Amount.NONE);
    }
  }

  @Test
  void manyRunsAtOnceNeverSpendMoreThanTheApplicationMay() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .capabilities(Capability.CAPS_SPEND, Capability.PROMPT_AFTER_START)
            .otherwise(Turn.says("x").uses(tokens(100)))
            .build();
    Budget budget = Budget.ofTokens(2_950).perAttempt(Cap.ofTokens(100)).aborts();
    try (Maestro maestro = builder(agent).slots(64).budget(budget).build()) {
      Pipeline pipeline = Pipeline.named("one").step("s0", s -> s.agent("a").prompt("x")).build();
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        runs.add(maestro.start(pipeline, RunId.of("r" + i), Inputs.none()));
      }
      int succeeded = 0;
      for (Run run : runs) {
        succeeded += run.await().isSuccess() ? 1 : 0;
      }

      assertThat(succeeded).isEqualTo(29);
      assertThat(account(maestro, "application").spent().tokens()).isEqualTo(2_900);
      assertThat(account(maestro, "application").reserved()).isEqualTo(Amount.NONE);
    }
  }

  // ------------------------------------------------------------------ providers

  @Test
  void aQuotaWindowHoldsAllTasksOfItsProviderAndNoOthers() throws Exception {
    Instant back = VirtualTime.USUAL_START.plus(Duration.ofHours(5));
    ScriptedAgent used =
        ScriptedAgent.named("scripted")
            .on("a", Turn.quota(back))
            .then(Turn.says("a"))
            .otherwise(Turn.says("b").uses(tokens(1)))
            .build();
    ScriptedAgent other =
        ScriptedAgent.named("other").otherwise(Turn.says("c").uses(tokens(1))).build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("scripted").prompt("x").allowNoOp())
            .step("c", s -> s.agent("other").prompt("x"))
            .step("b", s -> s.agent("scripted").prompt("x").after("c"))
            .build();
    try (Maestro maestro = builder(used, other).slots(1).build()) {
      Run run = maestro.start(pipeline, R, Inputs.none());
      awaitPause(run, "b");

      assertThat(run.snapshot().task("b").orElseThrow().reason()).contains(Reason.QUOTA_EXHAUSTED);
      assertThat(used.launches("b")).isEmpty();
      time.advance(Duration.ofHours(5));
      RunResult result = run.await();

      assertThat(result.isSuccess()).isTrue();
      assertThat(task(result, "a").attempt()).isEqualTo(2);
      assertThat(task(result, "b").attempt()).isEqualTo(1);
    }
  }

  @Test
  void whoIsTurnedAwayByAQuotaUsesUpNothingOfABudget() throws Exception {
    Instant back = VirtualTime.USUAL_START.plus(Duration.ofHours(5));
    ScriptedAgent used =
        ScriptedAgent.named("scripted")
            .on("s0", Turn.quota(back))
            .then(Turn.says("x").uses(tokens(1)))
            .build();
    Budget budget = Budget.of(Cap.ofTokens(100).launches(1));
    try (Maestro maestro = builder(used).budget(budget).build()) {
      Run run = maestro.start(chain(1, p -> p.budget(budget)), R, Inputs.none());
      awaitPause(run, "s0");
      assertThat(run.snapshot().task("s0").orElseThrow().spent().launches()).isZero();
      assertThat(run.snapshot().task("s0").orElseThrow().spent().tokens()).isZero();
      time.advance(Duration.ofHours(5));

      assertThat(run.await().isSuccess()).isTrue();
      assertThat(account(maestro, "application").spent().launches()).isEqualTo(1);
    }
  }

  @Test
  void aQuotaWindowIsStillKnownAfterARestart() throws Exception {
    Instant back = VirtualTime.USUAL_START.plus(Duration.ofHours(5));
    ScriptedAgent used =
        ScriptedAgent.named("scripted")
            .on("s0", Turn.quota(back))
            .then(Turn.says("x").uses(tokens(1)))
            .build();
    try (Maestro maestro = builder(used).build()) {
      Run run = maestro.start(chain(1, p -> p), R, Inputs.none());
      awaitPause(run, "s0");
    }
    try (Maestro maestro = builder(used).build()) {
      Run second = maestro.start(chain(1, p -> p), RunId.of("second"), Inputs.none());
      awaitPause(second, "s0");

      assertThat(used.launches()).hasSize(1);
      assertThat(second.snapshot().task("s0").orElseThrow().until()).contains(back);
    }
  }

  @Test
  void aQuotaThatIsBackMayBeAskedAboutFirst() throws Exception {
    Instant back = VirtualTime.USUAL_START.plus(Duration.ofHours(5));
    ScriptedAgent used =
        ScriptedAgent.named("scripted")
            .on("s0", Turn.quota(back))
            .then(Turn.says("x").uses(tokens(1)))
            .build();
    ProviderLimits limits = ProviderLimits.NONE.resume(Resume.ASKING);
    try (Maestro maestro = builder(used).limit(SCRIPTED, limits).build()) {
      Run run = maestro.start(chain(1, p -> p), R, Inputs.none());
      awaitPause(run, "s0");
      time.advance(Duration.ofHours(5));
      RunResult asked = run.await();

      assertThat(asked.questions()).hasSize(1);
      assertThat(used.launches()).hasSize(1);
      run.answer(asked.questions().get(0).id(), Answer.approve(), ANNA);
      assertThat(run.await().isSuccess()).isTrue();
    }
  }

  @Test
  void whoHasBoughtMoreLetsATaskBeTriedBeforeTheQuotaIsBack() throws Exception {
    Instant back = VirtualTime.USUAL_START.plus(Duration.ofDays(30));
    ScriptedAgent used =
        ScriptedAgent.named("scripted")
            .on("s0", Turn.quota(back))
            .then(Turn.quota(back))
            .then(Turn.says("x").uses(tokens(1)))
            .build();
    try (Maestro maestro = builder(used).build()) {
      CountDownLatch paused = moved(maestro, "s0", TaskState.PAUSED);
      Run run = maestro.start(chain(1, p -> p), R, Inputs.none());
      paused.await();

      CountDownLatch again = moved(maestro, "s0", TaskState.PAUSED);
      run.retry(TaskId.of("s0"), ANNA);
      again.await();
      assertThat(used.launches()).as("it is not back yet").hasSize(2);
      run.retry(TaskId.of("s0"), ANNA);

      assertThat(run.await().isSuccess()).isTrue();
      assertThat(run.judgments())
          .flatExtracting(RunEvent.Judged::judgments)
          .extracting(Judgment::detail)
          .contains("anna lets it be tried before " + back);
    }
  }

  @Test
  void aStepSaysItselfWhenItGoesOnAfterAQuota() throws Exception {
    Instant back = VirtualTime.USUAL_START.plus(Duration.ofHours(5));
    ScriptedAgent used =
        ScriptedAgent.named("scripted")
            .on("s0", Turn.quota(back))
            .then(Turn.says("x").uses(tokens(1)))
            .build();
    ProviderLimits limits = ProviderLimits.NONE.resume(Resume.ASKING);
    LocalTime evening = LocalTime.ofInstant(back, ZoneOffset.UTC).plusHours(1);
    Resume own = Resume.between(evening, evening.plusHours(2), ZoneOffset.UTC);
    try (Maestro maestro = builder(used).limit(SCRIPTED, limits).build()) {
      Run run = maestro.start(chain(1, p -> p.resume(own)), R, Inputs.none());
      awaitPause(run, "s0");
      time.advance(Duration.ofHours(5));
      Instant allowed = back.plus(Duration.ofHours(1));
      while (run.snapshot().task("s0").orElseThrow().until().filter(allowed::equals).isEmpty()) {
        Thread.onSpinWait();
      }

      assertThat(run.snapshot().questions()).isEmpty();
      assertThat(used.launches()).hasSize(1);
      time.advance(Duration.ofHours(1));
      assertThat(run.await().isSuccess()).isTrue();
    }
  }

  @Test
  void launchesInATimeAreLimitedForEachTenant() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("x").uses(tokens(1))).build();
    ProviderLimits limits = ProviderLimits.NONE.rate(10, Duration.ofMinutes(1));
    try (Maestro maestro = builder(agent).limit(SCRIPTED, limits).build()) {
      Run run = maestro.start(chain(11, p -> p), R, Inputs.none());
      awaitPause(run, "s10");

      assertThat(run.snapshot().task("s10").orElseThrow().reason()).contains(Reason.RATE_LIMITED);
      assertThat(agent.launches()).hasSize(10);
      time.advance(Duration.ofMinutes(1));
      assertThat(run.await().isSuccess()).isTrue();
    }
  }

  @Test
  void aProviderThatFailsAgainAndAgainIsLeftAlone() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on("s0", Turn.failing(ErrorClass.TRANSIENT, "down"))
            .then(Turn.failing(ErrorClass.TRANSIENT, "down"))
            .then(Turn.says("up").uses(tokens(1)))
            .build();
    ProviderLimits limits =
        ProviderLimits.NONE.breaker(new Breaker(2, 2, 1, Duration.ofMinutes(5), 1));
    Pipeline pipeline =
        Pipeline.named("p")
            .step("s0", s -> s.agent("a").prompt("x").attempts(3).backoff(Backoff.NONE))
            .build();
    try (Maestro maestro = builder(agent).limit(SCRIPTED, limits).build()) {
      Run run = maestro.start(pipeline, R, Inputs.none());
      awaitPause(run, "s0");

      assertThat(run.snapshot().task("s0").orElseThrow().reason()).contains(Reason.CIRCUIT_OPEN);
      time.advance(Duration.ofMinutes(5));
      assertThat(run.await().isSuccess()).isTrue();
      assertThat(agent.launches()).hasSize(3);
    }
  }

  private static final Pipeline SIDE_BY_SIDE =
      Pipeline.named("p")
          .step("a", s -> s.agent("x").prompt("x"))
          .step("b", s -> s.agent("x").prompt("x"))
          .build();

  /** Each launch is held until the latch opens. */
  private static ScriptedAgent holding(CountDownLatch open) {
    return ScriptedAgent.named("scripted")
        .otherwise(Turn.says("x").waitsFor(open).uses(tokens(1)))
        .build();
  }

  @Test
  void launchesAtOnceAreLimited() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    ScriptedAgent agent = holding(open);
    ProviderLimits limits = ProviderLimits.NONE.atOnce(1);
    try (Maestro maestro =
        builder(agent).workspaces(Rooms.in(directory)).limit(SCRIPTED, limits).build()) {
      Run run = maestro.start(SIDE_BY_SIDE, R, Inputs.none());
      while (run.snapshot().tasks().stream().noneMatch(BudgetRunsTest::waitsItsTurn)) {
        assertThat(Thread.interrupted()).as("nobody waits").isFalse();
        Thread.onSpinWait();
      }

      // one is at work and will not end by itself: nothing but the limit holds the other back
      assertThat(agent.launches()).hasSizeLessThan(2);
      assertThat(run.judgments())
          .flatExtracting(RunEvent.Judged::judgments)
          .extracting(Judgment::rule)
          .contains("at-once");
      open.countDown();
      assertThat(run.await().isSuccess()).isTrue();
      assertThat(agent.launches()).hasSize(2);
    }
  }

  /** Wait until a task waits for a moment; the class has a time limit. */
  private static void awaitPause(Run run, String task) {
    while (run.snapshot().task(task).orElseThrow().until().isEmpty()) {
      Thread.onSpinWait();
    }
  }

  private static boolean waitsItsTurn(Task task) {
    return task.state() == TaskState.PAUSED
        && task.reason().filter(Reason.WAITING::equals).isPresent();
  }

  @Test
  void withoutALimitTheyGoOnSideBySide() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    ScriptedAgent agent = holding(open);
    try (Maestro maestro = builder(agent).workspaces(Rooms.in(directory)).build()) {
      Run run = maestro.start(SIDE_BY_SIDE, R, Inputs.none());
      agent.awaitLaunch("a", 1, Duration.ofMinutes(2));
      agent.awaitLaunch("b", 1, Duration.ofMinutes(2));

      assertThat(agent.launches()).hasSize(2);
      open.countDown();
      assertThat(run.await().isSuccess()).isTrue();
    }
  }

  @Test
  void whatIsNotLimitedLeavesNoRecord() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("x").uses(tokens(1))).build();
    try (Maestro maestro = builder(agent).build()) {
      Run run = maestro.start(chain(2, p -> p), R, Inputs.none());

      assertThat(run.await().isSuccess()).isTrue();
      assertThat(maestro.ledger()).isEmpty();
      assertThat(run.judgments()).isEmpty();
    }
  }

  // ------------------------------------------------------------------ degrading

  @Test
  void aDegradedLaunchStaysOnItsRungWhereNoCheaperModelIsNamed() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .models(new Model("own", "own"), new Model("cheap", "cheap"), new Model("best", "best"))
            .on("x", Turn.says("bad").uses(tokens(60)))
            .then(Turn.says("good").uses(tokens(20)))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "x",
                s ->
                    s.agent("engineer")
                        .model("own")
                        .prompt("go")
                        .attempts(2)
                        .backoff(Backoff.NONE)
                        .gate(Gate.code("never", "1"))
                        .ladder(Ladder.of("cheap", "best"))
                        .budget(
                            Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)).cutsOutputTo(1_000)))
            .build();
    try (Maestro maestro =
        builder(agent).gate("never", "1", s -> GateCheck.Finding.fail("no")).build()) {
      maestro.start(pipeline, R, Inputs.none()).await();
    }

    assertThat(agent.launches("x"))
        .extracting(launch -> launch.request().model())
        .containsExactly("cheap", "best");
    assertThat(agent.launches("x").get(1).request().cap().tokens()).isEqualTo(40);
  }

  @Test
  void aDegradedLaunchStaysOnTheRouteItHasFallenBackTo() throws Exception {
    for (String cheaper : new String[] {"", "two", "one"}) {
      Instant back = time.instant().plus(Duration.ofHours(5));
      ScriptedAgent one = ScriptedAgent.named("one").on("q", Turn.quota(back)).build();
      ScriptedAgent two =
          ScriptedAgent.named("two").otherwise(Turn.says("ok").uses(tokens(60))).build();
      Budget budget = Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)).cutsOutputTo(1_000);
      Pipeline pipeline =
          Pipeline.named("p")
              .step("q", s -> s.agent("engineer").prompt("go").attempts(2).fallback("two"))
              .step("x", s -> s.agent("engineer").after("q").prompt("go").fallback("two"))
              .budget(cheaper.isEmpty() ? budget : budget.degradesTo(cheaper))
              .build();
      try (Maestro maestro =
          builder(one, two)
              .store(InMemoryStore.create())
              .defaultProvider(ProviderId.of("one"))
              .build()) {
        RunResult result = maestro.start(pipeline, R, Inputs.none()).await();
        assertThat(result.isSuccess()).as("cheaper '%s': %s", cheaper, result).isTrue();
      }

      assertThat(one.launches()).hasSize(1);
      assertThat(two.launches("x")).singleElement().matches(l -> l.request().cap().tokens() == 40);
    }
  }

  // ------------------------------------------------------------------ above the run

  private static ScriptedAgent meteredBeyond(long count) {
    return ScriptedAgent.named("scripted")
        .capabilities(Capability.METERS)
        .on(
            "s0",
            Turn.says("half")
                .emits(new AgentEvent.UsageReported(tokens(count)))
                .uses(tokens(count))
                .hangs())
        .then(Turn.says("done").uses(tokens(10)))
        .build();
  }

  @Test
  void whatTheApplicationSaysOfLessHoldsForItsLaunches() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .capabilities(Capability.PROMPT_AFTER_START)
            .models(new Model("dear-1", "dear"), new Model("cheap-1", "cheap"))
            .on("s0", Turn.says("done").uses(tokens(60)))
            .on("s1", Turn.says("a very long story").uses(tokens(60)))
            .build();
    Budget budget =
        Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)).degradesTo("cheap-1").cutsOutputTo(6);
    try (Maestro maestro = builder(agent).budget(budget).build()) {
      RunResult result = maestro.start(chain(2, p -> p), R, Inputs.none()).await();

      assertThat(result.isSuccess()).isTrue();
      assertThat(agent.launches("s1").get(0).request().model()).isEqualTo("cheap-1");
      assertThat(result.text("o1")).contains("a very\n[degraded]");
    }
  }

  @Test
  void whatTheApplicationAbortsIsNotAccepted() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .capabilities(Capability.PROMPT_AFTER_START)
            .otherwise(Turn.says("done").uses(tokens(500)))
            .build();
    try (Maestro maestro = builder(agent).budget(Budget.ofTokens(100).aborts()).build()) {
      RunResult result = maestro.start(chain(1, p -> p), R, Inputs.none()).await();

      assertThat(task(result, "s0").state()).isEqualTo(TaskState.FAILED);
      assertThat(task(result, "s0").reason()).contains(Reason.BUDGET_EXCEEDED);
    }
  }

  @Test
  void aLaunchThatReachedTheLimitOfTheApplicationGoesOnWhenThereIsMore() throws Exception {
    ScriptedAgent agent = meteredBeyond(100);
    try (Maestro maestro = builder(agent).budget(Budget.ofTokens(100)).build()) {
      Run run = maestro.start(chain(1, p -> p), R, Inputs.none());
      RunResult waiting = run.await();
      assertThat(task(waiting, "s0").state()).isEqualTo(TaskState.PAUSED);
      assertThat(task(waiting, "s0").reason()).contains(Reason.BUDGET_EXCEEDED);

      maestro.grant(Cap.ofTokens(100));

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("s0")).hasSize(2);
      assertThat(pauses(run)).as("its own settlement made no room").hasSize(1);
    }
  }

  private static List<Move> pauses(Run run) {
    return run.journal(1).stream()
        .flatMap(record -> record.event().moves().stream())
        .filter(move -> move.to() == TaskState.PAUSED)
        .toList();
  }

  @Test
  void ofTwoRunsThatWaitForTheApplicationTheOneGoesOnThatThereIsEnoughFor() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .capabilities(Capability.CAPS_SPEND, Capability.PROMPT_AFTER_START)
            .otherwise(Turn.says("done").uses(tokens(60)))
            .build();
    Budget small = Budget.ofTokens(100).perAttempt(Cap.ofTokens(60));
    Budget big = Budget.ofTokens(1_000).perAttempt(Cap.ofTokens(500));
    try (Maestro maestro = builder(agent).budget(Budget.ofTokens(10)).build()) {
      Run first = maestro.start(chain(1, p -> p.budget(big)), R, Inputs.none());
      Run second = maestro.start(chain(1, p -> p.budget(small)), RunId.of("b"), Inputs.none());
      assertThat(first.await().status()).isEqualTo(RunStatus.WAITING);
      assertThat(second.await().status()).isEqualTo(RunStatus.WAITING);

      maestro.grant(Cap.ofTokens(100));
      assertThat(second.await().status()).as("%s", first.journal(1)).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(pauses(first)).as("there is too little for it as before").hasSize(1);
      maestro.grant(Cap.ofTokens(1_000));

      assertThat(first.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(pauses(first)).hasSize(1);
    }
  }

  @Test
  void whoWaitsForTheApplicationWaitsAfterARestartUntilThereIsEnough() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("done").uses(tokens(60))).build();
    try (Maestro maestro = builder(agent).budget(Budget.ofTokens(60)).build()) {
      assertThat(maestro.start(chain(2, p -> p), R, Inputs.none()).await().status())
          .isEqualTo(RunStatus.WAITING);
    }
    try (Maestro maestro = builder(agent).budget(Budget.ofTokens(60)).build()) {
      maestro.recover();
      Run run = maestro.find(R).orElseThrow();
      assertThat(run.await().status()).isEqualTo(RunStatus.WAITING);
      assertThat(pauses(run)).as("it was not let try in vain").hasSize(1);

      maestro.grant(Cap.ofTokens(100));

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(pauses(run)).hasSize(1);
    }
  }

  @Test
  void aLaunchThatReachedTheLimitOfTheDayGoesOnTheNextDay() throws Exception {
    ScriptedAgent agent = meteredBeyond(100);
    try (Maestro maestro =
        builder(agent).dailyBudget(Tenant.DEFAULT, Budget.ofTokens(100)).build()) {
      CountDownLatch paused = moved(maestro, "s0", TaskState.PAUSED);
      Run run = maestro.start(chain(1, p -> p), R, Inputs.none());
      paused.await();
      Instant midnight =
          time.instant()
              .atZone(ZoneOffset.UTC)
              .toLocalDate()
              .plusDays(1)
              .atStartOfDay()
              .toInstant(ZoneOffset.UTC);
      time.advance(Duration.between(time.instant(), midnight));

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("s0")).hasSize(2);
      assertThat(run.journal(1))
          .flatMap(record -> record.event().moves())
          .filteredOn(move -> move.to() == TaskState.PAUSED)
          .hasSize(1)
          .allMatch(move -> midnight.equals(move.until()))
          .allMatch(move -> move.reason().equals(Reason.BUDGET_EXCEEDED));
    }
  }

  @Test
  void itIsKeptWhoHasGrantedWhatAboveRuns() throws Exception {
    ScriptedAgent agent = ScriptedAgent.named("scripted").otherwise(Turn.says("x")).build();
    Actor finance = Actor.of("finance/bo");
    try (Maestro maestro =
        builder(agent)
            .budget(Budget.ofTokens(100))
            .dailyBudget(Tenant.DEFAULT, Budget.ofTokens(100))
            .sharedOwner(Actor.of("finance"))
            .build()) {
      maestro.grant(Cap.ofTokens(7), finance);
      maestro.grant(Cap.ofUsd("0.5"), finance);
      maestro.grantToday(Tenant.DEFAULT, Cap.ofTokens(8), finance);
      assertThatThrownBy(() -> maestro.grant(Cap.ofTokens(1), Actor.of("eve")))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("owned by finance");
      assertThatThrownBy(() -> maestro.grantToday(Tenant.DEFAULT, Cap.ofTokens(1)))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("application may look");
    }
    try (Maestro maestro = builder(agent).build()) {
      LedgerAccount application = account(maestro, "application");
      assertThat(application.granted()).isEqualTo(Cap.ofTokens(7).usd("0.5"));
      assertThat(application.grants())
          .containsExactly(
              new SharedGrant(time.instant(), finance, Cap.ofTokens(7)),
              new SharedGrant(time.instant(), finance, Cap.ofUsd("0.5")));
      assertThat(account(maestro, "day-2026-01-01").grants())
          .containsExactly(new SharedGrant(time.instant(), finance, Cap.ofTokens(8)));
    }
  }

  @Test
  void onlyTheOwnersSideGrantsAndRollsBack() throws Exception {
    ScriptedAgent agent = meteredBeyond(100);
    try (Maestro maestro = builder(agent).build()) {
      Run run =
          maestro.start(
              chain(1, p -> p.budget(Budget.ofTokens(100))),
              R,
              Inputs.none(),
              RunOptions.of(Tenant.DEFAULT, ANNA).owner(ANNA));
      run.await();

      assertThatThrownBy(() -> run.grant(Cap.ofTokens(100), Actor.of("eve")))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("owned by anna");
      run.grant(Cap.ofTokens(100), ANNA);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }
}
