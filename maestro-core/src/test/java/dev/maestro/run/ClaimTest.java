package dev.maestro.run;

import static dev.maestro.run.Scenario.ANN;
import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Shown;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Account;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClaimTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Actor BEN = Actor.of("ben");

  private static RunInput.Claim claim(Scenario run, String task, Actor actor) {
    return new RunInput.Claim(run.now, TaskId.of(task), actor, run.now.plus(HOUR));
  }

  private static RunInput.Deliver deliver(Scenario run, int number, Trouble trouble) {
    return new RunInput.Deliver(
        new RunEvent.Delivered(
            run.now, TaskId.of("a"), number, Scenario.text("mine"), Usage.NONE, trouble));
  }

  private static Scenario claimed() {
    Scenario run = started(Steps.agent("a").attempts(2), Steps.code("b").after("a"));
    return run.feed(claim(run, "a", ANN));
  }

  @Test
  void whatIsClaimedIsBegunByNobodyElse() {
    Scenario run = claimed().is("a", PENDING).ready().is(RunStatus.WAITING);

    run.refuses("stale", new RunInput.Dispatch(run.now, TaskId.of("a")));
    run.refuses("claimed", claim(run, "a", BEN));
    assertThat(run.run.task("a").claim()).contains(new Claimed(1, ANN, run.now.plus(HOUR)));
    run.run.foldAnew();
    run.refuses("claimed", claim(run, "a", BEN));
  }

  @Test
  void whatIsBroughtIsTakenUpByAnAttemptThatLaunchesNothing() {
    Scenario run = claimed();
    run.feed(deliver(run, 1, null)).ready("a").dispatch("a").is("a", RUNNING).attempt("a", 1);

    assertThat(run.run.task("a").delivered().orElseThrow().output())
        .isEqualTo(Scenario.text("mine"));
    run.acted("a").verified("a").is("a", COMPLETED).launches("a", 0).ready("b");
  }

  @Test
  void whoBroughtItDoesNotSayThatItIsFineAndAYesOfOthersKeepsIt() {
    Verdict.Ask ask = new Verdict.Ask(Reason.ESCALATED, "is that it?", Shown.of("mine"));
    Scenario run = claimed();
    run.feed(deliver(run, 1, null)).dispatch("a");
    run.feed(
        run.ended(
            "a", 1, new ActResult.Done(Scenario.text("mine"), Usage.NONE, null).doubted(ask)));

    run.is("a", AWAITING_APPROVAL);
    run.refuses(
        "not-allowed", new RunInput.GiveAnswer(run.now, run.question("a"), Answer.approve(), ANN));
    run.feed(new RunInput.GiveAnswer(run.now, run.question("a"), Answer.approve(), BEN));
    run.ready("a").dispatch("a").is("a", TESTING).verified("a").is("a", COMPLETED);
    assertThat(run.run.task("a").output()).contains(Scenario.text("mine"));
    run.launches("a", 0);
  }

  @Test
  void aClaimWhoseTimeIsOverGoesBackAndWhatItBringsIsFencedOff() {
    Scenario run = claimed().wait(HOUR).ready("a").is(RunStatus.RUNNING);

    assertThat(run.run.task("a").claim()).isEmpty();
    run.refuses("stale", deliver(run, 1, null));
    run.feed(claim(run, "a", BEN));
    run.refuses("stale", deliver(run, 1, null));
    run.feed(deliver(run, 2, null)).ready("a");
  }

  @Test
  void aLateResultIsRefusedBeforeTheTimerHasCome() {
    Scenario run = claimed();
    run.now = run.now.plus(HOUR);

    run.refuses("stale", deliver(run, 1, null));
    run.feed(claim(run, "a", BEN));
    assertThat(run.run.task("a").claim().orElseThrow().actor()).isEqualTo(BEN);
    assertThat(run.run.task("a").claim().orElseThrow().number()).isEqualTo(2);
  }

  @Test
  void aClaimIsRenewedWhileItHolds() {
    Scenario run = claimed();
    TaskId a = TaskId.of("a");
    run.feed(new RunInput.RenewClaim(run.now, a, 1, run.now.plus(HOUR).plus(HOUR))).wait(HOUR);

    run.ready();
    run.wait(HOUR).ready("a");
    run.refuses("stale", new RunInput.RenewClaim(run.now, a, 1, run.now.plus(HOUR)));
  }

  @Test
  void aClaimThatIsGivenBackLetsMaestroDoIt() {
    Scenario run = claimed();
    run.feed(new RunInput.ReleaseClaim(run.now, TaskId.of("a"), 1)).ready("a");

    run.refuses("stale", new RunInput.ReleaseClaim(run.now, TaskId.of("a"), 1));
    run.completes("a").launches("a", 1).completes("b").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aFailureThatIsBroughtIsAnAttemptsFailureAndTheNextCanBeClaimed() {
    Scenario run = claimed();
    Trouble trouble = Scenario.trouble(ErrorClass.TRANSIENT);
    run.feed(deliver(run, 1, trouble)).dispatch("a");
    run.feed(run.ended("a", 1, new ActResult.Failed(trouble, Usage.NONE, null)));
    run.is("a", FAILED).wait(Duration.ofMinutes(10)).ready("a");

    run.feed(claim(run, "a", BEN)).ready();
    run.feed(deliver(run, 2, null)).dispatch("a").is("a", RETRYING).attempt("a", 2);
  }

  @Test
  void whatHasNothingToBeDoneOrIsNotReadyCannotBeClaimed() {
    Scenario run = started(Steps.approval("ok"), Steps.agent("a"), Steps.agent("b").after("a"));

    run.refuses("not-allowed", claim(run, "ok", ANN));
    run.refuses("not-allowed", claim(run, "b", ANN));
    run.refuses("unknown-task", claim(run, "nobody", ANN));
    run.work("a").refuses("not-allowed", claim(run, "a", ANN));
    run.pause().refuses("not-allowed", claim(run, "a", ANN));
  }

  @Test
  void aCancelledRunHasNoClaims() {
    Scenario run = claimed().cancel();

    assertThat(run.run.task("a").claim()).isEmpty();
    run.refuses("run-over", deliver(run, 1, null));
  }

  @Test
  void reworkEndsAClaim() {
    Scenario run = started(Steps.agent("a"), Steps.agent("b").after("a")).completes("a");
    run.feed(claim(run, "b", ANN)).rework("a");

    assertThat(run.run.task("b").waitingFor).isEqualTo(1);
    run.completes("a").ready("b");
  }

  @Test
  void whoeverWorksOnWhatHasChangedHasToClaimItAnew() {
    Scenario run = claimed();
    ResumePlan plan = planWith(run, Steps.agent("a").attempts(2).gated());

    assertThat(plan.tasks(ResumePlan.Group.RERUN)).containsExactly(TaskId.of("a"));
    run.feed(new RunInput.Redefine(run.now, plan, BEN)).ready("a");
    run.refuses("stale", deliver(run, 1, null)).run.foldAnew();
    assertThat(run.run.task("a").claim()).isEmpty();
  }

  @Test
  void whatWasBroughtForAnotherStepIsNotTakenForThatOfThisOne() {
    Scenario run = claimed();
    run.feed(deliver(run, 1, null));
    ResumePlan plan = planWith(run, Steps.agent("a").attempts(2).gated());

    run.feed(new RunInput.Redefine(run.now, plan, BEN)).ready("a").run.foldAnew();
    assertThat(run.run.task("a").delivered()).isEmpty();
    run.work("a").acted("a").gatesPass("a").is("a", COMPLETED).launches("a", 1);
  }

  @Test
  void aClaimOfWhatHasNotChangedHolds() {
    Scenario run = claimed();
    ResumePlan before = planWith(run, Steps.agent("a").attempts(3));
    run.feed(new RunInput.Redefine(run.now, before, BEN)).ready();

    run.feed(deliver(run, 1, null)).ready("a");
    run.refuses("stale", new RunInput.Redefine(run.now, planBeforeTheClaim(), BEN));
    assertThat(run.run.task("a").delivered()).isPresent();
  }

  private static ResumePlan planBeforeTheClaim() {
    Scenario run = started(Steps.agent("a").attempts(2), Steps.code("b").after("a"));
    return planWith(run, Steps.agent("a").attempts(2).gated());
  }

  private static ResumePlan planWith(Scenario run, Steps a) {
    Definition now = run.run.state().definition();
    return ResumePlan.of(
        run.run.state(),
        null,
        Steps.pipeline(a, Steps.code("b").after("a")),
        now.inputHash(),
        now.inputs());
  }

  // ------------------------------------------------------------------ who made it

  @Test
  void whoMadeTheWorkCannotApproveIt() {
    Scenario run =
        started(Steps.agent("a").attempts(2).oversight(Oversight.NONE.reviewed()))
            .feed(claimedBy("a"));
    run.feed(deliver(run, 1, null)).dispatch("a").acted("a");
    run.verifiedForReview("a", new Verdict.Ask(Reason.ESCALATED, "is it good?"));

    run.refuses("not-allowed", run.answered("a", Answer.approve(), ANN));
    run.run.foldAnew();
    run.refuses("not-allowed", run.answered("a", Answer.approve(), ANN));
    run.feed(run.answered("a", Answer.approve(), BEN)).dispatch("a").accepts("a");
    run.is("a", COMPLETED);
  }

  @Test
  void whoMadeTheWorkCannotApproveItInAStepOfItsOwnEither() {
    Scenario run =
        started(Steps.agent("a").attempts(2), Steps.approval("b").after("a")).feed(claimedBy("a"));
    run.feed(deliver(run, 1, null)).dispatch("a").acted("a").verified("a").asks("b");

    run.refuses("not-allowed", run.answered("b", Answer.approve(), ANN));
    run.feed(run.answered("b", Answer.approve(), BEN)).is("b", COMPLETED);
  }

  @Test
  void whoFindsABudgetAboveTheRunUsedUpDoesNotBegin() {
    Scenario run = started(Steps.agent("a"));
    Amount spent = Cap.ofTokens(500).amount();
    Account application =
        new Account("application", Budget.ofTokens(100), Cap.NONE, spent, Amount.NONE);
    RunInput.Claim claim = claim(run, "a", ANN);

    run.refuses(
        "budget-exceeded", claim.under(List.of(new BudgetAbove("application", application, null))));
    run.feed(claim);
  }

  @Test
  void anAttemptOfAnAgentAfterwardsIsBuiltOnWhatThePersonMade() {
    Scenario run =
        started(Steps.agent("a").attempts(2).oversight(Oversight.NONE.reviewed()))
            .feed(claimedBy("a"));
    run.feed(deliver(run, 1, null)).dispatch("a").acted("a").gateFails("a");
    run.work("a").acted("a");
    run.verifiedForReview("a", new Verdict.Ask(Reason.ESCALATED, "is it good?"));

    run.refuses("not-allowed", run.answered("a", Answer.approve(), ANN));
    run.feed(run.answered("a", Answer.approve(), BEN)).dispatch("a").accepts("a");
    run.is("a", COMPLETED);
  }

  @Test
  void anotherRoundOfTheSameWorkIsBuiltOnWhatThePersonMade() {
    Scenario run =
        started(Steps.agent("a").attempts(2), Steps.approval("b").after("a")).feed(claimedBy("a"));
    run.feed(deliver(run, 1, null)).dispatch("a").acted("a").verified("a").asks("b");
    run.feed(run.answered("b", Answer.changes("one line more"), BEN));
    run.work("a").acted("a").verified("a").asks("b");

    onlyOthersApprove(run, "b");
    run.is("b", COMPLETED);
  }

  @Test
  void whoMadeWhatAForkIsBuiltOnCannotApproveItThereEither() {
    Scenario old =
        started(Steps.agent("a").attempts(2), Steps.approval("b").after("a")).feed(claimedBy("a"));
    old.feed(deliver(old, 1, null)).dispatch("a").acted("a").verified("a").asks("b");
    Scenario fork = ForkTest.forked(old, "b").asks("b");

    onlyOthersApprove(fork, "b");
    fork.is("b", COMPLETED);
  }

  /** Deliver what ANN has claimed, and have it taken up and accepted. */
  private static void delivers(Scenario run, String task) {
    run.feed(claim(run, task, ANN));
    run.feed(
        new RunInput.Deliver(
            new RunEvent.Delivered(
                run.now, TaskId.of(task), 1, Scenario.text("mine"), Usage.NONE, null)));
    run.dispatch(task).acted(task).verified(task);
  }

  private static void onlyOthersApprove(Scenario run, String task) {
    run.refuses("not-allowed", run.answered(task, Answer.approve(), ANN));
    run.run.foldAnew();
    run.refuses("not-allowed", run.answered(task, Answer.approve(), ANN));
    run.feed(run.answered(task, Answer.approve(), BEN));
  }

  @Test
  void whoMadeWhatTheWorkIsBuiltOnCannotApproveItHoweverFarBefore() {
    Scenario run =
        started(
            Steps.agent("a"),
            Steps.agent("b").after("a"),
            Steps.approval("first").after("b"),
            Steps.agent("c").after("first"),
            Steps.approval("ok").after("c"),
            Steps.approval("other"));
    delivers(run, "a");
    run.completes("b").asks("first");
    onlyOthersApprove(run, "first");
    run.completes("c").asks("ok");
    onlyOthersApprove(run, "ok");
    run.asks("other").approve("other").is(RunStatus.SUCCEEDED);
  }

  @Test
  void whoMadeSomethingInsideATaskCannotApproveTheTask() {
    Pipeline inside = Steps.pipeline(Steps.agent("x"), Steps.agent("y").after("x"));
    Scenario run =
        started(
            Steps.pipeline("sub", inside, Map.of()),
            Steps.agent("b").after("sub"),
            Steps.approval("ok").after("b"));
    opens(run, "sub");
    delivers(run, "sub/x");
    run.completes("sub/y").is("sub", COMPLETED).completes("b").asks("ok");

    onlyOthersApprove(run, "ok");
    run.is(RunStatus.SUCCEEDED);
  }

  @Test
  void whoMadeWhatIsBeforeATaskCannotApproveInsideIt() {
    Pipeline inside = Steps.pipeline(Steps.approval("ok"));
    Scenario run = started(Steps.agent("a"), Steps.pipeline("sub", inside, Map.of()).after("a"));
    delivers(run, "a");
    opens(run, "sub").asks("sub/ok");

    onlyOthersApprove(run, "sub/ok");
    run.is(RunStatus.SUCCEEDED);
  }

  @Test
  void whoMadeSomethingCannotApproveItsMergeWithWhatIsBuiltOnIt() {
    Verdict.Ask ask = new Verdict.Ask(Reason.ESCALATED, "may it be merged?");
    Scenario run = started(Steps.agent("a"), Steps.agent("b").after("a").mergeInto("main"));
    delivers(run, "a");
    run.work("b").acted("b").verified("b").mergeAsks("b", ask);

    onlyOthersApprove(run, "b");
    run.dispatch("b").merges("b").is(RunStatus.SUCCEEDED);
  }

  private static Scenario opens(Scenario run, String task) {
    ActResult.Opened opened = new ActResult.Opened(Map.of());
    return run.dispatch(task).feed(run.ended(task, 1, opened));
  }

  private static RunInput.Claim claimedBy(String task) {
    return new RunInput.Claim(Scenario.EPOCH, TaskId.of(task), ANN, Scenario.EPOCH.plus(HOUR));
  }
}
