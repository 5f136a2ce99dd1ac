package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Answer;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Account;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Fallback;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Policies;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a budget does to a run, step by step. A launch of these uses up 110 tokens and a cent. */
class BudgetTest {

  private static final Budget TIGHT = Budget.ofTokens(200).perAttempt(Cap.ofTokens(150));

  private static Usage tokens(long count) {
    return Usage.of(count, 0, Money.ZERO);
  }

  private static Scenario uses(Scenario run, String task, long count) {
    int attempt = run.run.task(task).attempt();
    return run.feed(
        run.ended(task, attempt, new ActResult.Done(Scenario.text("x"), tokens(count), null)));
  }

  private static Scenario outOfBudget(Scenario run, String task, long count) {
    Trouble trouble =
        new Trouble(Reason.BUDGET_EXCEEDED, ErrorClass.BUDGET_EXCEEDED, "stopped", "", null);
    int attempt = run.run.task(task).attempt();
    return run.feed(run.ended(task, attempt, new ActResult.Failed(trouble, tokens(count), null)));
  }

  private static Scenario grants(Scenario run, String task, Cap more) {
    TaskId id = task == null ? null : TaskId.of(task);
    return run.feed(new RunInput.Grant(run.now, id, more, Scenario.ANN));
  }

  private static void is(Scenario run, String task, TaskState state, Reason reason) {
    assertThat(run.run.task(task).state()).isEqualTo(state);
    assertThat(run.run.task(task).reason()).contains(reason);
  }

  private static List<Judgment> judgments(Scenario run) {
    return run.run.journal().stream()
        .filter(RunEvent.Judged.class::isInstance)
        .flatMap(event -> ((RunEvent.Judged) event).judgments().stream())
        .toList();
  }

  private static Judgment lastJudgment(Scenario run) {
    List<Judgment> all = judgments(run);
    return all.get(all.size() - 1);
  }

  // ------------------------------------------------------------------ putting aside, settling

  @Test
  void putsAsideWhatOneAttemptMayUseAndSettlesWhatItUsed() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT)).dispatch("a").intend("a");

    assertThat(run.run.task("a").reserved().tokens()).isEqualTo(150);
    uses(run.launch("a"), "a", 110);

    assertThat(run.run.task("a").reserved()).isEqualTo(Amount.NONE);
    assertThat(run.run.task("a").spent().tokens()).isEqualTo(110);
    assertThat(run.run.task("a").spent().launches()).isEqualTo(1);
  }

  @Test
  void withoutACapForOneAttemptAllThatIsLeftIsPutAside() {
    Scenario run = Scenario.started(Steps.within(Budget.usd("0.05"), Steps.agent("a")));

    run.dispatch("a").intend("a");

    assertThat(run.run.state().accounts(TaskId.of("a")).get(0).left().money())
        .isEqualTo(Money.ZERO);
    assertThat(run.run.task("a").reservation().orElseThrow().cap().money())
        .isEqualTo(Money.usd("0.05"));
  }

  @Test
  void theChainSaysWithWhichNumbers() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT)).dispatch("a").intend("a");

    assertThat(lastJudgment(run).rule()).isEqualTo("budget");
    assertThat(lastJudgment(run).numbers().toString())
        .isEqualTo("asked 150, limit 200, spent 0, left 200");
  }

  @Test
  void aLaunchThatIsCutOffUsesUpWhatWasPutAside() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT).attempts(3)).work("a");

    run.crash();

    assertThat(run.run.task("a").usage()).isEqualTo(new Usage(150, 0, 0, Money.ZERO, 0, 0, true));
    assertThat(run.run.task("a").spent().tokens()).isEqualTo(150);
    assertThat(run.run.task("a").reserved()).isEqualTo(Amount.NONE);
  }

  @Test
  void whatACutOffLaunchReallyUsedReplacesThat() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT).attempts(3)).work("a").stop();

    uses(run, "a", 30);

    assertThat(run.run.task("a").usage()).isEqualTo(tokens(30));
    assertThat(run.run.task("a").spent().tokens()).isEqualTo(30);
  }

  @Test
  void aLaunchThatNeverHappenedCostsNothing() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT)).dispatch("a").intend("a");

    run.crash();

    assertThat(run.run.task("a").spent()).isEqualTo(Amount.NONE);
    assertThat(run.run.task("a").reserved()).isEqualTo(Amount.NONE);
  }

  @Test
  void whatNeverHappenedIsGivenBackAndNotToldAsALaunchThatWentWell() {
    Pipeline pipeline = Steps.pipeline(Steps.agent("a"));
    Scenario run = Scenario.started(Steps.agent("a")).dispatch("a").intend("a");
    RunState state = RunState.before(pipeline);
    run.run.journal().forEach(state::apply);

    RunRules.advance(state, new RunInput.Interrupt(run.now));

    assertThat(state.ledger())
        .extracting(LedgerLine::kind)
        .containsExactly(LedgerLine.Kind.GIVEN_BACK);
  }

  @Test
  void usageThatNobodyKnowsIsWhatWasPutAside() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT)).work("a");

    run.feed(run.ended("a", 1, new ActResult.Done(Scenario.text("x"), null, null)));

    assertThat(run.run.task("a").usage().presumed()).isTrue();
    assertThat(run.run.task("a").usage().tokens()).isEqualTo(150);
    assertThat(run.run.state().usage().tokens()).isEqualTo(150);
  }

  @Test
  void usingMoreThanWasPutAsideIsSaid() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT)).work("a");

    uses(run, "a", 260);

    assertThat(lastJudgment(run).detail()).startsWith("overrun");
    assertThat(lastJudgment(run).numbers().toString())
        .isEqualTo("used 260, reserved 150, overrun 110");
    assertThat(run.run.state().accounts(TaskId.of("a"))).anyMatch(Account::isOverrun);
  }

  @Test
  void timeIsCountedFromTheIntentToTheEnd() {
    Budget minutes = Budget.of(Cap.NONE.time(Duration.ofMinutes(5)));
    Scenario run = Scenario.started(Steps.agent("a").budget(minutes)).work("a");
    run.now = run.now.plusSeconds(90);

    run.acted("a");

    assertThat(run.run.task("a").spent().time()).isEqualTo(Duration.ofSeconds(90));
  }

  // ------------------------------------------------------------------ not enough

  @Test
  void byDefaultATaskPausesUntilMoreIsGranted() {
    Scenario run = Scenario.started(Steps.within(TIGHT, Steps.agent("a"), Steps.agent("b")));
    run.completes("a").dispatch("b").intend("b");

    is(run, "b", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);
    assertThat(run.run.task("b").attempt()).isEqualTo(1);
    assertThat(run.run.task("b").launches()).isZero();
    assertThat(run.run.state().status()).isEqualTo(RunStatus.WAITING);

    grants(run, null, Cap.ofTokens(100)).completes("b");

    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aGrantThatIsTooSmallLeavesItWhereItIs() {
    Scenario run = Scenario.started(Steps.within(TIGHT, Steps.agent("a"), Steps.agent("b")));
    run.completes("a").dispatch("b").intend("b");

    grants(run, null, Cap.ofTokens(10));

    is(run, "b", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);
    assertThat(run.run.task("b").isReady()).isFalse();
  }

  @Test
  void onlyWhatHasABudgetCanBeGrantedMore() {
    Scenario run = Scenario.started(Steps.agent("a"), Steps.agent("b").budget(TIGHT));

    run.refuses("not-allowed", new RunInput.Grant(run.now, null, Cap.ofTokens(1), Scenario.ANN));
    run.refuses(
        "not-allowed", new RunInput.Grant(run.now, TaskId.of("a"), Cap.ofTokens(1), Scenario.ANN));
    grants(run, "b", Cap.ofTokens(1));

    assertThat(run.run.state().accounts(TaskId.of("b")).get(0).limit())
        .isEqualTo(Cap.ofTokens(201));
  }

  @Test
  void askingComesBeforeEverythingElse() {
    Budget asks = TIGHT.aborts().pauses().asks().degradesTo("small");
    Scenario run = Scenario.started(Steps.agent("a").budget(asks).attempts(3));
    run.work("a").fails("a").dispatch("a").intend("a");

    is(run, "a", TaskState.AWAITING_APPROVAL, Reason.BUDGET_EXCEEDED);
    assertThat(run.run.state().questions().iterator().next().text())
        .contains("110 of 200 tokens")
        .contains("asks for 150");
  }

  @Test
  void aYesGrantsTheLimitOnceMore() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT.asks()).attempts(3));
    run.work("a").fails("a").dispatch("a").intend("a").approve("a");

    run.work("a").acted("a").verified("a");

    assertThat(run.run.state().accounts(TaskId.of("a")).get(0).limit())
        .isEqualTo(Cap.ofTokens(400));
    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  private static List<TaskId> granted(Scenario run) {
    return run.run.journal().stream()
        .filter(RunEvent.Granted.class::isInstance)
        .map(event -> ((RunEvent.Granted) event).task())
        .toList();
  }

  @Test
  void aYesIsAboutTheBudgetThatWasAskedAboutEvenWhileOthersAreShort() {
    Budget own = TIGHT.asks();
    Scenario run =
        Scenario.started(
            Steps.within(
                Budget.usd("10").asks(),
                Steps.agent("a").budget(own).attempts(3),
                Steps.agent("b")));
    run.work("a").fails("a").dispatch("b").intend("b").dispatch("a").intend("a");

    run.approve("a");

    assertThat(granted(run)).containsExactly(TaskId.of("a"));
  }

  @Test
  void ofTwoBudgetsThatAreUsedUpEachIsAskedAbout() {
    Budget own = TIGHT.asks();
    Scenario run =
        Scenario.started(
            Steps.within(
                Budget.ofTokens(120).perAttempt(Cap.ofTokens(100)).asks(),
                Steps.agent("a").budget(own.perAttempt(Cap.ofTokens(100))).attempts(3)));
    run.work("a").fails("a").dispatch("a").intend("a").approve("a");
    assertThat(granted(run)).containsExactly(TaskId.of("a"));

    run.dispatch("a").intend("a");

    assertThat(run.run.state().questions().iterator().next().text()).startsWith("run run-1 has");
    run.approve("a").work("a").acted("a").verified("a");
    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void whoIsAskedAboutMoreMoneyHasNotFailed() {
    Scenario run = Scenario.started(Steps.agent("a").budget(Budget.ofTokens(100).asks()));
    run.work("a");
    Trouble spent = Trouble.of(Reason.BUDGET_EXCEEDED, "it has used up what it may: 100 tokens");
    run.feed(run.ended("a", 1, new ActResult.Failed(spent, Scenario.CENT, null)));
    is(run, "a", TaskState.AWAITING_APPROVAL, Reason.BUDGET_EXCEEDED);

    run.approve("a");

    assertThat(run.run.task("a").tries()).isEmpty();
    run.work("a").acted("a").verified("a");
    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aNoEndsIt() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT.asks()).attempts(3));
    run.work("a").fails("a").dispatch("a").intend("a").answer("a", Answer.reject("enough"));

    is(run, "a", TaskState.FAILED, Reason.REJECTED);
  }

  @Test
  void abortingFailsTheAttemptBeforeItsLaunch() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT.aborts()).attempts(3));
    run.work("a").fails("a").dispatch("a").intend("a");

    is(run, "a", TaskState.FAILED, Reason.BUDGET_EXCEEDED);
    assertThat(run.run.task("a").launches()).isEqualTo(1);
    assertThat(run.run.state().status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void degradingGoesBackToTheAttemptWhichGoesOnWithWhatIsLeft() {
    Scenario run = Scenario.started(Steps.agent("a").budget(TIGHT.degradesTo("small")).attempts(3));
    run.work("a").fails("a").dispatch("a");
    RunInput.Intend launch = run.intent("a", 2, true);

    run.refuses("degrade", launch).feed(launch.withLess());

    assertThat(run.run.state().cheaperModel(launch)).contains("small");
    assertThat(run.run.task("a").isDegraded()).isTrue();
    assertThat(run.run.task("a").reservation().orElseThrow().cap().tokens()).isEqualTo(90);
    assertThat(lastJudgment(run).answer()).isEqualTo(Judgment.Answer.DEGRADE);
  }

  @Test
  void whoIsTooLateForTheRestDoesNotWaitForAPartOfIt() {
    Budget budget = Budget.ofTokens(70).perAttempt(Cap.ofTokens(60)).degradesTo("small").pauses();
    Scenario run =
        Scenario.started(
            Steps.within(budget, Steps.agent("a"), Steps.agent("b"), Steps.agent("c")));
    Usage sixty = Usage.of(60, 0, Money.ZERO);
    run.work("a").feed(run.ended("a", 1, new ActResult.Done(null, sixty, null))).verified("a");
    run.dispatch("b").dispatch("c");
    RunInput.Intend late = run.intent("c", 1, true);

    run.refuses("degrade", late).feed(run.intent("b", 1, true).withLess()).feed(late.withLess());

    assertThat(run.run.task("b").reservation().orElseThrow().cap().tokens()).isEqualTo(10);
    run.is("c", TaskState.PAUSED);
    assertThat(run.run.task("c").reason()).contains(Reason.BUDGET_EXCEEDED);
  }

  @Test
  void whereNothingIsLeftThereIsNothingToDegradeTo() {
    Budget all = Budget.ofTokens(110).degradesTo("small");
    Scenario run = Scenario.started(Steps.agent("a").budget(all).attempts(3));
    run.work("a").fails("a").dispatch("a").intend("a");

    is(run, "a", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);
  }

  // ------------------------------------------------------------------ the tree

  @Test
  void launchesSideBySideShareAndTheSecondWaitsForTheFirst() {
    Scenario run = Scenario.started(Steps.within(TIGHT, Steps.agent("a"), Steps.agent("b")));
    run.dispatch("a").dispatch("b").intend("a").intend("b");

    is(run, "b", TaskState.PAUSED, Reason.WAITING);
    uses(run.launch("a"), "a", 20);

    assertThat(run.run.task("b").isReady()).isTrue();
    assertThat(run.run.task("b").launches()).isZero();
    run.verified("a").completes("b");
    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void whoWaitedInVainFacesWhatIsLeft() {
    Scenario run = Scenario.started(Steps.within(TIGHT, Steps.agent("a"), Steps.agent("b")));
    run.dispatch("a").dispatch("b").intend("a").intend("b");
    uses(run.launch("a"), "a", 110);

    run.dispatch("b").intend("b");

    is(run, "b", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);
  }

  @Test
  void whoIsLetTryAndFailsBeforeItsLaunchLeavesTheRoomToTheNext() {
    Scenario run =
        Scenario.started(
            Steps.within(TIGHT, Steps.agent("a"), Steps.agent("b").attempts(1), Steps.agent("c")));
    run.dispatch("a").dispatch("b").dispatch("c").intend("a").intend("b").intend("c");
    uses(run.launch("a"), "a", 20);
    assertThat(run.run.task("b").isReady()).isTrue();
    assertThat(run.run.task("c").isReady()).isFalse();

    run.dispatch("b").fails("b");

    assertThat(run.run.task("c").isReady()).isTrue();
  }

  @Test
  void whoIsLetTryAndIsGivenUpBeforeItsTurnLeavesTheRoomToTheNext() {
    Scenario run =
        Scenario.started(Steps.within(TIGHT, Steps.agent("a"), Steps.agent("b"), Steps.agent("c")));
    run.dispatch("a").dispatch("b").dispatch("c").intend("a").intend("b").intend("c");
    uses(run.launch("a"), "a", 20);
    run.verified("a");

    run.feed(new RunInput.GiveUp(run.now, TaskId.of("b"), "not wanted", Scenario.ANN));

    assertThat(run.run.task("c").isReady()).isTrue();
  }

  @Test
  void whatIsInsideAStepIsCountedForItAndForTheRun() {
    Steps inside =
        Steps.pipeline(
                "sub", Steps.pipeline(Steps.agent("x"), Steps.agent("y").after("x")), Map.of())
            .budget(Budget.ofTokens(150));
    Scenario run = Scenario.started(Steps.within(Budget.ofTokens(1_000), inside));
    run.dispatch("sub").feed(run.ended("sub", 1, new ActResult.Opened(Map.of())));
    run.completes("sub/x").dispatch("sub/y").intend("sub/y");

    assertThat(run.run.task("sub/y").reservation().orElseThrow().cap().tokens()).isEqualTo(40);
    assertThat(run.run.task("sub").spent().tokens()).isEqualTo(110);
    assertThat(run.run.task("sub").reserved().tokens()).isEqualTo(40);
    assertThat(run.run.state().header.spent.tokens()).isEqualTo(110);
  }

  /** A step with a budget, and a pipeline inside it with one that is used up. */
  private static Scenario usedUpInside(Budget ofStep, Budget inside) {
    Pipeline pipeline = Steps.within(inside, Steps.agent("x"), Steps.agent("y").after("x"));
    Scenario run = Scenario.started(Steps.pipeline("sub", pipeline, Map.of()).budget(ofStep));
    run.dispatch("sub").feed(run.ended("sub", 1, new ActResult.Opened(Map.of())));
    return run.completes("sub/x").dispatch("sub/y").intend("sub/y");
  }

  private static Cap grantedTo(Scenario run, String task) {
    return run.run.task(task).dealings.grantedCap;
  }

  private static Cap grantedInside(Scenario run, String task) {
    return run.run.task(task).dealings.grantedInside;
  }

  @Test
  void aYesAboutThePipelineInAStepGivesTheStepNothing() {
    Scenario run = usedUpInside(Budget.ofTokens(1_000).aborts(), Budget.ofTokens(100).asks());
    is(run, "sub/y", TaskState.AWAITING_APPROVAL, Reason.BUDGET_EXCEEDED);
    assertThat(run.run.state().tasks.question(run.question("sub/y")).orElseThrow().text())
        .startsWith("pipeline in task sub has used up 110 of 100 tokens");

    run.approve("sub/y").completes("sub/y");

    assertThat(grantedInside(run, "sub")).isEqualTo(Cap.ofTokens(100));
    assertThat(grantedTo(run, "sub")).isEqualTo(Cap.NONE);
  }

  @Test
  void aStepAndThePipelineInItAreGrantedMoreEachForItself() {
    Scenario run = usedUpInside(Budget.ofTokens(1_000), Budget.ofTokens(100));
    is(run, "sub/y", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);

    grants(run, "sub", Cap.ofTokens(500));
    is(run, "sub/y", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);
    assertThat(grantedInside(run, "sub")).isEqualTo(Cap.NONE);

    run.feed(new RunInput.Grant(run.now, TaskId.of("sub"), true, Cap.ofTokens(200), Scenario.ANN));
    run.run.foldAnew();
    assertThat(grantedTo(run, "sub")).isEqualTo(Cap.ofTokens(500));
    assertThat(grantedInside(run, "sub")).isEqualTo(Cap.ofTokens(200));
    run.completes("sub/y");
  }

  @Test
  void whereOnlyThePipelineInAStepHasABudgetAGrantToTheTaskIsForThat() {
    Pipeline pipeline =
        Steps.within(Budget.ofTokens(100), Steps.agent("x"), Steps.agent("y").after("x"));
    Scenario run = Scenario.started(Steps.pipeline("sub", pipeline, Map.of()), Steps.agent("z"));
    run.dispatch("sub").feed(run.ended("sub", 1, new ActResult.Opened(Map.of())));
    run.completes("sub/x").dispatch("sub/y").intend("sub/y");

    grants(run, "sub", Cap.ofTokens(200)).completes("sub/y");

    TaskId none = TaskId.of("z");
    run.refuses(
        "not-allowed", new RunInput.Grant(run.now, none, true, Cap.ofTokens(1), Scenario.ANN));
  }

  @Test
  void theTightestLevelDecidesAndTheInnermostAnswersFirst() {
    Scenario run =
        Scenario.started(
            Steps.within(Budget.ofTokens(100).aborts(), Steps.agent("a").budget(TIGHT.asks())));
    run.dispatch("a").intend("a");

    is(run, "a", TaskState.FAILED, Reason.BUDGET_EXCEEDED);
    assertThat(lastJudgment(run).detail()).startsWith("run run-1 has 100 of 100 tokens left");
  }

  // ------------------------------------------------------------------ stopped at the cap

  @Test
  void aLaunchThatIsStoppedAtItsCapPausesAndGoesOnWhenMoreIsGranted() {
    Scenario run = Scenario.started(Steps.agent("a").budget(Budget.ofTokens(150)));
    outOfBudget(run.work("a"), "a", 150);

    is(run, "a", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);
    grants(run, "a", Cap.ofTokens(500)).completes("a");

    assertThat(run.run.task("a").launches()).isEqualTo(2);
    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aLaunchThatIsStoppedAtItsCapAsks() {
    Scenario run = Scenario.started(Steps.agent("a").budget(Budget.ofTokens(150).asks()));
    outOfBudget(run.work("a"), "a", 150);

    is(run, "a", TaskState.AWAITING_APPROVAL, Reason.BUDGET_EXCEEDED);
    run.approve("a").completes("a");

    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aLaunchThatIsStoppedAtItsCapIsFollowedByAnotherWhereThereIsEnough() {
    Scenario run =
        Scenario.started(
            Steps.agent("a")
                .budget(Budget.ofTokens(400).perAttempt(Cap.ofTokens(150)))
                .attempts(2));
    outOfBudget(run.work("a"), "a", 150);

    assertThat(run.run.task("a").isReady()).isTrue();
    run.completes("a");
    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void workThatWentOverABudgetThatOnlyAbortsHasFailed() {
    Scenario run = Scenario.started(Steps.agent("a").budget(Budget.ofTokens(150).aborts()));

    uses(run.work("a"), "a", 151);

    is(run, "a", TaskState.FAILED, Reason.BUDGET_EXCEEDED);
  }

  @Test
  void workThatWentOverAnyOtherBudgetIsKept() {
    Scenario run = Scenario.started(Steps.agent("a").budget(Budget.ofTokens(150)));

    uses(run.work("a"), "a", 151).verified("a");

    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  // ------------------------------------------------------------------ above the run

  private static BudgetAbove day(long spent, Instant until) {
    Account account =
        new Account(
            "the day",
            Budget.ofTokens(200),
            Cap.NONE,
            new Amount(spent, Money.ZERO, Duration.ZERO, 0, 0, 0),
            Amount.NONE);
    return new BudgetAbove("day-1", account, until);
  }

  @Test
  void budgetsAboveTheRunAreAskedTooAndNamed() {
    Scenario run = Scenario.started(Steps.agent("a")).dispatch("a");

    run.feed(run.intent("a", 1, true).under(List.of(day(50, null)), null));

    assertThat(run.run.task("a").reservation().orElseThrow().accounts()).containsExactly("day-1");
    assertThat(run.run.task("a").reservation().orElseThrow().cap().tokens()).isEqualTo(150);
  }

  @Test
  void whoStandsStillSaysWhichBudgetAboveTheRunItWaitsFor() {
    Account free =
        new Account("the application", Budget.ofTokens(1_000), Cap.NONE, Amount.NONE, Amount.NONE);
    BudgetAbove application = new BudgetAbove("application", free, null);
    List<BudgetAbove> usedUp = List.of(day(200, null), application);
    Scenario run = Scenario.started(Steps.agent("a"), Steps.agent("b")).dispatch("a").dispatch("b");
    run.feed(run.intent("a", 1, true).under(usedUp, null));
    is(run, "a", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);

    RunState state = run.run.state();
    assertThat(state.waitsFor(TaskId.of("a"), usedUp)).containsExactly("day-1");
    assertThat(state.waitsFor(usedUp)).containsExactly("day-1");
    assertThat(state.waitsFor(List.of(day(0, null), application)))
        .as("there is enough, but others may be quicker")
        .containsExactly("day-1", "application");
    assertThat(state.waitsFor(TaskId.of("b"), usedUp)).as("it is at work").isEmpty();
  }

  @Test
  void whoWaitsForRoomAboveTheRunStaysWhereItIs() {
    Scenario run = Scenario.started(Steps.agent("a")).dispatch("a");
    Account busy =
        new Account(
            "the application",
            Budget.ofTokens(200),
            Cap.NONE,
            Amount.NONE,
            Cap.ofTokens(200).amount());

    run.feed(
        run.intent("a", 1, true).under(List.of(new BudgetAbove("application", busy, null)), null));

    is(run, "a", TaskState.PAUSED, Reason.WAITING);
    run.ready().wait(Duration.ofSeconds(59)).ready();
    assertThat(run.run.task("a").until()).isPresent();
    run.wait(Duration.ofSeconds(1)).ready("a");
  }

  @Test
  void aDayThatIsUsedUpIsWaitedOut() {
    Scenario run = Scenario.started(Steps.agent("a")).dispatch("a");
    Instant midnight = run.now.plus(Duration.ofHours(14));

    run.feed(run.intent("a", 1, true).under(List.of(day(200, midnight)), null));

    is(run, "a", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);
    assertThat(run.run.task("a").until()).contains(midnight);
    run.wait(Duration.ofHours(14)).completes("a");
    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  // ------------------------------------------------------------------ quota

  @Test
  void aQuotaThatComesBackAtAKnownTimeCostsNoAttempt() {
    Scenario run = Scenario.started(Steps.agent("a")).work("a");
    Instant until = run.now.plus(Duration.ofHours(5));

    run.fails("a", new Trouble(Reason.QUOTA_EXHAUSTED, ErrorClass.QUOTA_EXHAUSTED, "q", "", until));

    is(run, "a", TaskState.PAUSED, Reason.QUOTA_EXHAUSTED);
    run.wait(Duration.ofHours(5)).completes("a");
    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aLaunchThatAQuotaTurnedAwayIsNoneOfThoseThatABudgetAllows() {
    Scenario run =
        Scenario.started(
            Steps.within(
                Budget.of(Cap.NONE.launches(2)), Steps.agent("a"), Steps.agent("b").after("a")));
    Instant until = run.now.plus(Duration.ofHours(5));
    Trouble quota = new Trouble(Reason.QUOTA_EXHAUSTED, ErrorClass.QUOTA_EXHAUSTED, "q", "", until);

    run.work("a").fails("a", quota);
    assertThat(run.run.state().header.spent.launches()).isZero();
    run.wait(Duration.ofHours(5)).completes("a").completes("b");

    assertThat(run.run.state().status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(run.run.state().header.spent.launches()).isEqualTo(2);
  }

  private static Trouble backIn(Scenario run, Duration time) {
    Instant until = run.now.plus(time);
    return new Trouble(Reason.QUOTA_EXHAUSTED, ErrorClass.QUOTA_EXHAUSTED, "q", "", until);
  }

  private static Duration waits(Scenario run) {
    return Duration.between(run.now, run.run.task("a").until().orElseThrow());
  }

  @Test
  void whoIsTurnedAwayAgainAndAgainWaitsForLongerThanHeIsTold() {
    Scenario run = Scenario.started(Steps.agent("a"));
    List<Duration> waits = new ArrayList<>();

    for (int i = 0; i < 11; i++) {
      run.work("a").fails("a", backIn(run, Duration.ofSeconds(1)));
      waits.add(waits(run));
      run.wait(waits(run));
    }

    assertThat(waits.stream().map(Duration::toSeconds))
        .containsExactly(1L, 1L, 60L, 120L, 240L, 480L, 960L, 1920L, 3600L, 3600L, 3600L);
    assertThat(run.run.journal().toString()).contains("turned away 11 times in a row");
    run.work("a").acted("a").verified("a");
    assertThat(run.run.state().status()).as("no attempt is spent").isEqualTo(RunStatus.SUCCEEDED);
  }

  /** Milliseconds that were read as seconds, say. */
  @Test
  void nobodyWaitsForAQuotaThatIsSaidToBeAwayForMoreThanAYear() {
    Scenario run = Scenario.started(Steps.agent("a"), Steps.agent("b").attempts(2));

    run.work("a").fails("a", backIn(run, Trouble.LONGEST.plusSeconds(1)));
    is(run, "a", TaskState.FAILED, Reason.QUOTA_EXHAUSTED);

    run.work("b").fails("b", backIn(run, Trouble.LONGEST.plusSeconds(1))).work("b");
    run.fails("b", backIn(run, Trouble.LONGEST));
    assertThat(run.run.task("b").until()).contains(run.now.plus(Trouble.LONGEST));
  }

  @Test
  void aQuotaThatIsAwayForLongerIsBelievedHoweverOften() {
    Scenario run = Scenario.started(Steps.agent("a"));

    for (int i = 0; i < 8; i++) {
      run.work("a").fails("a", backIn(run, Duration.ofHours(5)));
      assertThat(waits(run)).isEqualTo(Duration.ofHours(5));
      run.wait(Duration.ofHours(5));
    }
  }

  @Test
  void whoWasAtWorkForAMinuteWasNotTurnedAwayAtTheDoor() {
    Scenario run = Scenario.started(Steps.agent("a"));

    for (int i = 0; i < 8; i++) {
      run.work("a").wait(Duration.ofMinutes(1)).fails("a", backIn(run, Duration.ofSeconds(1)));
      assertThat(waits(run)).isEqualTo(Duration.ofSeconds(1));
      run.wait(Duration.ofSeconds(1));
    }
  }

  @Test
  void whatBeginsAnewBeginsTheRowAnew() {
    Scenario run = Scenario.started(Steps.agent("a"));
    for (int i = 0; i < 3; i++) {
      run.work("a").fails("a", backIn(run, Duration.ofSeconds(1)));
      run.wait(waits(run));
    }

    run.rework("a").work("a").fails("a", backIn(run, Duration.ofSeconds(1)));

    assertThat(waits(run)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void anAttemptThatFailsOtherwiseBeginsTheRowAnew() {
    Scenario run = Scenario.started(Steps.agent("a").attempts(2));
    run.work("a").fails("a", backIn(run, Duration.ofSeconds(1))).wait(Duration.ofSeconds(1));
    run.work("a").fails("a", backIn(run, Duration.ofSeconds(1))).wait(Duration.ofSeconds(1));

    run.work("a").fails("a").work("a").fails("a", backIn(run, Duration.ofSeconds(1)));

    assertThat(waits(run)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aRouteToFallBackToIsTriedAtOnceUntilNoneTakesIt() {
    Scenario run =
        Scenario.started(Steps.agent("a").policies(Policies.NONE.fallback(Fallback.to("codex"))));
    List<Duration> waits = new ArrayList<>();

    for (int i = 0; i < 6; i++) {
      run.work("a").fails("a", backIn(run, Duration.ofSeconds(1)));
      waits.add(run.run.task("a").until().isEmpty() ? Duration.ZERO : waits(run));
      run.wait(waits.get(i));
    }

    assertThat(waits.stream().map(Duration::toSeconds)).containsExactly(0L, 0L, 0L, 0L, 60L, 120L);
  }

  @Test
  void aQuotaThatNobodyKnowsTheEndOfCostsOne() {
    Scenario run = Scenario.started(Steps.agent("a")).work("a");

    run.fails("a", new Trouble(Reason.QUOTA_EXHAUSTED, ErrorClass.QUOTA_EXHAUSTED, "q", "", null));

    is(run, "a", TaskState.FAILED, Reason.QUOTA_EXHAUSTED);
  }

  @Test
  void withoutABudgetNothingIsPutAsideAndNothingIsSaid() {
    Scenario run = Scenario.started(Steps.agent("a")).work("a").acted("a").verified("a");

    assertThat(judgments(run)).isEmpty();
    assertThat(run.run.journal().stream())
        .filteredOn(RunEvent.Intent.class::isInstance)
        .allMatch(event -> Objects.isNull(((RunEvent.Intent) event).reserved()));
  }
}
