package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Asking;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Account;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Actor;
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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Budgets with the largest numbers, those that are granted more, and those that are replaced. */
class BudgetAtItsLimitsTest {

  private static final Cap NO_END = Cap.ofTokens(Long.MAX_VALUE);

  private static Scenario ended(Scenario run, String task, @Nullable Usage told) {
    return run.feed(run.ended(task, 1, new ActResult.Done(Scenario.text("x"), told, null)));
  }

  private static final Trouble AT_ITS_CAP =
      new Trouble(Reason.BUDGET_EXCEEDED, ErrorClass.BUDGET_EXCEEDED, "stopped", "", null);

  private static Scenario usesUpItsCap(Scenario run, String task, long tokens) {
    Usage used = Usage.of(tokens, 0, Money.ZERO);
    int attempt = run.run.task(task).attempt;
    return run.feed(run.ended(task, attempt, new ActResult.Failed(AT_ITS_CAP, used, null)));
  }

  private static Scenario grant(Scenario run, Cap more) {
    return run.feed(new RunInput.Grant(run.now, null, more, Scenario.ANN));
  }

  // ------------------------------------------------------------------ large numbers

  @Test
  void twoLaunchesMayPutAsideAllTheTokensThereAre() {
    Scenario run =
        Scenario.started(
            Steps.agent("a").budget(Budget.of(NO_END)), Steps.agent("b").budget(Budget.of(NO_END)));

    run.work("a").work("b");

    assertThat(run.run.state().header.reserved.tokens()).isEqualTo(Long.MAX_VALUE);
    ended(ended(run, "a", Scenario.CENT), "b", Scenario.CENT);
    assertThat(run.run.state().header.reserved).isEqualTo(Amount.NONE);
    assertThat(run.run.state().header.spent.launches()).isEqualTo(2);
  }

  @Test
  void moreTurnsThanAUsageCanSayArePresumed() {
    Budget budget = Budget.ofTokens(1_000).turns(5_000_000_000L);
    Scenario killed = Scenario.started(Steps.agent("a").attempts(3).budget(budget)).work("a");
    Scenario silent = Scenario.started(Steps.agent("a").attempts(3).budget(budget)).work("a");

    killed.crashAndRecover();
    ended(silent, "a", null);

    assertThat(killed.run.task("a").spent().turns()).isEqualTo(Integer.MAX_VALUE);
    assertThat(silent.run.task("a").spent().turns()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void whatAgentsTellIsAddedUpAsFarAsItCanBeSaid() {
    Scenario run = Scenario.started(Steps.agent("a"), Steps.agent("b"), Steps.agent("c"));
    Usage half = new Usage(Long.MAX_VALUE / 2, 9, 9, Money.ZERO, 2_000_000_000, 1, false);

    for (String task : List.of("a", "b", "c")) {
      ended(run.work(task), task, half).verified(task);
    }

    assertThat(run.run.state().header.spent.tokens()).isEqualTo(Long.MAX_VALUE);
    assertThat(run.run.state().header.spent.turns()).isEqualTo(6_000_000_000L);
  }

  @Test
  void withoutAnEndMayBeGranted() {
    Scenario run = Scenario.started(Steps.within(Budget.ofTokens(1_000), Steps.agent("a")));
    Scenario timed =
        Scenario.started(
            Steps.within(Budget.ofTokens(9).time(Duration.ofHours(1)), Steps.agent("a")));

    grant(grant(run, NO_END), NO_END).work("a");
    grant(timed, Cap.NONE.time(Duration.ofSeconds(Long.MAX_VALUE))).work("a");

    run.is("a", TaskState.RUNNING);
    timed.is("a", TaskState.RUNNING);
  }

  @Test
  void whatNoBudgetLimitsCannotBeGranted() {
    Scenario run = Scenario.started(Steps.within(Budget.ofTokens(1_000), Steps.agent("a")));

    RunInput.Grant money = new RunInput.Grant(run.now, null, Cap.ofUsd("5"), Scenario.ANN);

    Decision.Refused refused = (Decision.Refused) RunRules.decide(run.run.state(), money);
    assertThat(refused.message()).contains("is limited in tokens").contains("adds to nothing");
    grant(run, Cap.ofUsd("5").tokens(10));
  }

  // ------------------------------------------------------------------ time

  @Test
  void theTimeInWhichNothingRanIsNotTheLaunchs() {
    Budget budget =
        Budget.ofTokens(1_000)
            .time(Duration.ofHours(2))
            .perAttempt(Cap.ofTokens(100).time(Duration.ofMinutes(10)));
    Scenario run = Scenario.started(Steps.agent("a").attempts(3).budget(budget)).work("a");

    run.wait(Duration.ofDays(1)).crashAndRecover();

    assertThat(run.run.task("a").spent().time()).isEqualTo(Duration.ofMinutes(10));
    run.dispatch("a").intend("a");
    assertThat(run.run.task("a").reservation()).isPresent();
  }

  @Test
  void aClockThatJumpsChargesNoMoreThanTheLaunchMightTake() {
    Scenario run = Scenario.started(Steps.agent("a").budget(Budget.ofTokens(1_000))).work("a");

    ended(run.wait(Duration.ofDays(9)), "a", Scenario.CENT);

    assertThat(run.run.task("a").spent().time())
        .isEqualTo(run.run.task("a").step().limits().total());
  }

  @Test
  void aClockThatJumpsTakesNoWorkBackThatABudgetLimitsInTime() {
    Budget budget = Budget.of(Cap.NONE.time(Duration.ofMinutes(5))).aborts();
    Scenario run = Scenario.started(Steps.agent("a").budget(budget)).work("a");

    ended(run.wait(Duration.ofDays(9)), "a", Scenario.CENT).is("a", TaskState.TESTING);

    assertThat(run.run.task("a").spent().time()).isEqualTo(Duration.ofMinutes(5));
  }

  // ------------------------------------------------------------------ going on

  @Test
  void nobodyIsAskedAboutALastLaunchThatOnlyHadTooLittle() {
    Scenario run = Scenario.started(Steps.agent("a").budget(Budget.ofTokens(100))).work("a");
    usesUpItsCap(run, "a", 100).is("a", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);

    run.pause().resume();

    assertThat(run.run.state().questions()).isEmpty();
    run.dispatch("a").intend("a").is("a", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);
    run.feed(new RunInput.Grant(run.now, TaskId.of("a"), Cap.ofTokens(100), Scenario.ANN));
    run.dispatch("a").intend("a");
    assertThat(run.run.task("a").reservation()).isPresent();
  }

  @Test
  void aGrantAnswersTheQuestionWhetherThereMayBeMore() {
    Budget asking = Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)).asks();
    Scenario run = Scenario.started(Steps.within(asking, Steps.agent("a"), Steps.agent("b")));
    ended(run.work("a"), "a", Usage.of(60, 0, Money.ZERO)).verified("a");
    run.dispatch("b").intend("b").is("b", TaskState.AWAITING_APPROVAL, Reason.BUDGET_EXCEEDED);

    grant(run, Cap.ofTokens(10));
    run.is("b", TaskState.AWAITING_APPROVAL);

    grant(run, Cap.ofTokens(10));
    assertThat(run.run.state().questions()).isEmpty();
    run.dispatch("b").intend("b").is("b", TaskState.RUNNING);
    assertThat(run.run.state().header.granted.tokens()).isEqualTo(20);
  }

  @Test
  void whatIsGrantedWhileALaunchIsAtWorkLetsItsTaskGoOnWhenThatHasReachedItsCap() {
    for (Budget budget :
        List.of(
            Budget.ofTokens(100),
            Budget.ofTokens(100).asks(),
            Budget.ofTokens(100).aborts(),
            Budget.ofTokens(100).perAttempt(Cap.ofUsd("5")).degradesTo("small"))) {
      Scenario run = Scenario.started(Steps.within(budget, Steps.agent("a"))).work("a");
      grant(run, Cap.ofTokens(100));

      usesUpItsCap(run, "a", 100);

      assertThat(run.run.task("a").tries()).isEmpty();
      run.ready("a").dispatch("a").intend("a");
      assertThat(run.run.task("a").reservation().orElseThrow().cap().tokens()).isEqualTo(100);
    }
  }

  @Test
  void whatIsGrantedDoesNotHelpWhoHasUsedUpAllThatOneAttemptMay() {
    Budget budget = Budget.ofTokens(100).perAttempt(Cap.ofTokens(40));
    Scenario run = Scenario.started(Steps.within(budget, Steps.agent("a"))).work("a");
    grant(run, Cap.ofTokens(100));

    usesUpItsCap(run, "a", 40).is("a", TaskState.FAILED, Reason.BUDGET_EXCEEDED);
  }

  @Test
  void aLimitOfItsOwnThatAnAgentReachesIsNoneOfItsBudget() {
    Scenario run = Scenario.started(Steps.within(Budget.ofTokens(100), Steps.agent("a"))).work("a");
    Trouble turns =
        new Trouble(Reason.BUDGET_EXCEEDED, ErrorClass.LIMIT_REACHED, "3 turns", "", null);

    run.feed(run.ended("a", 1, new ActResult.Failed(turns, Usage.of(90, 0, Money.ZERO), null)));

    run.is("a", TaskState.FAILED, Reason.BUDGET_EXCEEDED);
  }

  @Test
  void whoHasUsedUpWhatOneAttemptMayHasFailedThoughItHadAllThatWasLeftOfSomethingElse() {
    Budget budget = Budget.ofTokens(900).time(Duration.ofHours(1)).perAttempt(Cap.ofTokens(100));
    Scenario run = Scenario.started(Steps.within(budget, Steps.agent("a").attempts(2))).work("a");

    usesUpItsCap(run, "a", 98).ready("a").dispatch("a").intend("a").launch("a");
    usesUpItsCap(run, "a", 98).is("a", TaskState.FAILED, Reason.ATTEMPTS_EXHAUSTED);
  }

  @Test
  void whatIsTooLittleToGoOnWithIsUsedUp() {
    Scenario run = Scenario.started(Steps.within(Budget.ofTokens(100), Steps.agent("a"))).work("a");

    usesUpItsCap(run, "a", 90).is("a", TaskState.PAUSED, Reason.BUDGET_EXCEEDED);

    // resuming helps as little as launching it anew would have
    run.pause().resume().dispatch("a").intend("a");
    run.is("a", TaskState.PAUSED, Reason.BUDGET_EXCEEDED).launches("a", 1);
    grant(run, Cap.ofTokens(50)).dispatch("a").intend("a");
    assertThat(run.run.task("a").reservation().orElseThrow().cap().tokens()).isEqualTo(60);
  }

  @Test
  void aYesToMoreThanTheRestThatWasTooLittleGrantsTheLimitOnceMore() {
    Scenario run =
        Scenario.started(Steps.within(Budget.ofTokens(100).asks(), Steps.agent("a"))).work("a");
    usesUpItsCap(run, "a", 90).is("a", TaskState.AWAITING_APPROVAL, Reason.BUDGET_EXCEEDED);

    run.approve("a").dispatch("a").intend("a");

    assertThat(run.run.task("a").reservation().orElseThrow().cap().tokens()).isEqualTo(110);
  }

  @Test
  void aBudgetThatAbortsAbortsWhereTheRestIsTooLittleThoughAttemptsAreLeft() {
    Scenario run =
        Scenario.started(Steps.within(Budget.ofTokens(100).aborts(), Steps.agent("a").attempts(3)))
            .work("a");

    usesUpItsCap(run, "a", 90).is("a", TaskState.FAILED, Reason.BUDGET_EXCEEDED);
    assertThat(run.run.state().status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void whoIsEndedAtARestWaitsForWhatAnotherHasPutAside() {
    Budget budget = Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)).degradesTo("small");
    Scenario run = Scenario.started(Steps.within(budget, Steps.agent("a"), Steps.agent("b")));
    run.work("a").dispatch("b");
    run.feed(run.intent("b", 1, true).withLess()).launch("b");

    usesUpItsCap(run, "b", 35).is("b", TaskState.PAUSED, Reason.WAITING);

    ended(run, "a", Usage.of(1, 0, Money.ZERO)).ready("b").dispatch("b").intend("b");
    assertThat(run.run.task("b").reservation().orElseThrow().cap().tokens()).isEqualTo(60);
  }

  @Test
  void whoReachesTheCapOfTheDayAfterMidnightGoesOnInTheNextDay() {
    Scenario run = Scenario.started(Steps.agent("a")).dispatch("a");
    run.feed(run.intent("a", 1, true).under(List.of(day("day-1")), null)).launch("a");

    run.feed(
        run.ended("a", 1, new ActResult.Failed(AT_ITS_CAP, Usage.of(100, 0, Money.ZERO), null))
            .under(List.of(day("day-2"))));

    run.ready("a").dispatch("a");
    run.feed(run.intent("a", 2, true).under(List.of(day("day-2")), null));
    assertThat(run.run.task("a").reservation().orElseThrow().accounts()).containsExactly("day-2");
  }

  private static BudgetAbove day(String name) {
    Account account = Account.of(name, Budget.ofTokens(100));
    return new BudgetAbove(name, account, Scenario.EPOCH.plus(Duration.ofDays(1)));
  }

  @Test
  void whoDoesNotFitIntoWhatWasPresumedTooMuchStaysWhereItIs() {
    Budget budget = Budget.ofTokens(100).perAttempt(Cap.ofTokens(60));
    Scenario run =
        Scenario.started(Steps.within(budget, Steps.agent("a").attempts(3), Steps.agent("b")));
    run.work("a").rework("a");
    run.dispatch("b").intend("b").is("b", TaskState.PAUSED, Reason.BUDGET_EXCEEDED).ready("a");

    cutOffUsed(run, "a", 50).ready("a");
    assertThat(run.run.task("b").isReady()).isFalse();
  }

  @Test
  void whoIsLetGoOnBecauseLessWasUsedThanPresumedIsPutAsideAnew() {
    Budget budget = Budget.ofTokens(100).perAttempt(Cap.ofTokens(60));
    Scenario run =
        Scenario.started(Steps.within(budget, Steps.agent("a").attempts(3), Steps.agent("b")));
    run.work("a").rework("a").dispatch("b").intend("b");

    cutOffUsed(run, "a", 5).ready("a", "b");

    run.dispatch("b").intend("b").is("b", TaskState.RUNNING);
  }

  @Test
  void nobodyHasToAnswerAQuestionWhetherThereMayBeMoreWhenLessWasUsedThanPresumed() {
    Budget budget = Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)).asks();
    Scenario run =
        Scenario.started(Steps.within(budget, Steps.agent("a").attempts(3), Steps.agent("b")));
    run.work("a").rework("a").dispatch("b").intend("b").is("b", TaskState.AWAITING_APPROVAL);

    cutOffUsed(run, "a", 5);

    assertThat(run.run.state().questions()).isEmpty();
    assertThat(run.run.state().header.granted).isEqualTo(Cap.NONE);
    run.dispatch("b").intend("b").is("b", TaskState.RUNNING);
  }

  /** Aborts, and what is left of it is presumed to have been used up by one that was cut off. */
  private static Scenario presumedToBeUsedUp() {
    Budget budget = Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)).aborts();
    Steps first = Steps.agent("a").attempts(3);
    return Scenario.started(Steps.within(budget, first, Steps.agent("b"))).work("a");
  }

  @Test
  void nobodyFailsForWhatIsOnlyPresumedOfALaunchThatWasJustCutOff() {
    Scenario run = presumedToBeUsedUp().rework("a");
    run.dispatch("b").intend("b").is("b", TaskState.PAUSED, Reason.WAITING);

    cutOffUsed(run, "a", 5).ready("a", "b");

    run.dispatch("b").intend("b").is("b", TaskState.RUNNING);
  }

  @Test
  void whatNobodyTellsInAMinuteIsUsedUpAndAborts() {
    Scenario run = presumedToBeUsedUp().rework("a").dispatch("b").intend("b");
    run.wait(Duration.ofSeconds(59)).is("b", TaskState.PAUSED);

    run.wait(Duration.ofSeconds(1)).ready("a", "b").dispatch("b").intend("b");

    run.is("b", TaskState.FAILED, Reason.BUDGET_EXCEEDED);
  }

  @Test
  void whatALaunchUsedUpThatWentDownWithItsEngineIsWaitedForByNobody() {
    Scenario run = presumedToBeUsedUp().crashAndRecover();

    run.dispatch("b").intend("b").is("b", TaskState.FAILED, Reason.BUDGET_EXCEEDED);
  }

  /** Above the run, used up by what is presumed of another run's launch. */
  private static BudgetAbove presumedAbove(Instant settles) {
    Budget budget = Budget.ofTokens(100).aborts();
    Amount all = Cap.ofTokens(100).amount();
    Account account = new Account("the application", budget, Cap.NONE, all, Amount.NONE);
    Amount mayComeIn = settles == null ? Amount.NONE : all;
    return new BudgetAbove("application", account, null, mayComeIn, settles);
  }

  @Test
  void nobodyFailsForWhatIsOnlyPresumedOfAnotherRunEither() {
    Scenario run = Scenario.started(Steps.agent("b")).dispatch("b");
    Instant settles = run.now.plus(Duration.ofMinutes(1));

    run.feed(run.intent("b", 1, true).under(List.of(presumedAbove(settles)), null));

    run.is("b", TaskState.PAUSED, Reason.WAITING);
    assertThat(run.run.task("b").until()).contains(settles);
    run.wait(Duration.ofMinutes(1)).ready("b").dispatch("b");
    run.feed(run.intent("b", 1, true).under(List.of(presumedAbove(null)), null));
    run.is("b", TaskState.FAILED, Reason.BUDGET_EXCEEDED);
  }

  /** The run alone declares 150 tokens for a launch, of which it will not have so many again. */
  @Test
  void whoAsksForLessBecauseOfABudgetAboveIsNotToldTwiceThatItWaits() {
    Account account = Account.of("day", Budget.ofTokens(9_000).perAttempt(Cap.ofTokens(100)));
    List<BudgetAbove> above = List.of(new BudgetAbove("day", account, null));
    Budget budget = Budget.ofTokens(250).perAttempt(Cap.ofTokens(150));
    Scenario run =
        Scenario.started(
            Steps.within(budget, Steps.agent("a"), Steps.agent("b"), Steps.agent("c")));
    run.dispatch("a").feed(run.intent("a", 1, true).under(above, null)).launch("a");
    ended(run, "a", Usage.of(110, 0, Money.ZERO)).verified("a").dispatch("b").dispatch("c");
    run.feed(run.intent("b", 1, true).under(above, null)).launch("b");

    run.feed(run.intent("c", 1, true).under(above, null));

    run.is("c", TaskState.PAUSED, Reason.WAITING).ready();
    ended(run, "b", Usage.of(10, 0, Money.ZERO)).verified("b").ready();
    run.feed(new RunInput.MadeRoom(run.now, above)).ready("c").dispatch("c");
    run.feed(run.intent("c", 1, true).under(above, null)).launch("c");
  }

  /** One has the rest that another, which may use up 60 at most and was cut off, has left it. */
  private static Scenario besideOneThatWasCutOff() {
    Steps first =
        Steps.agent("a")
            .attempts(3)
            .budget(Budget.of(Cap.NONE.launches(9)).perAttempt(Cap.ofTokens(60)));
    Budget budget = Budget.ofTokens(100).aborts();
    Scenario run = Scenario.started(Steps.within(budget, first, Steps.agent("b")));
    return run.work("a").work("b").rework("a");
  }

  @Test
  void whoComesToItsEndAtARestWaitsForWhatIsOnlyPresumedOfAnother() {
    Scenario run = besideOneThatWasCutOff();

    usesUpItsCap(run, "b", 40).is("b", TaskState.PAUSED, Reason.WAITING);

    cutOffUsed(run, "a", 5).ready("a", "b");
  }

  @Test
  void workIsNotTakenBackForWhatIsOnlyPresumedOfAnother() {
    Scenario run = besideOneThatWasCutOff();

    ended(run, "b", Usage.of(90, 0, Money.ZERO)).is("b", TaskState.TESTING);
  }

  /** Two launches of 60 do not fit into 100, and somebody is asked. */
  private static Scenario asks(Asking asking) {
    Budget budget = Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)).asks();
    Oversight oversight = Oversight.NONE.asking(asking);
    Steps second = Steps.agent("b").oversight(oversight);
    Scenario run =
        Scenario.started(Steps.within(budget, Steps.agent("a").attempts(3), second)).work("a");
    return run.rework("a").dispatch("b").intend("b").is("b", TaskState.AWAITING_APPROVAL);
  }

  @Test
  void aGrantIsOneYesOfThoseThatAQuestionNeeds() {
    Scenario run = asks(Asking.DEFAULT.quorum(2));

    grant(run, Cap.ofTokens(200)).is("b", TaskState.AWAITING_APPROVAL);
    grant(run, Cap.ofTokens(200)).is("b", TaskState.AWAITING_APPROVAL);
    assertThat(run.run.task("b").released).isFalse();

    run.feed(run.answered("b", Answer.approve(), Actor.of("ben")));
    run.dispatch("b").intend("b").is("b", TaskState.RUNNING);
    assertThat(run.run.state().header.granted).isEqualTo(Cap.ofTokens(400));
  }

  @Test
  void aGrantThatComesTooLateForAQuestionDoesNotAnswerIt() {
    Scenario run = asks(Asking.DEFAULT.within(Duration.ofHours(1)));
    run.now = run.now.plus(Duration.ofHours(1));

    grant(run, Cap.ofTokens(200)).is("b", TaskState.AWAITING_APPROVAL);

    run.feed(new RunInput.TimeCame(run.now)).is("b", TaskState.FAILED, Reason.EXPIRED);
    run.retry("b").dispatch("b").intend("b").is("b", TaskState.RETRYING);
  }

  @Test
  void howeverManyWereToAnswerNobodyHasToWhenLessWasUsedThanPresumed() {
    Scenario run = asks(Asking.DEFAULT.quorum(2));

    cutOffUsed(run, "a", 5);

    assertThat(run.run.state().questions()).isEmpty();
    run.dispatch("b").intend("b").is("b", TaskState.RUNNING);
  }

  private static Scenario cutOffUsed(Scenario run, String task, long tokens) {
    Trouble cancelled = Scenario.trouble(ErrorClass.CANCELLED);
    Usage usage = Usage.of(tokens, 0, Money.ZERO);
    return run.feed(run.ended(task, 1, new ActResult.Failed(cancelled, usage, null)));
  }

  @Test
  void aGrantAnswersNoQuestionThatAnApplicationsRuleAsksForTheSameReason() {
    Scenario run = Scenario.started(Steps.within(Budget.ofTokens(500), Steps.agent("a")));
    run.dispatch("a")
        .stopped("a", new Verdict.Ask(Reason.BUDGET_EXCEEDED, "It will cost a lot. Go on?"));

    grant(run, Cap.ofTokens(10));

    run.is("a", TaskState.AWAITING_APPROVAL);
    assertThat(run.run.state().questions()).hasSize(1);
  }

  @Test
  void anotherPipelineWithMoreOrWithoutABudgetLetsTheRunGoOn() {
    for (Budget first :
        List.of(
            Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)),
            Budget.ofTokens(100).perAttempt(Cap.ofTokens(60)).asks())) {
      for (Pipeline next :
          List.of(
              Steps.within(first.limit(Cap.ofTokens(900)), Steps.agent("a"), Steps.agent("b")),
              Steps.pipeline(Steps.agent("a"), Steps.agent("b")))) {
        Scenario run = Scenario.started(Steps.within(first, Steps.agent("a"), Steps.agent("b")));
        ended(run.work("a"), "a", Usage.of(60, 0, Money.ZERO)).verified("a");
        run.dispatch("b").intend("b");

        redefine(run, next);

        run.dispatch("b").intend("b").is("b", TaskState.RUNNING);
      }
    }
  }

  private static void redefine(Scenario run, Pipeline next) {
    Definition is = run.run.state().definition();
    ResumePlan plan = ResumePlan.of(run.run.state(), null, next, is.inputHash(), is.inputs());
    run.feed(new RunInput.Redefine(run.now, plan, Scenario.ANN));
  }
}
