package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReworkTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** One after the other; the last asks. */
  private static Scenario asking() {
    return Scenario.started(
            Steps.agent("a"), Steps.agent("b").after("a"), Steps.approval("ok").after("b"))
        .completes("a")
        .completes("b")
        .asks("ok");
  }

  private static int generation(Scenario run, String task) {
    return run.run.task(task).generation();
  }

  private static String place(Scenario run, String task) {
    return run.run.state().workspaceOf(TaskId.of(task)).value();
  }

  @Test
  void aTaskIsDoneAgainAndWithItWhatWasBuiltOnIt() {
    Scenario run = asking().is(RunStatus.WAITING).rework("a");

    run.is(RunStatus.RUNNING).ready("a").is("b", TaskState.PENDING).is("ok", TaskState.PENDING);
    assertThat(run.run.state().questions()).isEmpty();
    assertThat(run.run.state().tasks()).extracting(Task::generation).containsOnly(2);
    run.completes("a").completes("b").asks("ok").approve("ok").is(RunStatus.SUCCEEDED);
    assertThat(run.run.state().usage())
        .as("both generations are paid for")
        .isEqualTo(Scenario.CENT.plus(Scenario.CENT).plus(Scenario.CENT).plus(Scenario.CENT));
  }

  @Test
  void theFeedbackIsKeptForTheTaskThatWasAskedForOnly() {
    Scenario run = asking().rework("a");

    run.is("a", TaskState.PENDING, Reason.CHANGES_REQUESTED);
    assertThat(run.run.task("a").feedback()).contains(new Feedback("make it faster", Scenario.ANN));
    assertThat(run.run.task("b").feedback()).isEmpty();
    run.work("a").crashAndRecover();
    assertThat(run.run.task("a").feedback()).isPresent();
  }

  @Test
  void independentWorkIsLeftAlone() {
    Scenario run =
        Scenario.started(Steps.agent("a"), Steps.agent("x"), Steps.agent("y"))
            .completes("a")
            .completes("x")
            .work("y")
            .rework("a");

    run.is("x", TaskState.COMPLETED).is("y", TaskState.RUNNING);
    assertThat(generation(run, "x")).isEqualTo(1);
  }

  @Test
  void whatHasNotBegunYetHasNothingToBeginAgain() {
    Scenario run =
        Scenario.started(Steps.agent("a"), Steps.agent("b").after("a"), Steps.agent("c"));
    run.completes("a").rework("a").ready("c", "a");

    assertThat(generation(run, "a")).isEqualTo(2);
    assertThat(generation(run, "b")).isEqualTo(1);
  }

  @Test
  void whatIsAtWorkIsStoppedAndItsCostIsRecordedLate() {
    Scenario run = Scenario.started(Steps.agent("a"), Steps.agent("b").after("a"));
    run.completes("a").work("b").rework("a");

    run.is("b", TaskState.PENDING);
    assertThat(run.run.state().usage().presumed()).isTrue();
    run.feed(run.ended("b", 1, new ActResult.Done(Scenario.text("late"), Scenario.CENT, null)));
    run.is("b", TaskState.PENDING);
    assertThat(run.run.state().usage()).isEqualTo(Scenario.CENT.plus(Scenario.CENT));
    assertThat(run.run.task("b").output()).isEmpty();
  }

  @Test
  void anOutcomeOfAnEarlierGenerationIsNotTakenForOneOfThis() {
    Scenario run = Scenario.started(Steps.agent("a"), Steps.agent("b").after("a"));
    run.completes("a").work("b").rework("a").completes("a").work("b").attempt("b", 2);

    run.feed(run.ended("b", 1, new ActResult.Done(Scenario.text("old"), Scenario.CENT, null)));
    run.is("b", TaskState.RUNNING).acted("b").verified("b").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aTaskAtWorkCanBeReworkedItself() {
    Scenario run = Scenario.started(Steps.agent("a").attempts(1)).work("a").rework("a");

    run.ready("a").work("a").launches("a", 2).acted("a").verified("a").is(RunStatus.SUCCEEDED);
  }

  @Test
  void eachGenerationHasItsAttempts() {
    Scenario run = Scenario.started(Steps.agent("a").attempts(2), Steps.agent("x"));
    run.work("a").fails("a").work("a").acted("a").verified("a").rework("a");

    run.work("a").fails("a").ready("x", "a").work("a").fails("a");
    run.is("a", TaskState.FAILED, Reason.ATTEMPTS_EXHAUSTED).attempt("a", 4).launches("a", 4);
  }

  @Test
  void theLastLaunchOfAGenerationIsAskedForAgainAfterACrash() {
    Scenario run = Scenario.started(Steps.agent("a"), Steps.agent("x"));
    run.completes("a").rework("a").work("a").crashAndRecover();

    run.is("a", TaskState.AWAITING_APPROVAL).approve("a").work("a").attempt("a", 3);
  }

  @Test
  void theTaskGoesOnWhereItWorkedAndWhatIsBehindItBeginsElsewhere() {
    Scenario run = asking().rework("a");

    assertThat(place(run, "a")).isEqualTo("a");
    assertThat(place(run, "b")).isEqualTo("b/generation-2");
    run.completes("a").completes("b").rework("b");
    assertThat(place(run, "b")).as("keeps what it has").isEqualTo("b/generation-2");
    run.completes("b").rework("a");
    assertThat(place(run, "b")).isEqualTo("b/generation-4");
  }

  @Test
  void theTaskKeepsItsConversationAndWhatIsBehindItDoesNot() {
    Scenario run =
        Scenario.started(Steps.agent("a"), Steps.agent("b").after("a"), Steps.agent("x"));
    run.work("a").session("a", "one").acted("a").verified("a");
    run.work("b").session("b", "two").acted("b").verified("b").rework("a");

    assertThat(run.run.task("a").session()).isPresent();
    assertThat(run.run.task("b").session()).isEmpty();
  }

  @Test
  void conditionsAreLookedAtAgain() {
    Scenario run =
        Scenario.of(
                Steps.agent("a").output("x"),
                Steps.agent("b").after("a").whenContains("x", "yes"),
                Steps.agent("c").after("b"),
                Steps.agent("other"))
            .start(Map.of());
    run.work("a").acted("a", "no").verified("a");
    run.is("b", TaskState.SKIPPED).is("c", TaskState.SKIPPED).rework("a");

    run.work("a").acted("a", "yes").verified("a").ready("other", "b").completes("b").rework("a");
    run.work("a").acted("a", "no").verified("a");
    run.is("b", TaskState.SKIPPED).is("c", TaskState.SKIPPED);
  }

  @Test
  void reworkingAFailedTaskLetsGoOfWhatItHeldBack() {
    Scenario run =
        Scenario.started(
            Steps.agent("a"),
            Steps.agent("f"),
            Steps.agent("b").after("a"),
            Steps.agent("c").after("b", "f"),
            Steps.agent("x"));
    run.work("a").fails("a").work("f").fails("f").rework("a");

    run.is("b", TaskState.PENDING, Reason.REQUEUED);
    run.is("c", TaskState.BLOCKED, Reason.DEPENDENCY_FAILED);
    run.completes("a").completes("b").rework("f").is("c", TaskState.PENDING).completes("f");
    run.ready("x", "c").completes("c").completes("x").is(RunStatus.SUCCEEDED);
  }

  @Test
  void twoThatHeldOneBackAreBothLookedAt() {
    Scenario run =
        Scenario.started(
            Steps.agent("a"),
            Steps.agent("b").after("a"),
            Steps.agent("f"),
            Steps.agent("d").after("a", "b", "f"),
            Steps.agent("x"));
    run.completes("a").completes("b").work("f").fails("f").rework("a");

    run.is("d", TaskState.BLOCKED, Reason.DEPENDENCY_FAILED);
  }

  @Test
  void whatTwoOfThemHeldBackIsLetGoOnce() {
    Scenario run =
        Scenario.started(
            Steps.agent("a"),
            Steps.agent("b").after("a"),
            Steps.agent("c").after("a"),
            Steps.agent("d").after("a", "b", "c"),
            Steps.agent("x"));
    run.completes("a").completes("c").work("b").fails("b").is("d", TaskState.BLOCKED).rework("a");

    run.is("d", TaskState.PENDING, Reason.REQUEUED).completes("a").completes("b").completes("c");
    run.ready("x", "d");
  }

  @Test
  void whatWasMergedIsMergedAgainOnTop() {
    Scenario run = Scenario.started(Steps.agent("a").mergeInto("main"), Steps.agent("x"));
    run.work("a").acted("a").verified("a").preparesMerge("a").merges("a").rework("a");
    assertThat(run.run.task("a").merging()).isEmpty();

    run.work("a").acted("a").verified("a").preparesMerge("a").merges("a");
    run.is("a", TaskState.COMPLETED, Reason.MERGED);
  }

  @Test
  void whatIsBeingMergedIsNotDisturbed() {
    Scenario run = Scenario.started(Steps.agent("a").mergeInto("main"));
    run.work("a").acted("a").verified("a").refuses("not-allowed", run.reworked("a"));

    run.preparesMerge("a").crash().refuses("not-allowed", run.reworked("a"));
  }

  @Test
  void aPlanWhoseTasksAreThereIsNotReworkedButTheyAre() {
    Scenario run =
        Scenario.started(
            Steps.withTemplate(
                Steps.agent("line"), Steps.agent("a"), Steps.plan("plan", "line").after("a")));
    run.completes("a").work("plan").acted("plan", Plans.of("T001", "T002")).verified("plan");

    run.refuses("not-allowed", run.reworked("plan")).refuses("not-allowed", run.reworked("a"));
    run.completes("plan/T001").rework("plan/T001");
    run.completes("plan/T002").completes("plan/T001").is(RunStatus.SUCCEEDED);
  }

  @Test
  void whatIsBehindIsDelayedAgainAndTheTaskItselfIsNot() {
    Scenario run =
        Scenario.started(Steps.agent("a").delay(MINUTE), Steps.agent("b").after("a").delay(MINUTE));
    run.wait(MINUTE).completes("a").wait(MINUTE).work("b").rework("a");

    run.ready("a").completes("a").is("b", TaskState.PAUSED, Reason.DELAYED);
    run.wait(MINUTE).completes("b").is(RunStatus.SUCCEEDED);
  }

  @Test
  void nothingIsReworkedThatHasNotBegunOrInARunThatHasEnded() {
    Scenario run = Scenario.started(Steps.agent("a"), Steps.agent("b").after("a"));
    run.refuses("not-allowed", run.reworked("a")).refuses("unknown-task", run.reworked("z"));
    run.completes("a").refuses("not-allowed", run.reworked("b")).completes("b");

    run.is(RunStatus.SUCCEEDED).refuses("run-over", run.reworked("a"));
  }

  @Test
  void feedbackSaysSomethingAndNotTooMuch() {
    Scenario run = asking();
    for (String feedback : new String[] {"", " \n", "x".repeat(Value.MAX_INLINE_BYTES + 1)}) {
      run.refuses(
          "not-allowed", new RunInput.Rework(run.now, TaskId.of("a"), feedback, Scenario.ANN));
    }
  }

  @Test
  void aPausedRunStaysPaused() {
    Scenario run = asking().pause().rework("a").is(RunStatus.PAUSED);

    run.resume().ready("a");
  }

  @Test
  void whatIsAskedOfATaskHoldsAlthoughWhatItBuildsOnIsReworkedBeforeItBegins() {
    Scenario run = asking().rework("b").rework("a");

    assertThat(place(run, "b")).as("on the new work").isEqualTo("b/generation-3");
    assertThat(run.run.task("b").feedback()).contains(new Feedback("make it faster", Scenario.ANN));
    run.completes("a").completes("b").rework("a");
    assertThat(run.run.task("b").feedback()).as("was acted upon").isEmpty();
  }

  // ------------------------------------------------------------------ inside of tasks

  /** A task with a chain inside, behind one and before another. */
  private static Scenario opened() {
    Scenario run =
        Scenario.started(
                Steps.agent("first"),
                Steps.pipeline(
                        "sub",
                        Steps.pipeline(
                            Steps.agent("a"), Steps.agent("b").after("a"), Steps.agent("c")),
                        Map.of())
                    .after("first"),
                Steps.agent("behind").after("sub"),
                Steps.agent("x"))
            .completes("first")
            .dispatch("sub");
    return run.feed(run.ended("sub", 1, new ActResult.Opened(Map.of())));
  }

  @Test
  void whatIsInsideIsReworkedThereWhileTheRestOfItGoesOn() {
    Scenario run = opened().completes("sub/a").completes("sub/b").rework("sub/a");

    run.is("sub", TaskState.RUNNING).is("sub/b", TaskState.PENDING).is("behind", TaskState.PENDING);
    assertThat(place(run, "sub/b")).isEqualTo("sub/b/generation-2");
    assertThat(generation(run, "sub")).isEqualTo(1);
    run.completes("sub/c").completes("sub/a").completes("sub/b").is("sub", TaskState.COMPLETED);
    run.refuses("not-allowed", run.reworked("sub/a"));
    run.completes("behind").completes("x").is(RunStatus.SUCCEEDED);
  }

  @Test
  void reworkingWhatFailedInsideOpensWhatFailedWithIt() {
    Scenario run = opened().completes("sub/c").work("sub/a").fails("sub/a");
    run.is("sub", TaskState.FAILED).is("behind", TaskState.BLOCKED).rework("sub/a");

    run.is("sub", TaskState.RETRYING)
        .is("sub/b", TaskState.PENDING)
        .is("behind", TaskState.PENDING);
    run.completes("sub/a").completes("sub/b").is("sub", TaskState.COMPLETED);
    run.completes("behind").completes("x").is(RunStatus.SUCCEEDED);
  }

  @Test
  void whatHasOthersInsideIsNotReworkedNorWhatItWasBuiltOn() {
    Scenario run = opened();

    run.refuses("not-allowed", run.reworked("sub")).refuses("not-allowed", run.reworked("first"));
    run.completes("sub/a").completes("sub/b").completes("sub/c");
    run.refuses("not-allowed", run.reworked("first")).completes("behind").rework("behind");
  }

  @Test
  void whatHasNotOpenedYetBeginsAnew() {
    Steps sub = Steps.pipeline("sub", Steps.pipeline(Steps.agent("a")), Map.of()).after("first");
    Scenario run = Scenario.started(Steps.agent("first"), sub, Steps.agent("x"));
    run.completes("first").dispatch("sub").rework("first").is("sub", TaskState.PENDING);

    run.completes("first").dispatch("sub").attempt("sub", 2);
    run.feed(run.ended("sub", 2, new ActResult.Opened(Map.of())));
    run.completes("sub/a").is("sub", TaskState.COMPLETED);
  }
}
