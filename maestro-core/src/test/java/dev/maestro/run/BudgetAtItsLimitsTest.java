package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Budgets with the largest numbers, those that are granted more, and those that are replaced. */
class BudgetAtItsLimitsTest {

  private static final Cap NO_END = Cap.ofTokens(Long.MAX_VALUE);

  private static Scenario ended(Scenario run, String task, @Nullable Usage told) {
    return run.feed(run.ended(task, 1, new ActResult.Done(Scenario.text("x"), told, null)));
  }

  private static Scenario usesUpItsCap(Scenario run, String task, long tokens) {
    Trouble trouble =
        new Trouble(Reason.BUDGET_EXCEEDED, ErrorClass.BUDGET_EXCEEDED, "stopped", "", null);
    Usage used = Usage.of(tokens, 0, Money.ZERO);
    int attempt = run.run.task(task).attempt;
    return run.feed(run.ended(task, attempt, new ActResult.Failed(trouble, used, null)));
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
