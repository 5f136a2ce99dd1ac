package dev.maestro.run;

import static dev.maestro.run.Scenario.EPOCH;
import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.policy.Verdict;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Checkpoint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunRulesTest {

  // ------------------------------------------------------------------ order

  @Test
  void aChainRunsOneStepAfterTheOther() {
    started(Steps.code("a"), Steps.code("b").after("a"), Steps.code("c").after("b"))
        .ready("a")
        .completes("a")
        .ready("b")
        .completes("b")
        .ready("c")
        .completes("c")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void aFanOutFreesItsStepsInDeclarationOrderAndTheJoinWaitsForAll() {
    started(
            Steps.code("join").after("y", "x"),
            Steps.code("y").after("root"),
            Steps.code("x").after("root"),
            Steps.code("root"))
        .ready("root")
        .completes("root")
        .ready("y", "x")
        .completes("x")
        .ready("y")
        .completes("y")
        .ready("join");
  }

  @Test
  void aFreedUrgentTaskOvertakesWaitingOnes() {
    started(
            Steps.code("a"),
            Steps.code("b"),
            Steps.code("low").priority(3),
            Steps.code("urgent").after("a").priority(1),
            Steps.code("plain").after("a"))
        .ready("a", "b", "low")
        .completes("a")
        .ready("urgent", "b", "plain", "low");
  }

  @Test
  void tiesGoInTheOrderInWhichTasksBecameReady() {
    started(
            Steps.code("late").after("b"),
            Steps.code("early").after("a"),
            Steps.code("a"),
            Steps.code("b"))
        .completes("a")
        .completes("b")
        .ready("early", "late");
  }

  @Test
  void aTaskThatIsReadyAgainGoesToTheEndOfItsPriority() {
    started(Steps.agent("a").attempts(2), Steps.code("b"), Steps.code("c"))
        .work("a")
        .fails("a")
        .ready("b", "c", "a");
  }

  @Test
  void aRequeuedTaskAndAnApprovedMergeGoToTheEndToo() {
    started(
            Steps.approval("ok").mergeInto("main"),
            Steps.code("a"),
            Steps.code("b"),
            Steps.code("c"))
        .asks("ok")
        .block("a", Reason.CODE_MISSING)
        .retry("a")
        .ready("b", "c", "a")
        .approve("ok")
        .ready("b", "c", "a", "ok");
  }

  @Test
  void aTaskStartsFromTheCheckpointsOfItsDependencies() {
    Scenario run =
        started(
                Steps.agent("a"),
                Steps.agent("b"),
                Steps.approval("ok").after("a", "b"),
                Steps.agent("c").after("ok", "a"))
            .completes("a")
            .completes("b")
            .asks("ok")
            .approve("ok");

    assertThat(run.run.state().bases(TaskId.of("c")))
        .containsExactly(Scenario.checkpoint("a"), Scenario.checkpoint("b"));
  }

  @Test
  void aRunWithoutStepsSucceedsAtOnce() {
    started().is(RunStatus.SUCCEEDED);
  }

  // ------------------------------------------------------------------ commands

  @Test
  void everyCommandOpensWhenItsPhaseBegins() {
    TaskId a = TaskId.of("a");
    started(Steps.agent("a").mergeInto("main"))
        .dispatch("a")
        .commands(new RunCommand.Act(a, 1))
        .intend("a")
        .commands()
        .launch("a")
        .commands()
        .acted("a")
        .commands(new RunCommand.Verify(a, 1))
        .gatesPass("a")
        .commands(new RunCommand.Integrate(a, 1))
        .preparesMerge("a")
        .commands()
        .merges("a")
        .commands()
        .is("a", COMPLETED, Reason.MERGED)
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void aCodeStepWithNothingToVerifyCompletesInOneEvent() {
    Scenario run = started(Steps.code("a"), Steps.code("b")).dispatch("a").acted("a");

    assertThat(run.last.events()).hasSize(1);
    assertThat(run.last.events().get(0).moves())
        .extracting(Move::to)
        .containsExactly(TESTING, VERIFIED, COMPLETED);
    assertThat(run.run.task("a").evidence()).isEqualTo(Evidence.NONE);
  }

  @Test
  void aCodeStepThatMergesGoesOnToIntegrate() {
    started(Steps.code("a").mergeInto("main"))
        .dispatch("a")
        .acted("a")
        .is("a", VERIFIED)
        .commands(new RunCommand.Integrate(TaskId.of("a"), 1))
        .merges("a")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void gatesThatPassAreTheEvidence() {
    Scenario run = started(Steps.agent("a").gated()).work("a").acted("a").gatesPass("a");

    assertThat(run.run.task("a").evidence()).isEqualTo(Evidence.GATES);
    assertThat(run.run.task("a").receipts()).containsExactly(Scenario.receipt(true));
    assertThat(run.run.task("a").checkpoint()).contains(Scenario.checkpoint("a"));
  }

  @Test
  void workThatIsToBeMergedFreesNothingBeforeItIsMerged() {
    started(Steps.agent("a").mergeInto("main"), Steps.code("b").after("a"))
        .work("a")
        .acted("a")
        .verified("a")
        .is("a", VERIFIED)
        .ready()
        .merges("a")
        .ready("b");
  }

  // ------------------------------------------------------------------ conditions

  @Test
  void aFalseConditionSkipsAndSatisfiesWhatIsBehind() {
    started(
            Steps.code("a").output("verdict"),
            Steps.code("b").after("a").whenContains("verdict", "ship"),
            Steps.code("c").after("a", "b"))
        .dispatch("a")
        .acted("a", "hold")
        .is("b", SKIPPED, Reason.CONDITION_FALSE)
        .ready("c");
  }

  @Test
  void aTrueConditionLetsTheStepRun() {
    started(
            Steps.code("a").output("verdict"),
            Steps.code("b").after("a").whenContains("verdict", "SHIP"))
        .dispatch("a")
        .acted("a", "ship it")
        .ready("b");
  }

  @Test
  void aConditionOnAnInputIsJudgedAtTheStart() {
    Scenario.of(Steps.code("a").whenContains("topic", "yes"), Steps.code("b"))
        .start(Map.of("topic", "no"))
        .is("a", SKIPPED)
        .ready("b");
  }

  @Test
  void aTaskBehindNothingButSkippedOnesIsSkippedAllTheWayDown() {
    Scenario.of(
            Steps.code("a").whenContains("topic", "yes"),
            Steps.code("b").whenContains("topic", "yes"),
            Steps.code("c").after("a", "b"),
            Steps.code("d").after("c"))
        .start(Map.of("topic", "no"))
        .is("c", SKIPPED, Reason.CONDITION_FALSE)
        .is("d", SKIPPED)
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void aSkippedStepsOutputIsTheEmptyText() {
    Scenario.of(
            Steps.code("a").whenContains("topic", "yes").output("o"),
            Steps.code("x"),
            Steps.code("b").after("a", "x").whenContains("o", "yes"))
        .start(Map.of("topic", "no"))
        .completes("x")
        .is("b", SKIPPED);
  }

  @Test
  void aPredicateThatSaysNoSkipsItsStep() {
    started(Steps.code("a").whenPredicate(), Steps.code("b").after("a"), Steps.code("c"))
        .skip("a")
        .is("a", SKIPPED, Reason.CONDITION_FALSE)
        .is("b", SKIPPED)
        .ready("c")
        .refuses("not-allowed", new RunInput.Skip(EPOCH, TaskId.of("c")));
  }

  @Test
  void anInputThatSteersMustBeSmall() {
    Scenario.of(Steps.code("a").whenContains("topic", "yes"))
        .refuses(
            "not-allowed",
            Scenario.startInput(Map.of("topic", new Value.Stored(BlobId.of(new byte[0]), 9_000))));
  }

  @Test
  void anOutputThatSteersMustBeSmall() {
    Scenario run =
        started(
            Steps.code("a").output("o").attempts(2),
            Steps.code("b").after("a").whenContains("o", "x"));

    run.dispatch("a")
        .feed(
            run.ended(
                "a",
                1,
                new ActResult.Done(new Value.Stored(BlobId.of(new byte[0]), 9_000), null, null)))
        .is("a", FAILED, Reason.OUTPUT_TOO_LARGE)
        .ready("a");
  }

  // ------------------------------------------------------------------ failing

  @Test
  void aFailureBlocksWhatIsBehindItWhileIndependentWorkGoesOn() {
    started(
            Steps.code("a"),
            Steps.code("b").after("a"),
            Steps.code("c").after("b"),
            Steps.code("x"),
            Steps.code("y").after("x"))
        .dispatch("a")
        .fails("a")
        .is("a", FAILED, Reason.ERROR)
        .is("b", BLOCKED, Reason.DEPENDENCY_FAILED)
        .is("c", BLOCKED, Reason.DEPENDENCY_FAILED)
        .is(RunStatus.RUNNING)
        .completes("x")
        .completes("y")
        .is(RunStatus.FAILED)
        .is("a", FAILED)
        .is("b", CANCELLED)
        .is("c", CANCELLED)
        .is("y", COMPLETED);
  }

  @Test
  void workBehindTwoFailuresIsBlockedOnce() {
    started(
            Steps.code("a"),
            Steps.code("b"),
            Steps.code("c").after("a", "b"),
            Steps.code("d").after("c"),
            Steps.code("x"))
        .dispatch("a")
        .fails("a")
        .dispatch("b")
        .fails("b")
        .is("d", BLOCKED)
        .retry("a")
        .is("c", BLOCKED)
        .retry("b")
        .is("c", PENDING, Reason.REQUEUED)
        .is("d", PENDING)
        .completes("a")
        .completes("b")
        .completes("c")
        .completes("d")
        .completes("x")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void aFailedAttemptIsFollowedByAnotherAfterItsBackOff() {
    started(Steps.agent("a").attempts(3).backoff(Duration.ofSeconds(10)))
        .work("a")
        .fails("a")
        .is("a", FAILED, Reason.ERROR)
        .commands(new RunCommand.Wait(TaskId.of("a"), EPOCH.plusSeconds(10)))
        .is(RunStatus.WAITING)
        .ready()
        .wait(Duration.ofSeconds(9))
        .ready()
        .wait(Duration.ofSeconds(1))
        .ready("a")
        .is(RunStatus.RUNNING)
        .dispatch("a")
        .is("a", RETRYING, Reason.RETRY)
        .attempt("a", 2);
  }

  @Test
  void withoutABackOffAFailedAttemptMayGoOnAtOnce() {
    Scenario run = started(Steps.agent("a").attempts(2)).work("a").fails("a");

    assertThat(run.last.events()).hasSize(2).last().isInstanceOf(RunEvent.Released.class);
    run.commands().ready("a").is(RunStatus.RUNNING);
  }

  @Test
  void anAttemptWaitsUntilTryingAgainCanHelp() {
    Trouble quota =
        new Trouble(
            Reason.QUOTA_EXHAUSTED,
            ErrorClass.QUOTA_EXHAUSTED,
            "used up",
            "",
            EPOCH.plusSeconds(3600));

    started(Steps.agent("a").attempts(2))
        .work("a")
        .fails("a", quota)
        .commands(new RunCommand.Wait(TaskId.of("a"), EPOCH.plusSeconds(3600)))
        .is("a", PAUSED, Reason.QUOTA_EXHAUSTED);
  }

  @Test
  void attemptsAreTheCeiling() {
    started(Steps.agent("a").attempts(2))
        .work("a")
        .fails("a")
        .work("a")
        .fails("a")
        .is("a", FAILED, Reason.ATTEMPTS_EXHAUSTED)
        .launches("a", 2)
        .is(RunStatus.FAILED);
  }

  @Test
  void aLastingErrorIsNotTriedAgain() {
    started(Steps.agent("a").attempts(3))
        .work("a")
        .fails("a", Scenario.trouble(ErrorClass.AUTHENTICATION))
        .is("a", FAILED, Reason.ERROR)
        .is(RunStatus.FAILED);
  }

  @Test
  void aFailedGateIsFollowedByAnotherActWithEverythingItNeedsToKnow() {
    Scenario run =
        started(Steps.agent("a").attempts(2).gated())
            .work("a")
            .acted("a")
            .gateFails("a")
            .is("a", FAILED, Reason.GATE_FAILED);

    assertThat(run.run.task("a").trouble()).isPresent();
    assertThat(run.run.task("a").receipts()).containsExactly(Scenario.receipt(false));
    run.work("a")
        .is("a", RETRYING)
        .acted("a")
        .gatesPass("a")
        .is("a", COMPLETED)
        .launches("a", 2)
        .is(RunStatus.SUCCEEDED);
    assertThat(run.run.task("a").trouble()).isEmpty();
  }

  @Test
  void timersGoOffInOrder() {
    Scenario run =
        started(
            Steps.code("a").attempts(2).backoff(Duration.ofSeconds(20)),
            Steps.code("b").attempts(2).backoff(Duration.ofSeconds(10)),
            Steps.code("c").attempts(2).backoff(Duration.ofSeconds(30)));

    run.dispatch("a").dispatch("b").dispatch("c").fails("a").fails("b").fails("c");
    assertThat(run.run.state().nextWake()).contains(EPOCH.plusSeconds(10));
    run.wait(Duration.ofSeconds(25)).ready("b", "a");
    assertThat(run.run.state().nextWake()).contains(EPOCH.plusSeconds(30));
  }

  @Test
  void aTimerThatGoesOffEarlyChangesNothing() {
    Scenario run =
        started(Steps.code("a").attempts(2).backoff(Duration.ofSeconds(20)))
            .dispatch("a")
            .fails("a")
            .wait(Duration.ofSeconds(1));

    assertThat(run.last.events()).isEmpty();
  }

  @Test
  void aFailedTaskThatSomebodyRetriesIsGrantedOneLaunch() {
    started(Steps.agent("a"), Steps.code("b").after("a"), Steps.code("x"))
        .work("a")
        .fails("a")
        .is("b", BLOCKED)
        .retry("a")
        .ready("x", "a")
        .is("b", PENDING, Reason.REQUEUED)
        .work("a")
        .attempt("a", 2)
        .launches("a", 2)
        .acted("a")
        .verified("a")
        .ready("x", "b");
  }

  @Test
  void onlyWhatIsStuckCanBeRetried() {
    Scenario run = started(Steps.code("a"), Steps.code("b").after("a"), Steps.code("x"));

    run.refuses("not-allowed", new RunInput.Retry(EPOCH, TaskId.of("a"), Scenario.ANN))
        .dispatch("a")
        .fails("a")
        .refuses("not-allowed", new RunInput.Retry(EPOCH, TaskId.of("b"), Scenario.ANN))
        .refuses("unknown-task", new RunInput.Retry(EPOCH, TaskId.of("z"), Scenario.ANN))
        .retry("a")
        .refuses("not-allowed", new RunInput.Retry(EPOCH, TaskId.of("a"), Scenario.ANN));
  }

  // ------------------------------------------------------------------ blocked

  @Test
  void aTaskThatCannotStartIsBlockedAndTheRunWaits() {
    started(Steps.code("a"), Steps.code("b").after("a"))
        .block("a", Reason.CODE_MISSING)
        .is("a", BLOCKED, Reason.CODE_MISSING)
        .is("b", PENDING)
        .is(RunStatus.WAITING)
        .retry("a")
        .is("a", PENDING, Reason.REQUEUED)
        .ready("a")
        .block("a", Reason.CODE_MISSING)
        .retry("a")
        .completes("a")
        .completes("b")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void aBlockedApprovalCanBeAskedAfterARetry() {
    started(Steps.approval("ok"))
        .block("ok", Reason.CODE_MISSING)
        .retry("ok")
        .asks("ok")
        .approve("ok")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void aBlockedPredicateCanSayNoAfterARetry() {
    started(Steps.code("a").whenPredicate())
        .block("a", Reason.CODE_MISSING)
        .retry("a")
        .skip("a")
        .is(RunStatus.SUCCEEDED);
  }

  // ------------------------------------------------------------------ merging

  @Test
  void aMergeConflictIsBlockedAndIntegratesAgainWithoutPayingAgain() {
    started(Steps.agent("a").mergeInto("main"))
        .work("a")
        .acted("a")
        .verified("a")
        .mergeConflicts("a")
        .is("a", BLOCKED, Reason.MERGE_CONFLICT)
        .is(RunStatus.WAITING)
        .retry("a")
        .dispatch("a")
        .is("a", VERIFIED)
        .commands(new RunCommand.Integrate(TaskId.of("a"), 1))
        .merges("a")
        .launches("a", 1)
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void gatesThatFailOnTheMergedTreeFailTheAttempt() {
    Scenario run =
        started(Steps.agent("a").attempts(2).mergeInto("main").gated())
            .work("a")
            .acted("a")
            .gatesPass("a")
            .preparesMerge("a")
            .mergedTreeFails("a")
            .is("a", FAILED, Reason.GATE_FAILED)
            .work("a")
            .is("a", RETRYING);

    assertThat(run.run.task("a").merging()).as("the merge of the attempt before").isEmpty();
    run.acted("a").gatesPass("a").merges("a").is(RunStatus.SUCCEEDED);
  }

  @Test
  void theMergedCheckpointIsWhatTasksBehindStartFrom() {
    Scenario run =
        started(Steps.agent("a").mergeInto("main"), Steps.agent("b").after("a"))
            .work("a")
            .acted("a")
            .verified("a")
            .merges("a");

    assertThat(run.run.state().bases(TaskId.of("b"))).containsExactly(new Checkpoint("m1", "t1"));
  }

  // ------------------------------------------------------------------ verdicts

  @Test
  void aRuleThatSaysToWaitUntilNowIsNotAskedWithoutAPause() {
    Scenario run = started(Steps.agent("a")).dispatch("a");
    run.stopped("a", new Verdict.Wait(Reason.RATE_LIMITED, EPOCH.minusSeconds(60)));

    assertThat(run.run.task("a").until()).contains(run.now.plusSeconds(1));
  }

  @Test
  void aWaitVerdictPausesAndCostsNoAttempt() {
    started(Steps.agent("a"))
        .dispatch("a")
        .stopped("a", new Verdict.Wait(Reason.RATE_LIMITED, EPOCH.plusSeconds(60)))
        .is("a", PAUSED, Reason.RATE_LIMITED)
        .is(RunStatus.WAITING)
        .commands(new RunCommand.Wait(TaskId.of("a"), EPOCH.plusSeconds(60)))
        .wait(Duration.ofSeconds(60))
        .work("a")
        .is("a", RUNNING)
        .attempt("a", 1)
        .launches("a", 1);
  }

  @Test
  void anAskVerdictAsksAndAYesIsRemembered() {
    Scenario run =
        started(Steps.agent("a"))
            .dispatch("a")
            .stopped("a", new Verdict.Ask(Reason.BUDGET_EXCEEDED, "a dollar more?"))
            .is("a", AWAITING_APPROVAL, Reason.BUDGET_EXCEEDED)
            .is(RunStatus.WAITING)
            .approve("a")
            .work("a")
            .is("a", RUNNING)
            .attempt("a", 1);

    assertThat(run.run.task("a").approvedQuestions()).containsExactly("a dollar more?");
  }

  @Test
  void aNoToAVerdictsQuestionFailsTheTask() {
    started(Steps.agent("a").attempts(3))
        .dispatch("a")
        .stopped("a", new Verdict.Ask(Reason.BUDGET_EXCEEDED, "a dollar more?"))
        .reject("a")
        .is("a", FAILED, Reason.REJECTED)
        .is(RunStatus.FAILED);
  }

  @Test
  void aRecoverableRefusalBlocksAndItsRetryGrantsNothingThatWasNotSpent() {
    Scenario run =
        started(Steps.agent("a"))
            .dispatch("a")
            .stopped("a", new Verdict.Refuse(Reason.PROVIDER_MISSING, "not signed in", true))
            .is("a", BLOCKED, Reason.PROVIDER_MISSING)
            .retry("a")
            .work("a")
            .attempt("a", 1);

    assertThat(run.run.task("a").allowedAttempts()).isEqualTo(1);
  }

  @Test
  void anyOtherRefusalFails() {
    started(Steps.agent("a").attempts(3), Steps.code("b").after("a"))
        .dispatch("a")
        .stopped("a", new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, "never", false))
        .is("a", FAILED, Reason.GUARDRAIL_BLOCKED)
        .is("b", CANCELLED)
        .is(RunStatus.FAILED)
        .launches("a", 0);
  }

  @Test
  void verdictsThatLetGoOnStopNothing() {
    Scenario run = started(Steps.agent("a")).dispatch("a");

    run.refuses("not-allowed", run.ended("a", 1, new ActResult.Stopped(Verdict.proceed())));
  }

  @Test
  void aTaskThatIsStoppedInItsLastLaunchNeedsAYesToBeLaunchedAgain() {
    started(Steps.agent("a"))
        .work("a")
        .stopped("a", new Verdict.Wait(Reason.RATE_LIMITED, EPOCH.plusSeconds(60)))
        .wait(Duration.ofSeconds(60))
        .is("a", AWAITING_APPROVAL)
        .approve("a")
        .work("a")
        .attempt("a", 2);
  }

  @Test
  void aYesToAQuestionInTheLastLaunchGrantsOneMore() {
    started(Steps.agent("a"))
        .work("a")
        .stopped("a", new Verdict.Ask(Reason.ESCALATED, "delete it?"))
        .approve("a")
        .work("a")
        .attempt("a", 2)
        .is("a", RETRYING);
  }

  @Test
  void verifyMayAskAPersonFirst() {
    Scenario run =
        started(Steps.agent("a"))
            .work("a")
            .acted("a")
            .verifyAsks("a", "sure?")
            .is("a", AWAITING_APPROVAL, Reason.ESCALATED)
            .approve("a")
            .dispatch("a")
            .is("a", TESTING)
            .commands(new RunCommand.Verify(TaskId.of("a"), 1));

    assertThat(run.run.task("a").approvedQuestions()).containsExactly("sure?");
    run.verified("a").launches("a", 1).is(RunStatus.SUCCEEDED);
  }

  // ------------------------------------------------------------------ approval steps

  @Test
  void anApprovalStepWaitsForAPersonAndNeedsNoSlot() {
    Scenario run =
        started(Steps.approval("ok").output("word"), Steps.code("b").after("ok"))
            .refuses("not-allowed", new RunInput.Dispatch(EPOCH, TaskId.of("ok")))
            .asks("ok")
            .is("ok", AWAITING_APPROVAL)
            .is(RunStatus.WAITING);

    assertThat(run.last.commands())
        .containsExactly(new RunCommand.Ask(run.run.state().questions().iterator().next()));
    run.run.foldAnew();
    run.approve("ok").is("ok", COMPLETED, Reason.APPROVED).is(RunStatus.RUNNING).ready("b");
    assertThat(run.run.task("ok").evidence()).isEqualTo(Evidence.PERSON);
    assertThat(run.run.state().value("word")).contains(Scenario.text("approved"));
  }

  @Test
  void aRejectedApprovalFailsAndCanBeAskedAgain() {
    Scenario run =
        started(Steps.approval("ok"), Steps.code("b").after("ok"), Steps.code("x"))
            .asks("ok")
            .reject("ok")
            .is("ok", FAILED, Reason.REJECTED)
            .is("b", BLOCKED);

    assertThat(run.run.task("ok").evidence()).isEqualTo(Evidence.NONE);
    run.retry("ok").asks("ok").approve("ok").completes("x").completes("b").is(RunStatus.SUCCEEDED);
  }

  @Test
  void anApprovalThatMergesIntegratesAfterTheYes() {
    started(Steps.agent("a"), Steps.approval("ok").after("a").mergeInto("main"))
        .completes("a")
        .asks("ok")
        .approve("ok")
        .is("ok", VERIFIED, Reason.APPROVED)
        .ready("ok")
        .dispatch("ok")
        .commands(new RunCommand.Integrate(TaskId.of("ok"), 1))
        .merges("ok")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void aQuestionIsAnsweredOnce() {
    Scenario run = started(Steps.approval("ok"), Steps.code("x")).asks("ok");
    RunInput again =
        new RunInput.GiveAnswer(EPOCH, run.question("ok"), Answer.approve(), Scenario.ANN);

    run.approve("ok").refuses("unknown-question", again);
  }

  @Test
  void anAnswerToNoQuestionIsToldWhichAreOpen() {
    Scenario run = started(Steps.approval("ok"), Steps.code("x")).asks("ok");
    RunInput misspelt =
        new RunInput.GiveAnswer(EPOCH, QuestionId.of("okay.1"), Answer.approve(), Scenario.ANN);

    run.refusesSaying("nobody waits for an answer to okay.1; open are ok.1", misspelt)
        .approve("ok")
        .refusesSaying("nobody waits for an answer to okay.1; no question is open", misspelt);
  }

  @Test
  void aRunThatOnlyAPersonCanMoveSaysThatItWaits() {
    Scenario run = started(Steps.approval("ok")).asks("ok").is(RunStatus.WAITING);

    RunEvent.RunMoved moved = (RunEvent.RunMoved) run.last.events().get(1);
    assertThat(moved.reason()).isEqualTo(Reason.WAITING);
  }

  // ------------------------------------------------------------------ launches

  @Test
  void aLaunchCountsWhenTheAgentRunsAndHasNotSeenItsPrompt() {
    started(Steps.agent("a"))
        .dispatch("a")
        .intend("a")
        .launches("a", 0)
        .launch("a")
        .launches("a", 1);
  }

  @Test
  void aLaunchCountsAtItsIntentWhenTheAgentGetsItsPromptAtItsStart() {
    started(Steps.agent("a"))
        .dispatch("a")
        .intendAtOnce("a")
        .launches("a", 1)
        .launch("a")
        .launches("a", 1);
  }

  @Test
  void everyLaunchOfAnAgentNeedsAnIntentOfItsOwn() {
    Scenario run = started(Steps.agent("a").attempts(2)).dispatch("a");

    run.refuses("not-allowed", run.launched("a", 1, true)).intend("a").launch("a");
    run.refuses("not-allowed", run.launched("a", 1, true));
    run.refuses("not-allowed", run.intent("a", 1, true));
  }

  @Test
  void onlyAgentsAreLaunchedAsSuch() {
    Scenario run = started(Steps.command("a")).dispatch("a");

    run.refuses("not-allowed", run.intent("a", 1, true));
    run.feed(run.launched("a", 1, false)).launches("a", 0);
    assertThat(run.run.task("a").processes()).hasSize(1);
  }

  @Test
  void aSessionIsKeptForTheNextAttempt() {
    Scenario run =
        started(Steps.agent("a").attempts(2)).work("a").session("a", "talk-1").fails("a");

    assertThat(run.run.task("a").session()).map(Object::toString).contains("talk-1");
  }

  @Test
  void aSessionThatIsLostIsNotGoneOnWith() {
    Scenario run =
        started(Steps.agent("a").attempts(2))
            .work("a")
            .session("a", "talk-1")
            .fails("a", Scenario.trouble(ErrorClass.SESSION_LOST))
            .is("a", FAILED);

    assertThat(run.run.task("a").session()).isEmpty();
  }

  // ------------------------------------------------------------------ what is refused

  @Test
  void whatIsLateOrUnknownIsRefused() {
    Scenario run = started(Steps.agent("a").attempts(2), Steps.code("b").after("a"));

    run.refuses("not-allowed", Scenario.startInput(Map.of()))
        .refuses("unknown-task", new RunInput.Dispatch(EPOCH, TaskId.of("z")))
        .refuses("stale", new RunInput.Dispatch(EPOCH, TaskId.of("b")))
        .work("a")
        .refuses("stale", new RunInput.Dispatch(EPOCH, TaskId.of("a")))
        .refuses("stale", run.verify("a", 1, List.of(), null, null))
        .refuses("stale", run.intent("a", 2, true))
        .refuses("stale", run.launched("a", 2, false));
    run.fails("a").work("a");
    run.refuses("stale", run.ended("a", 1, new ActResult.Done(null, Scenario.CENT, null)));
    assertThat(run.run.state().usage()).isEqualTo(Scenario.CENT);
  }

  @Test
  void aRunMustExistAndIsStartedOnce() {
    Scenario.of(Steps.code("a"))
        .refuses("not-allowed", new RunInput.Dispatch(EPOCH, TaskId.of("a")))
        .start(Map.of())
        .refuses("not-allowed", Scenario.startInput(Map.of()));
  }

  @Test
  void aRunThatIsOverTakesNothing() {
    started(Steps.code("a"))
        .completes("a")
        .refuses("run-over", new RunInput.Cancel(EPOCH, "late", Scenario.ANN))
        .refuses("run-over", new RunInput.TimeCame(EPOCH))
        .refuses("run-over", new RunInput.Recover(EPOCH))
        .refuses("run-over", new RunInput.Retry(EPOCH, TaskId.of("a"), Scenario.ANN));
  }
}
