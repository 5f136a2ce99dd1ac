package dev.maestro.run;

import static dev.maestro.run.Scenario.CENT;
import static dev.maestro.run.Scenario.EPOCH;
import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Question;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Checkpoint;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Crashes, pauses, emergency stops and cancels. */
class InterruptionTest {

  private static final IntegrateResult.Merged MERGED =
      new IntegrateResult.Merged(new Checkpoint("m1", "t1"));

  // ------------------------------------------------------------------ crashes

  @Test
  void anAttemptThatWasNotLaunchedIsFreeToLaunchAfterACrash() {
    started(Steps.agent("a"))
        .dispatch("a")
        .intend("a")
        .crash()
        .is("a", INTERRUPTED)
        .is(RunStatus.RUNNING)
        .feed(new RunInput.Recover(EPOCH))
        .work("a")
        .is("a", RUNNING)
        .attempt("a", 1)
        .launches("a", 1);
  }

  @Test
  void anAttemptThatMayHaveRunIsFollowedByTheNext() {
    Scenario run =
        started(Steps.agent("a").attempts(2))
            .work("a")
            .session("a", "talk-1")
            .crashAndRecover()
            .work("a")
            .is("a", RETRYING)
            .attempt("a", 2)
            .launches("a", 2);

    assertThat(run.run.task("a").session()).map(Object::toString).contains("talk-1");
    assertThat(run.run.state().usage().presumed()).isTrue();
  }

  @Test
  void anIntentAloneMayHaveRunWhenThePromptIsGivenAtTheStart() {
    started(Steps.agent("a").attempts(2))
        .dispatch("a")
        .intendAtOnce("a")
        .crashAndRecover()
        .dispatch("a")
        .attempt("a", 2);
  }

  @Test
  void aCrashInTheLastLaunchAsksAPerson() {
    Scenario run =
        started(Steps.agent("a"))
            .work("a")
            .crashAndRecover()
            .is("a", AWAITING_APPROVAL, Reason.INTERRUPTED)
            .is(RunStatus.WAITING);

    assertThat(run.run.state().questions())
        .extracting(Question::kind)
        .containsExactly(Question.Kind.LAUNCH_AGAIN);
    run.approve("a").work("a").is("a", RETRYING).attempt("a", 2).launches("a", 2);
  }

  @Test
  void aYesGrantsOneLaunchAndNotMore() {
    started(Steps.agent("a"))
        .work("a")
        .crashAndRecover()
        .approve("a")
        .work("a")
        .crashAndRecover()
        .is("a", AWAITING_APPROVAL)
        .launches("a", 2)
        .reject("a")
        .is("a", FAILED, Reason.REJECTED)
        .is(RunStatus.FAILED);
  }

  @Test
  void verifyIsRepeatedAfterACrash() {
    started(Steps.agent("a"))
        .work("a")
        .acted("a")
        .crashAndRecover()
        .dispatch("a")
        .is("a", TESTING)
        .commands(new RunCommand.Verify(TaskId.of("a"), 1))
        .verified("a")
        .launches("a", 1)
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void integrateIsRepeatedAfterACrashAndKnowsTheMergeThatWasReady() {
    Scenario run =
        started(Steps.agent("a").mergeInto("main"))
            .work("a")
            .acted("a")
            .verified("a")
            .preparesMerge("a")
            .crashAndRecover()
            .dispatch("a")
            .is("a", VERIFIED)
            .commands(new RunCommand.Integrate(TaskId.of("a"), 1));

    assertThat(run.run.task("a").merging()).isPresent();
    run.merges("a").launches("a", 1).is(RunStatus.SUCCEEDED);
  }

  @Test
  void commandAndCodeStepsRunAgainInTheSameAttempt() {
    Scenario run = started(Steps.command("a"), Steps.code("b")).dispatch("a").dispatch("b");

    run.feed(run.launched("a", 1, false))
        .crashAndRecover()
        .dispatch("a")
        .dispatch("b")
        .attempt("a", 1)
        .attempt("b", 1)
        .is("a", RUNNING);
  }

  @Test
  void processesAreKnownAfterACrashSoThatTheyCanBeReaped() {
    Scenario run = started(Steps.agent("a").attempts(2)).work("a").crash();

    assertThat(run.run.task("a").processes()).hasSize(1);
    run.feed(new RunInput.Recover(EPOCH)).dispatch("a");
    assertThat(run.run.task("a").processes()).isEmpty();
  }

  @Test
  void aCrashWhileAPersonIsAskedChangesNothing() {
    Scenario run = started(Steps.approval("ok")).asks("ok").crashAndRecover();

    assertThat(run.last.events()).isEmpty();
    run.approve("ok").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aBackOffOutlivesACrash() {
    started(Steps.code("a").attempts(2).backoff(Duration.ofSeconds(10)))
        .dispatch("a")
        .fails("a")
        .crashAndRecover()
        .is(RunStatus.WAITING)
        .wait(Duration.ofSeconds(10))
        .ready("a");
  }

  // ------------------------------------------------------------------ usage of what was cut off

  @Test
  void usageThatComesInAfterAnInterruptionIsCountedOnce() {
    Scenario run = started(Steps.agent("a").attempts(2)).work("a").crash();
    RunInput late =
        run.ended(
            "a", 1, new ActResult.Failed(Trouble.of(Reason.INTERRUPTED, "killed"), CENT, null));

    assertThat(run.run.state().usage().presumed()).isTrue();
    run.feed(late).is("a", INTERRUPTED);
    assertThat(run.run.state().usage()).isEqualTo(CENT);
    run.refuses("stale", late);
    assertThat(run.run.task("a").usage()).isEqualTo(CENT);
  }

  @Test
  void usageThatComesInLateLeavesTheNextAttemptAlone() {
    Scenario run = started(Steps.agent("a").attempts(2)).work("a").crashAndRecover().work("a");

    run.session("a", "talk-2")
        .feed(
            run.ended(
                "a", 1, new ActResult.Done(Scenario.text("late"), CENT, SessionId.of("talk-1"))))
        .is("a", RETRYING);
    assertThat(run.run.task("a").session()).map(Object::toString).contains("talk-2");
    assertThat(run.run.task("a").processes()).hasSize(1);
    assertThat(run.run.task("a").output()).isEmpty();
  }

  @Test
  void usageThatNeverBecomesKnownStaysPresumed() {
    Scenario run = started(Steps.agent("a").attempts(2)).work("a").crash();

    run.feed(
        run.ended("a", 1, new ActResult.Failed(Trouble.of(Reason.INTERRUPTED, "?"), null, null)));
    assertThat(run.run.state().usage().presumed()).isTrue();
  }

  @Test
  void usageIsRecordedAfterTheEndOfTheRunAndNothingElse() {
    Scenario run = started(Steps.agent("a")).work("a").cancel().is(RunStatus.CANCELLED);

    run.feed(run.ended("a", 1, new ActResult.Done(Scenario.text("done"), CENT, null)))
        .is("a", CANCELLED)
        .commands();
    assertThat(run.last.events()).hasSize(1);
    assertThat(run.run.state().usage()).isEqualTo(CENT);
    assertThat(run.run.task("a").output()).isEmpty();
  }

  // ------------------------------------------------------------------ pause and stop

  @Test
  void aPausedRunStartsNothingNewAndWhatRunsMayFinish() {
    Scenario run = started(Steps.agent("a"), Steps.code("b").after("a"), Steps.code("x"));

    run.work("a")
        .pause()
        .is(RunStatus.PAUSED)
        .is("a", RUNNING)
        .refuses("not-allowed", new RunInput.Dispatch(EPOCH, TaskId.of("x")));
    assertThat(run.run.state().needsSomebody()).isFalse();
    run.acted("a").verified("a").is("a", COMPLETED).is(RunStatus.PAUSED);
    assertThat(run.run.state().needsSomebody()).isTrue();
    run.resume().is(RunStatus.RUNNING).completes("x").completes("b").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aRunThatIsNotPausedCannotBeResumed() {
    started(Steps.code("a")).refuses("not-allowed", new RunInput.Resume(EPOCH, Scenario.ANN));
  }

  @Test
  void pausingTwiceChangesNothing() {
    Scenario run = started(Steps.code("a")).pause().pause();

    assertThat(run.last.events()).isEmpty();
  }

  @Test
  void aResumedRunThatOnlyAPersonCanMoveWaits() {
    started(Steps.approval("ok")).asks("ok").pause().resume().is(RunStatus.WAITING);
  }

  @Test
  void aPausedRunMayEndByItself() {
    started(Steps.code("a")).dispatch("a").pause().acted("a").is(RunStatus.SUCCEEDED);
  }

  @Test
  void anEmergencyStopPausesWhatRunsDropsSessionsAndSpendsLaunches() {
    Scenario run =
        started(Steps.agent("a").attempts(2), Steps.agent("b"), Steps.agent("c"))
            .work("a")
            .session("a", "talk-1")
            .dispatch("b")
            .intend("b")
            .work("c")
            .acted("c")
            .stop()
            .is(RunStatus.PAUSED)
            .is("a", PAUSED, Reason.EMERGENCY_STOP)
            .is("b", PAUSED)
            .is("c", PAUSED);

    assertThat(run.run.task("a").session()).isEmpty();
    assertThat(run.run.state().usage().presumed()).isTrue();
    run.resume().work("a").attempt("a", 2).is("a", RETRYING);
    run.work("b").attempt("b", 1).is("b", RUNNING);
    run.dispatch("c").is("c", TESTING);
  }

  @Test
  void anEmergencyStopInTheLastLaunchAsksAPersonWhenTheRunIsResumed() {
    started(Steps.agent("a"))
        .work("a")
        .stop()
        .resume()
        .is("a", AWAITING_APPROVAL, Reason.INTERRUPTED)
        .is(RunStatus.WAITING)
        .approve("a")
        .work("a")
        .attempt("a", 2);
  }

  @Test
  void anEmergencyStopReachesWhatRunsInAPausedRun() {
    started(Steps.agent("a").attempts(2)).work("a").pause().stop().is("a", PAUSED);
  }

  @Test
  void anEmergencyStopMayBeExplainedWhileItLasts() {
    Scenario run = started(Steps.agent("a").attempts(3)).work("a");
    RunInput explained = new RunInput.Explain(run.now, "fire", Scenario.ANN);
    RunInput wordless = new RunInput.Stop(run.now, "", Scenario.ANN);

    run.feed(explained);
    assertThat(run.last.events()).as("nothing is stopped").isEmpty();
    run.feed(wordless).feed(explained);
    assertThat(run.last.events()).hasSize(1);
    run.feed(explained);
    assertThat(run.last.events()).as("it is said already").isEmpty();
    run.resume().feed(explained);
    assertThat(run.last.events()).as("it goes on").isEmpty();
    run.work("a").pause().feed(wordless).feed(explained);
    assertThat(run.last.events()).as("it was paused before").hasSize(1);
  }

  @Test
  void anEmergencyStopWhileMergingGoesOnWithTheMerge() {
    started(Steps.agent("a").mergeInto("main"))
        .work("a")
        .acted("a")
        .verified("a")
        .stop()
        .is("a", PAUSED)
        .resume()
        .dispatch("a")
        .is("a", VERIFIED)
        .merges("a")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void aCrashDuringAnEmergencyStopLeavesTheRunPaused() {
    started(Steps.agent("a").attempts(2))
        .work("a")
        .stop()
        .crashAndRecover()
        .is("a", PAUSED)
        .is(RunStatus.PAUSED)
        .resume()
        .ready("a");
  }

  // ------------------------------------------------------------------ cancel

  @Test
  void aCancelledRunCancelsEverythingThatIsNotAtItsEnd() {
    Scenario run =
        started(
                Steps.code("done"),
                Steps.code("failed"),
                Steps.agent("running"),
                Steps.approval("asked"),
                Steps.code("pending").after("running"),
                Steps.code("behind").after("failed"),
                Steps.code("waiting").attempts(2).backoff(Duration.ofSeconds(5)),
                Steps.code("blocked"))
            .completes("done")
            .dispatch("failed")
            .fails("failed")
            .work("running")
            .asks("asked")
            .dispatch("waiting")
            .fails("waiting")
            .block("blocked", Reason.CODE_MISSING)
            .cancel()
            .is(RunStatus.CANCELLED)
            .is("done", COMPLETED)
            .is("failed", FAILED)
            .is("running", CANCELLED, Reason.CANCELLED)
            .is("asked", CANCELLED)
            .is("pending", CANCELLED)
            .is("behind", CANCELLED)
            .is("waiting", FAILED, Reason.ERROR)
            .is("blocked", CANCELLED)
            .commands();

    assertThat(run.run.state().questions()).isEmpty();
    assertThat(run.run.state().outstanding()).isEmpty();
    assertThat(run.run.state().nextWake()).isEmpty();
    assertThat(run.run.task("waiting").until()).isEmpty();
    assertThat(run.run.task("waiting").endedAt()).contains(EPOCH);
  }

  @Test
  void aFailedTaskThatWaitsForASlotStaysFailedWhenTheRunIsCancelled() {
    started(Steps.agent("a").attempts(2), Steps.code("b").after("a"))
        .work("a")
        .fails("a")
        .ready("a")
        .cancel()
        .is("a", FAILED, Reason.ERROR)
        .is("b", CANCELLED)
        .ready();
  }

  @Test
  void acceptedWorkStaysVerifiedWhenItsMergeWasNotBegun() {
    started(Steps.approval("ok").mergeInto("main"))
        .asks("ok")
        .approve("ok")
        .cancel()
        .is("ok", VERIFIED)
        .ready();
  }

  @Test
  void acceptedWorkStaysVerifiedWhenItsMergeIsAtWork() {
    Scenario run = merging().cancel().is("a", VERIFIED).commands();

    assertThat(run.run.task("a").isActive()).isFalse();
    assertThat(run.run.task("a").endedAt()).contains(EPOCH);
  }

  @Test
  void aBranchThatMovedWhileTheRunWasCancelledIsRecordedOnce() {
    Scenario run = merging().preparesMerge("a").cancel();
    RunInput late = new RunInput.IntegrateEnded(EPOCH, TaskId.of("a"), MERGED, 0.5);

    run.feed(late).is("a", VERIFIED).is(RunStatus.CANCELLED).commands();
    assertThat(run.last.events())
        .containsExactly(
            new RunEvent.Integrated(
                EPOCH, TaskId.of("a"), MERGED.merged(), List.of(), null, List.of()));
    assertThat(run.run.task("a").checkpoint()).contains(MERGED.merged());
    run.refuses("stale", late);
  }

  @Test
  void aBranchThatWasMovedToWhatTheTaskMadeIsRecordedToo() {
    Checkpoint made = Scenario.checkpoint("a");
    Checkpoint before = new Checkpoint("m0", "t0");
    RunEvent.Merging forward =
        new RunEvent.Merging(EPOCH, TaskId.of("a"), "main", before, made, List.of());
    IntegrateResult moved = new IntegrateResult.Merged(made);
    RunInput late = new RunInput.IntegrateEnded(EPOCH, TaskId.of("a"), moved, 0.5);

    merging()
        .feed(new RunInput.PrepareMerge(forward))
        .cancel()
        .feed(late)
        .is("a", VERIFIED)
        .refuses("stale", late);
  }

  @Test
  void aMergeThatDidNotMoveTheBranchLeavesNoTraceInACancelledRun() {
    IntegrateResult blocked =
        new IntegrateResult.Blocked(Trouble.of(Reason.INTERRUPTED, "stopped"));

    merging()
        .cancel()
        .refuses("stale", new RunInput.IntegrateEnded(EPOCH, TaskId.of("a"), MERGED, 0.5));
    merging()
        .preparesMerge("a")
        .cancel()
        .refuses("stale", new RunInput.IntegrateEnded(EPOCH, TaskId.of("a"), blocked, 0.5));
  }

  @Test
  void aBranchCannotBeMovedOnceTheRunIsCancelled() {
    Scenario run = merging().preparesMerge("a");
    RunEvent.Merging again = run.run.task("a").merging().orElseThrow();

    run.cancel().refuses("run-over", new RunInput.PrepareMerge(again));
  }

  private static Scenario merging() {
    return started(Steps.agent("a").mergeInto("main")).work("a").acted("a").verified("a");
  }
}
