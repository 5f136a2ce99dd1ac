package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.Policies;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of a list when a person tries again what failed in it. */
class ForEachAgainTest {

  private static final Trouble BROKEN = Scenario.trouble(ErrorClass.PERMANENT);

  // ------------------------------------------------------------------ what is brought back

  @Test
  void theStepTriesAgainWhatFailedAndBringsBackWhatThatHadCancelled() {
    Scenario run = failed().retry("each");

    run.is("each/1", COMPLETED)
        .is("each/2", FAILED)
        .is("each/3", PENDING, Reason.REQUEUED)
        .is("each", RETRYING)
        .is("behind", PENDING)
        .ready("beside", "each/2", "each/3", "each/4");
    run.work("each/2").acted("each/2", "B").verified("each/2").is("each/2", COMPLETED);
    run.work("each/3").acted("each/3", "C").verified("each/3");
    run.work("each/4").acted("each/4", "D").verified("each/4").is("each", COMPLETED);
    run.completes("beside").completes("behind").is(RunStatus.SUCCEEDED);

    assertThat(run.run.task("each").attempt).isEqualTo(1);
    assertThat(run.run.task("each/1").attempt).as("is not paid again").isEqualTo(1);
  }

  @Test
  void soDoesTheElementThatFailed() {
    failed().retry("each/2").is("each", RETRYING).is("each/4", PENDING).is("behind", PENDING);
  }

  @Test
  void whatBeginsAnewIsAnotherGenerationInAnotherPlace() {
    Scenario run = failed().retry("each").work("each/3");

    assertThat(run.run.task("each/3").dealings.generation).isEqualTo(2);
    assertThat(run.run.task("each/3").attempt).isEqualTo(2);
    assertThat(run.run.state().workspaceOf(TaskId.of("each/3")))
        .isEqualTo(TaskId.of("each/3/generation-2"));
    assertThat(run.run.state().workspaceOf(TaskId.of("each/2")))
        .as("goes on where it was")
        .isEqualTo(TaskId.of("each/2"));
    run.feed(run.ended("each/3", 1, new ActResult.Failed(BROKEN, Scenario.CENT, null)));
    run.is("each/3", RUNNING);
  }

  @Test
  void itIsAllTheSameAfterACrash() {
    Scenario run = failed().retry("each").crashAndRecover();

    run.is("each", RETRYING).ready("beside", "each/2", "each/3", "each/4");
    run.work("each/2").crashAndRecover().is("each/2", AWAITING_APPROVAL).is("each", RETRYING);
  }

  @Test
  void itCanFailAndBeTriedAgainAsOftenAsOneLikes() {
    Scenario run = failed();
    for (int i = 0; i < 3; i++) {
      run.retry("each").work("each/2").fails("each/2", BROKEN);
      run.is("each", FAILED).is("each/3", CANCELLED).is("behind", BLOCKED);
    }
    run.retry("each").completes("each/2").completes("each/3").completes("each/4");

    run.is("each", COMPLETED).launches("each/2", 5).launches("each/3", 2).launches("each/4", 1);
  }

  @Test
  void notMoreAreAtWorkThanMayBe() {
    Scenario run =
        started(Steps.code("each").forEach("list").parallel(2), Steps.code("beside"))
            .dispatch("each");
    open(run, "a", "b", "c", "d", "e").dispatch("each/1").dispatch("each/2");
    run.fails("each/2", BROKEN).is("each", FAILED).retry("each");

    run.ready("beside", "each/2", "each/1").dispatch("each/2").dispatch("each/1").ready("beside");
    run.acted("each/1")
        .ready("beside", "each/3")
        .crashAndRecover()
        .ready("beside", "each/3", "each/2");
    run.dispatch("each/2").acted("each/2").ready("beside", "each/3", "each/4");
    run.completes("each/3").completes("each/4").completes("each/5").is("each", COMPLETED);
  }

  @Test
  void whatFailedWaitsForRoomWhenTheStepIsTriedAgain() {
    Scenario run =
        started(Steps.code("each").forEach("list").parallel(1).keep(), Steps.code("beside"))
            .dispatch("each");
    open(run, "a", "b", "c");
    for (String one : List.of("each/1", "each/2", "each/3")) {
      run.dispatch(one).fails(one, BROKEN);
    }
    run.is("each", FAILED).retry("each").ready("beside", "each/1").dispatch("each/1");

    run.ready("beside").refuses("stale", new RunInput.Dispatch(run.now, TaskId.of("each/2")));
    run.acted("each/1").ready("beside", "each/2").crashAndRecover().dispatch("each/2");
    run.acted("each/2").completes("each/3").is("each", COMPLETED).attempt("each/2", 2);
  }

  @Test
  void anElementThatIsTriedAgainWaitsForRoomBeforeThoseThatHaveNotBegun() {
    Scenario run = started(Steps.code("each").forEach("list").parallel(1).keep()).dispatch("each");
    open(run, "a", "b", "c").dispatch("each/1").fails("each/1", BROKEN).dispatch("each/2");

    run.retry("each/1").ready().acted("each/2").ready("each/1");
    run.dispatch("each/1").ready().acted("each/1").ready("each/3");
    run.completes("each/3").is("each", COMPLETED);
  }

  @Test
  void soDoesOneThatIsReworked() {
    Scenario run = started(Steps.code("each").forEach("list").parallel(1)).dispatch("each");
    open(run, "a", "b", "c").completes("each/1").dispatch("each/2").rework("each/1");

    run.is("each/1", PENDING).ready().rework("each/2").ready("each/2").dispatch("each/2");
    run.acted("each/2").ready("each/1").completes("each/1").ready("each/3");
    run.completes("each/3").is("each", COMPLETED);
  }

  private static Scenario askedAboutTheFirst(String... elements) {
    Scenario run =
        started(
                Steps.agent("each")
                    .forEach("list")
                    .parallel(1)
                    .attempts(1)
                    .policies(Policies.NONE.ladder(Ladder.toPerson())))
            .dispatch("each");
    return open(run, elements).work("each/1").acted("each/1").gateFails("each/1");
  }

  @Test
  void oneThatAPersonIsAskedAboutInTheEndGivesItsPlaceAwayAndWaitsForRoom() {
    Scenario run = askedAboutTheFirst("a", "b");

    run.is("each/1", AWAITING_APPROVAL).ready("each/2").dispatch("each/2").approve("each/1");
    run.ready().acted("each/2").verified("each/2").ready("each/1");
  }

  @Test
  void whileThePersonThinksTheOthersGoOn() {
    Scenario run = askedAboutTheFirst("a", "b", "c", "d").completes("each/2");

    run.is("each/1", AWAITING_APPROVAL).ready("each/3").dispatch("each/3").approve("each/1");
    run.ready().crashAndRecover().ready("each/3").completes("each/3").ready("each/1");
    run.completes("each/1").completes("each/4").is("each", COMPLETED);
  }

  @Test
  void theAnswerLetsItInAtOnceWhereThereIsRoom() {
    Scenario run = askedAboutTheFirst("a", "b", "c").completes("each/2").completes("each/3");

    run.is(RunStatus.WAITING).approve("each/1").ready("each/1").completes("each/1");
    run.is("each", COMPLETED);
  }

  @Test
  void whatAnEarlierVersionLetBeginBeyondThatIsTakenInAsItWas() {
    Scenario run = started(Steps.code("each").forEach("list").parallel(1).keep()).dispatch("each");
    open(run, "a", "b", "c").dispatch("each/1").fails("each/1", BROKEN).dispatch("each/2");
    RunState state = run.retry("each/1").run.state();

    state.apply(
        new RunEvent.Dispatched(
            run.now,
            TaskId.of("each/1"),
            2,
            Phase.ACT,
            List.of(new Move(TaskId.of("each/1"), FAILED, RETRYING, Reason.RETRY, null, null))));

    assertThat(state.require(TaskId.of("each/1")).isActive()).isTrue();
    assertThat(state.require(TaskId.of("each")).inside.atWork()).isEqualTo(2);
    assertThat(state.ready()).isEmpty();
  }

  @Test
  void aQuestionIsAskedAgain() {
    Scenario run = started(Steps.approval("each").forEach("list"), Steps.code("beside"));
    open(run.dispatch("each"), "a", "b").asks("each/1").asks("each/2").reject("each/2");

    run.is("each/1", CANCELLED).retry("each").ready("beside", "each/2", "each/1");
    run.asks("each/1").approve("each/1").asks("each/2").approve("each/2").is("each", COMPLETED);
  }

  @Test
  void workThatWasAcceptedIsMergedAndNotDoneAgain() {
    Scenario run =
        started(Steps.agent("each").forEach("list").mergeInto("main"), Steps.code("beside"));
    open(run.dispatch("each"), "a", "b").work("each/1").acted("each/1").verified("each/1");
    run.stop().resume().is("each/1", PAUSED).dispatch("each/2").intend("each/2").launch("each/2");
    run.fails("each/2", BROKEN).is("each/1", CANCELLED).retry("each").is("each/1", VERIFIED);

    run.dispatch("each/1").merges("each/1").is("each/1", COMPLETED).launches("each/1", 1);
    run.work("each/2").acted("each/2").verified("each/2").merges("each/2").is("each", COMPLETED);
  }

  @Test
  void anotherTryWhileSomethingIsStillBeingMergedBringsTheOthersBack() {
    Scenario run =
        started(Steps.agent("each").forEach("list").mergeInto("main"), Steps.code("beside"));
    open(run.dispatch("each"), "a", "b", "c").work("each/1").acted("each/1").verified("each/1");
    run.work("each/2").fails("each/2", BROKEN).is("each/3", CANCELLED).is("each", RUNNING);

    run.retry("each/2").is("each/3", PENDING).merges("each/1").is("each", RUNNING);
  }

  // ------------------------------------------------------------------ what is refused

  @Test
  void whatWouldFailAllTheSameIsRefused() {
    Scenario run =
        started(Steps.agent("each").forEach("list").mergeInto("main"), Steps.code("beside"));
    open(run.dispatch("each"), "a", "b", "c").work("each/1").acted("each/1").verified("each/1");
    run.work("each/2").fails("each/2", BROKEN).mergedTreeFails("each/1").is("each", FAILED);

    refuses(
        run,
        "each/2",
        "task each would fail all the same: 1 of 3 elements failed: each/1;" + " retry that task");
    run.is("each/3", CANCELLED).retry("each").ready("beside", "each/1", "each/2", "each/3");
  }

  @Test
  void aListThatIsTooShortForAQuorumIsNotTriedAgain() {
    Scenario none = started(quorum(2), Steps.code("beside")).dispatch("each");
    refuses(open(none).is("each", FAILED), "each", "2 of 0 elements had to succeed; fork the run");
    Scenario one = started(quorum(2), Steps.code("beside")).dispatch("each");
    refuses(open(one, "a").is("each", FAILED), "each", "2 of 1 elements had to succeed; fork");
  }

  @Test
  void whereEnoughHaveSucceededNoOtherIsTriedAgain() {
    Scenario run = started(Steps.agent("each").forEach("list").quorum(1).mergeInto("main"));
    open(run.dispatch("each"), "a", "b", "c", "d").work("each/1").fails("each/1", BROKEN);
    work(run, "each/2");
    work(run, "each/3").merges("each/3").is("each/2", VERIFIED).is("each", RUNNING);

    refuses(run, "each/1", "enough others in task each have succeeded");
  }

  @Test
  void whatHasGoneOnWithoutAnElementIsNotHeldUp() {
    Scenario run = started(Steps.code("each").forEach("list").keep(), Steps.code("beside"));
    open(run.dispatch("each"), "a", "b").dispatch("each/1").fails("each/1", BROKEN);

    refuses(run.completes("each/2").is("each", COMPLETED), "each/1", "has gone on without it");
  }

  @Test
  void aCancelledElementAloneIsNotTriedAgain() {
    refuses(failed(), "each/3", "there is nothing to retry");
  }

  // ------------------------------------------------------------------ a quorum, and kept ones

  @Test
  void aQuorumThatWasMissedIsMetByAnotherTry() {
    Scenario run = started(quorum(2), Steps.code("beside")).dispatch("each");
    open(run, "a", "b", "c").dispatch("each/1").fails("each/1", BROKEN).dispatch("each/2");
    run.fails("each/2", BROKEN).is("each/3", CANCELLED).is("each", FAILED);

    run.retry("each/2").is("each/1", FAILED).is("each/3", PENDING).is("each", RETRYING);
    run.completes("each/2").completes("each/3").is("each", COMPLETED);
  }

  @Test
  void aListThatWasCutOffFromOutsideIsNotDoneWithThat() {
    Pipeline inside =
        Steps.pipeline(Steps.agent("in").forEach("item").keep().mergeInto("main").output("x"));
    Scenario run =
        started(
            Steps.pipeline("each", inside, Map.of(), "x").forEach("list"), Steps.code("beside"));
    open(run.dispatch("each"), "x", "y");
    opens(run, "each/1", "x").dispatch("each/1/in");
    run.feed(run.ended("each/1/in", 1, Elements.open("p", "q")));
    work(run, "each/1/in/1");
    run.dispatch("each/2").fails("each/2", BROKEN);

    run.is("each/1/in/1", VERIFIED).is("each/1/in/2", CANCELLED).is("each/1/in", RUNNING);
    run.merges("each/1/in/1").is("each/1/in", CANCELLED).is("each/1", CANCELLED).is("each", FAILED);
    run.retry("each").is("each/1/in", RETRYING).is("each/1", RETRYING).is("each/1/in/2", PENDING);
    work(run, "each/1/in/2").merges("each/1/in/2").is("each/1", COMPLETED);
  }

  // ------------------------------------------------------------------ several steps for each

  @Test
  void whatWasDoneInACancelledElementIsNotDoneAgain() {
    Scenario run = failedInside();
    run.is("each/2/a", COMPLETED).is("each/2/b", CANCELLED).is("each/2", CANCELLED);

    run.retry("each/1/a").is("each/1", RETRYING).is("each/2", RETRYING).is("each/3", PENDING);
    run.completes("each/1/a").completes("each/1/b").completes("each/2/b");
    opens(run, "each/3", "z").completes("each/3/a").completes("each/3/b").is("each", COMPLETED);

    run.launches("each/2/a", 1).launches("each/2/b", 2);
    assertThat(run.run.state().bases(TaskId.of("each/2/b")))
        .containsExactly(Scenario.checkpoint("each/2/a"));
  }

  @Test
  void theStepsInsideAreAsTheyWereAfterACrash() {
    Scenario run = failedInside().retry("each").crashAndRecover();

    run.is("each/2", RETRYING).is("each/2/a", COMPLETED).is("each/2/b", PENDING);
    run.ready("beside", "each/1/a", "each/2/b", "each/3");
  }

  @Test
  void whatHadFailedInsideOfACancelledElementIsTriedAgainToo() {
    Pipeline inside = Steps.pipeline(Steps.code("a"), Steps.code("b").after("a"), Steps.code("c"));
    Scenario run =
        started(Steps.pipeline("each", inside, Map.of()).forEach("list"), Steps.code("beside"));
    open(run.dispatch("each"), "x", "y");
    opens(run, "each/1", "x").dispatch("each/1/a").fails("each/1/a", BROKEN).is("each", RUNNING);
    run.dispatch("each/2").fails("each/2", BROKEN);
    run.is("each/1", CANCELLED).is("each/1/b", CANCELLED).is("each/1/c", CANCELLED);

    run.retry("each/2").is("each/1", RETRYING).ready("beside", "each/2", "each/1/a", "each/1/c");
    run.completes("each/1/a").completes("each/1/b").completes("each/1/c").is("each/1", COMPLETED);
  }

  @Test
  void anElementThatWasCancelledAsItMadeItsOutputMakesIt() {
    Pipeline inside = Steps.pipeline(Steps.code("a").output("x"), Steps.code("b").output("y"));
    Scenario run =
        started(
            Steps.pipeline("each", inside, Map.of(), "x", "y").forEach("list").output("all"),
            Steps.code("beside"));
    open(run.dispatch("each"), "x", "y");
    Value large = new Value.Stored(BlobId.of(new byte[0]), 10_000);
    opens(run, "each/1", "x").dispatch("each/1/a");
    run.feed(run.ended("each/1/a", 1, new ActResult.Done(large, null, null)));
    run.completes("each/1/b").ready("beside", "each/2", "each/1").dispatch("each/1");
    run.dispatch("each/2").fails("each/2", BROKEN).is("each/1", CANCELLED).retry("each");

    run.refuses("stale", run.ended("each/1", 1, new ActResult.Failed(BROKEN, null, null)));
    run.ready("beside", "each/2", "each/1").dispatch("each/1").attempt("each/1", 2);
    run.acted("each/1", "both").is("each/1", COMPLETED);
  }

  @Test
  void aStepThatHadFailedMakesItsOutputOfLargeOnesWithoutAnotherAttempt() {
    Scenario run = started(Steps.code("each").forEach("list").output("all"), Steps.code("beside"));
    open(run.dispatch("each"), "a", "b").dispatch("each/1").acted("each/1", "A");
    run.dispatch("each/2").fails("each/2", BROKEN).is("each", FAILED).retry("each");
    Value large = new Value.Stored(BlobId.of(new byte[0]), 10_000);
    run.dispatch("each/2").feed(run.ended("each/2", 2, new ActResult.Done(large, null, null)));

    run.ready("beside", "each").dispatch("each").attempt("each", 1).acted("each", "both");
    run.is("each", COMPLETED);
  }

  @Test
  void whatIsReworkedInAFailedStepBringsTheOthersBackToo() {
    Scenario run = started(quorum(2), Steps.code("beside")).dispatch("each");
    open(run, "a", "b", "c", "d").completes("each/1");
    for (String one : List.of("each/2", "each/3")) {
      run.dispatch(one).fails(one, BROKEN);
    }
    run.dispatch("each/4")
        .fails("each/4", BROKEN)
        .is("each", FAILED)
        .refuses("not-allowed", run.reworked("each/1"));

    run.retry("each/2").rework("each/1").is("each/1", PENDING).is("each", RETRYING);
  }

  // ------------------------------------------------------------------ runs

  /** One is done, one failed, one was at work, and one had not begun. */
  private static Scenario failed() {
    Scenario run =
        started(
            Steps.agent("each").forEach("list").output("all"),
            Steps.code("behind").after("each"),
            Steps.code("beside"));
    open(run.dispatch("each"), "a", "b", "c", "d").completes("each/1").work("each/3");
    return run.work("each/2").fails("each/2", BROKEN).is("each", FAILED).is("behind", BLOCKED);
  }

  /** The first fails in its first step, the second is at work in its second. */
  private static Scenario failedInside() {
    Pipeline inside = Steps.pipeline(Steps.agent("a"), Steps.agent("b").after("a"));
    Scenario run =
        started(Steps.pipeline("each", inside, Map.of()).forEach("list"), Steps.code("beside"));
    open(run.dispatch("each"), "x", "y", "z");
    opens(run, "each/1", "x");
    opens(run, "each/2", "y").work("each/1/a").completes("each/2/a").work("each/2/b");
    return run.fails("each/1/a", BROKEN).is("each/1/b", CANCELLED).is("each", FAILED);
  }

  private static Steps quorum(int enough) {
    return Steps.code("each").forEach("list").quorum(enough).output("all");
  }

  private static Scenario open(Scenario run, String... elements) {
    String id = run.run.state().active().iterator().next().id().value();
    return run.feed(run.ended(id, 1, Elements.open(elements)));
  }

  private static Scenario opens(Scenario run, String task, String item) {
    Map<String, Value> inputs = Map.of("item", Scenario.text(item));
    int attempt = run.dispatch(task).run.task(task).attempt;
    return run.feed(run.ended(task, attempt, new ActResult.Opened(inputs)));
  }

  private static Scenario work(Scenario run, String task) {
    return run.work(task).acted(task).verified(task);
  }

  private static void refuses(Scenario run, String task, String why) {
    Decision decision = run.run.feed(new RunInput.Retry(run.now, TaskId.of(task), Scenario.ANN));
    assertThat(decision).isInstanceOf(Decision.Refused.class);
    assertThat(((Decision.Refused) decision).message()).contains(why);
  }
}
