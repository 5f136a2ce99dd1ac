package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.store.BlobId;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ForEachTest {

  private static final Trouble BROKEN = Scenario.trouble(ErrorClass.PERMANENT);

  @Test
  void thereIsATaskForEachElementOnceItIsOpen() {
    Scenario run = started(Steps.code("each").forEach("list"), Steps.code("behind").after("each"));

    run.dispatch("each").is("each", RUNNING);
    assertThat(run.run.state().task(TaskId.of("each/1"))).isEmpty();
    open(run, "a", "b", "a").ready("each/1", "each/2", "each/3").is("each", RUNNING);

    assertThat(run.run.task("each").isActive()).as("holds a slot").isFalse();
    assertThat(run.run.task("each/3").element())
        .hasValueSatisfying(
            element -> {
              assertThat(element.index()).isEqualTo(3);
              assertThat(element.value().textValue()).isEqualTo("a");
            });
    assertThat(run.run.task("each/3").parent()).contains(TaskId.of("each"));
  }

  @Test
  void theOutputIsTheListOfTheirsInTheOrderOfTheElements() {
    Scenario run = each("a", "b", "c");

    acts(run, "each/3", "C");
    acts(run, "each/1", "A");
    acts(run, "each/2", "B").is("each", COMPLETED, Reason.SUCCEEDED).ready("behind");

    assertThat(output(run)).isEqualTo("[\"A\",\"B\",\"C\"]");
    assertThat(run.run.task("each").detail()).isEmpty();
  }

  @Test
  void aListOfOneIsStillAList() {
    Scenario run = each("a");

    acts(run, "each/1", "A");

    assertThat(output(run)).isEqualTo("[\"A\"]");
  }

  @Test
  void anEmptyListIsDoneAtOnce() {
    assertThat(output(each().is("each", COMPLETED).ready("behind"))).isEqualTo("[]");
    assertThat(output(open(keeping().dispatch("each")).is("each", COMPLETED))).isEqualTo("[]");
  }

  @Test
  void anEmptyListIsNoQuorum() {
    open(quorum(1).dispatch("each")).is("each", FAILED, Reason.DEPENDENCY_FAILED);
  }

  @Test
  void withoutANameNothingIsGathered() {
    Scenario run = open(started(Steps.code("each").forEach("list")).dispatch("each"), "a");

    acts(run, "each/1", "A").is("each", COMPLETED);

    assertThat(run.run.task("each").output()).isEmpty();
  }

  @Test
  void aListWithLargeOutputsIsFetchedByAWorker() {
    Scenario run = each("a", "b");
    Value large = new Value.Stored(BlobId.of(new byte[0]), 10_000);

    run.dispatch("each/1").feed(run.ended("each/1", 1, new ActResult.Done(large, null, null)));
    acts(run, "each/2", "B").is("each", RUNNING).ready("each").dispatch("each");

    Gathered gathered = run.run.state().gathered(TaskId.of("each"));
    assertThat(gathered.form()).isEqualTo(Gathered.Form.LIST);
    assertThat(gathered.values()).containsExactly(large, Scenario.text("B"));
    run.acted("each", "both").is("each", COMPLETED);
  }

  @Test
  void aListThatDoesNotFitIntoTheJournalIsRefused() {
    Scenario run = started(Steps.code("each").forEach("list").output("all")).dispatch("each");

    run.feed(run.ended("each", 1, Elements.open("x".repeat(5_000), "y".repeat(5_000))))
        .is("each", FAILED, Reason.OUTPUT_TOO_LARGE);

    assertThat(run.run.task("each").detail().orElseThrow()).contains("10007 bytes", "8192");
  }

  @Test
  void aConditionThatIsFalseSkipsAll() {
    Scenario run =
        started(Steps.code("each").forEach("list").whenContains("topic", "never"))
            .is("each", SKIPPED)
            .is(RunStatus.SUCCEEDED);

    assertThat(run.run.state().tasks()).hasSize(1);
  }

  // ------------------------------------------------------------------ how many at once

  @Test
  void notMoreAreAtWorkThanMayBe() {
    Scenario run = started(Steps.code("each").forEach("list").parallel(2).output("all"));

    open(run.dispatch("each"), "a", "b", "c", "d").ready("each/1", "each/2");
    run.dispatch("each/1").dispatch("each/2").ready();
    run.acted("each/2").ready("each/3");
    run.dispatch("each/3").acted("each/1").ready("each/4");
    run.acted("each/3").completes("each/4").is("each", COMPLETED);
  }

  @Test
  void oneThatWaitsKeepsItsPlace() {
    Scenario run = started(Steps.approval("each").forEach("list").parallel(1));

    open(run.dispatch("each"), "a", "b").ready("each/1").asks("each/1").ready();
    run.crashAndRecover().approve("each/1").ready("each/2");
  }

  @Test
  void whatIsHeldIsStillHeldAfterACrash() {
    Scenario run = started(Steps.code("each").forEach("list").parallel(1));

    open(run.dispatch("each"), "a", "b", "c").crashAndRecover().ready("each/1");
    run.completes("each/1").crashAndRecover().ready("each/2");
  }

  // ------------------------------------------------------------------ failures

  @Test
  void theFirstFailureCancelsTheOthersAndFailsTheStep() {
    Scenario run = started(Steps.agent("each").forEach("list").parallel(3), Steps.code("beside"));

    open(run.dispatch("each"), "a", "b", "c", "d").completes("each/1").work("each/2");
    run.work("each/3")
        .fails("each/3", BROKEN)
        .is("each/1", COMPLETED)
        .is("each/2", CANCELLED, Reason.CANCELLED)
        .is("each/4", CANCELLED)
        .is("each", FAILED, Reason.DEPENDENCY_FAILED)
        .ready("beside");

    assertThat(run.run.task("each").detail()).contains("1 of 4 elements failed: each/3");
  }

  @Test
  void whatACancelledAttemptUsedUpIsStillCounted() {
    Scenario run = started(Steps.agent("each").forEach("list"), Steps.code("beside"));

    open(run.dispatch("each"), "a", "b").work("each/1").work("each/2").fails("each/1", BROKEN);
    assertThat(run.run.state().usage().presumed()).isTrue();
    run.feed(run.ended("each/2", 1, new ActResult.Failed(BROKEN, Scenario.CENT, null)));

    assertThat(run.run.state().usage().presumed()).isFalse();
    assertThat(run.run.state().usage().cost()).isEqualTo(Scenario.CENT.plus(Scenario.CENT).cost());
  }

  @Test
  void nothingStaysPutAsideForALaunchThatTheEndOfAnotherCutOff() {
    Budget budget = Budget.ofTokens(1_000).perAttempt(Cap.ofTokens(150));
    Scenario run =
        started(Steps.agent("each").budget(budget).forEach("list"), Steps.code("beside"));

    open(run.dispatch("each"), "a", "b")
        .work("each/1")
        .work("each/2")
        .fails("each/1", BROKEN)
        .is("each/2", CANCELLED);

    assertThat(run.run.task("each/2").reserved()).isEqualTo(Amount.NONE);
    assertThat(run.run.task("each/2").spent().tokens()).isEqualTo(150);
    assertThat(run.run.task("each").reserved()).isEqualTo(Amount.NONE);
  }

  @Test
  void aFailureThatIsTriedAgainCancelsNothing() {
    Scenario run =
        open(started(Steps.code("each").forEach("list").attempts(2)).dispatch("each"), "a", "b");

    run.dispatch("each/1").fails("each/1").ready("each/2", "each/1").is("each", RUNNING);
  }

  @Test
  void aRefusedQuestionAndABackOffAreCancelledToo() {
    Scenario run = started(Steps.approval("each").forEach("list"));

    open(run.dispatch("each"), "a", "b", "c").asks("each/1").asks("each/2").reject("each/1");

    run.is("each/2", CANCELLED).is("each/3", CANCELLED).is("each", FAILED).is(RunStatus.FAILED);
    assertThat(run.run.state().questions()).isEmpty();
  }

  @Test
  void keptOnesGoOnAndTheStepSaysWhichFailed() {
    Scenario run = open(keeping().dispatch("each"), "a", "b", "c");

    run.dispatch("each/2").fails("each/2", BROKEN).ready("each/1", "each/3");
    acts(run, "each/1", "A");
    acts(run, "each/3", "C").is("each", COMPLETED).ready("behind");

    assertThat(output(run)).isEqualTo("[\"A\",null,\"C\"]");
    assertThat(run.run.task("each").detail()).contains("1 of 3 elements failed: each/2");
    run.completes("behind").is(RunStatus.SUCCEEDED);
  }

  @Test
  void whereNoneSucceedsNothingIsDone() {
    Scenario run = open(keeping().dispatch("each"), "a", "b");

    run.dispatch("each/1").fails("each/1", BROKEN).dispatch("each/2").fails("each/2", BROKEN);

    run.is("each", FAILED, Reason.DEPENDENCY_FAILED).is(RunStatus.FAILED);
  }

  @Test
  void aKeptFailureCanBeTriedAgainWhileTheOthersGoOn() {
    Scenario run = open(keeping().dispatch("each"), "a", "b");

    run.dispatch("each/1").fails("each/1", BROKEN).retry("each/1");
    acts(run, "each/1", "A");
    acts(run, "each/2", "B");

    assertThat(output(run)).isEqualTo("[\"A\",\"B\"]");
  }

  @Test
  void enoughSuccessesCancelTheOthers() {
    Scenario run = open(quorum(2).dispatch("each"), "a", "b", "c", "d");

    run.dispatch("each/1").dispatch("each/4").fails("each/4", BROKEN);
    acts(run, "each/2", "B").is("each", RUNNING);
    acts(run, "each/3", "C").is("each/1", CANCELLED).is("each", COMPLETED).ready("behind");

    assertThat(output(run)).isEqualTo("[null,\"B\",\"C\",null]");
    assertThat(run.run.task("each").detail())
        .contains("2 of 4 elements were enough; 1 of 4 elements failed: each/4");
  }

  @Test
  void itFailsAsSoonAsThereCannotBeEnough() {
    Scenario run = open(quorum(2).dispatch("each"), "a", "b", "c");

    run.dispatch("each/1").fails("each/1", BROKEN).is("each", RUNNING);
    run.dispatch("each/2").fails("each/2", BROKEN).is("each/3", CANCELLED).is("each", FAILED);

    assertThat(run.run.task("each").detail())
        .contains("2 of 3 elements failed: each/1, each/2; 2 of 3 elements had to succeed");
  }

  @Test
  void aListThatIsTooShortForAQuorumBeginsNothing() {
    Scenario run = open(quorum(2).dispatch("each"), "a");

    run.is("each/1", CANCELLED).is("each", FAILED).is(RunStatus.FAILED);
  }

  @Test
  void whatIsBeingMergedComesToItsEndFirst() {
    Scenario run = started(Steps.agent("each").forEach("list").mergeInto("main"));

    open(run.dispatch("each"), "a", "b", "c").work("each/1").acted("each/1").verified("each/1");
    run.preparesMerge("each/1").work("each/2").acted("each/2").verified("each/2");
    run.work("each/3").fails("each/3", BROKEN);

    run.is("each/1", VERIFIED).is("each/2", VERIFIED).is("each", RUNNING);
    run.merges("each/2").is("each", RUNNING).merges("each/1").is("each/1", COMPLETED);
    run.is("each", FAILED).is(RunStatus.FAILED);
  }

  @Test
  void whatIsAcceptedAndNotYetBeingMergedIsCancelled() {
    Scenario run = started(Steps.agent("each").forEach("list").mergeInto("main"));

    open(run.dispatch("each"), "a", "b").work("each/1").acted("each/1").verified("each/1");
    run.stop().resume().is("each/1", PAUSED).work("each/2").fails("each/2", BROKEN);

    run.is("each/1", CANCELLED).is("each", FAILED);
  }

  // ------------------------------------------------------------------ several steps for each

  @Test
  void eachElementMayHaveAPipelineOfItsOwn() {
    Pipeline inside =
        Steps.pipeline(
            Steps.code("a").output("x"), Steps.code("b").after("a").whenContains("item", "yes"));
    Scenario run =
        started(Steps.pipeline("each", inside, Map.of(), "x").forEach("list").output("all"));

    open(run.dispatch("each"), "yes", "no").ready("each/1", "each/2");
    opens(run, "each/1", "yes").ready("each/2", "each/1/a");
    opens(run, "each/2", "no");
    acts(run, "each/2/a", "two").is("each/2/b", SKIPPED).is("each/2", COMPLETED);
    acts(run, "each/1/a", "one").completes("each/1/b").is("each", COMPLETED);

    assertThat(output(run)).isEqualTo("[\"one\",\"two\"]");
  }

  @Test
  void whatIsInsideAnElementIsCancelledWithIt() {
    Pipeline inside = Steps.pipeline(Steps.agent("a"), Steps.agent("b").after("a"));
    Scenario run =
        started(Steps.pipeline("each", inside, Map.of()).forEach("list"), Steps.code("beside"));

    open(run.dispatch("each"), "x", "y", "z");
    opens(run, "each/1", "x");
    opens(run, "each/2", "y").work("each/1/a").completes("each/2/a").work("each/2/b");
    run.fails("each/1/a", BROKEN);

    run.is("each/1", FAILED).is("each/2", CANCELLED).is("each/3", CANCELLED);
    run.is("each/2/a", COMPLETED).is("each/2/b", CANCELLED).is("each", FAILED).ready("beside");
  }

  @Test
  void anElementWhoseWorkIsBeingMergedIsCancelledAfterThat() {
    Pipeline inside =
        Steps.pipeline(Steps.agent("a").mergeInto("main"), Steps.code("b").after("a"));
    Scenario run =
        started(Steps.pipeline("each", inside, Map.of()).forEach("list"), Steps.code("beside"));

    open(run.dispatch("each"), "x", "y");
    opens(run, "each/1", "x").work("each/1/a").acted("each/1/a").verified("each/1/a");
    opens(run, "each/2", "y").work("each/2/a").fails("each/2/a", BROKEN);

    run.is("each/1/a", VERIFIED).is("each/1/b", CANCELLED).is("each/1", RUNNING);
    run.merges("each/1/a").is("each/1", CANCELLED).is("each", FAILED);
  }

  @Test
  void oneWhoseWorkCannotBeMergedIsCancelledThoughItWasSparedMeanwhile() {
    Pipeline inside =
        Steps.pipeline(Steps.agent("a").mergeInto("main"), Steps.code("b").after("a"));
    Scenario run =
        started(
            Steps.pipeline("each", inside, Map.of()).forEach("list").quorum(1),
            Steps.code("beside"));

    open(run.dispatch("each"), "x", "y");
    opens(run, "each/1", "x").work("each/1/a").acted("each/1/a").verified("each/1/a");
    opens(run, "each/2", "y").work("each/2/a").acted("each/2/a").verified("each/2/a");
    run.merges("each/2/a").completes("each/2/b").is("each/1/a", VERIFIED).is("each", RUNNING);

    run.mergeConflicts("each/1/a").is("each/1/a", CANCELLED).is("each/1", CANCELLED);
    run.is("each", COMPLETED);
  }

  @Test
  void listsMayBeGoneOverInsideOfEachOther() {
    Pipeline inside = Steps.pipeline(Steps.code("in").forEach("inner").output("x"));
    Scenario run =
        started(Steps.pipeline("each", inside, Map.of(), "x").forEach("list").output("all"));

    open(run.dispatch("each"), "a", "b");
    opens(run, "each/1", "a").dispatch("each/1/in");
    run.feed(run.ended("each/1/in", 1, Elements.open("p", "q")));
    acts(run, "each/1/in/1", "P");
    acts(run, "each/1/in/2", "Q").is("each/1", COMPLETED);
    opens(run, "each/2", "b").dispatch("each/2/in");
    run.feed(run.ended("each/2/in", 1, Elements.open())).is("each", COMPLETED);

    assertThat(output(run)).isEqualTo("[[\"P\",\"Q\"],[]]");
  }

  @Test
  void checkpointsFlowInAndOut() {
    Scenario run =
        started(
            Steps.agent("first"),
            Steps.agent("each").forEach("list").after("first"),
            Steps.agent("behind").after("each"));

    open(run.completes("first").dispatch("each"), "a", "b");
    assertThat(bases(run, "each/2")).containsExactly("c-first");
    run.completes("each/1").completes("each/2");

    assertThat(bases(run, "behind")).containsExactly("c-each/1", "c-each/2");
  }

  @Test
  void aPlanMayMakeTasksThatGoOverAList() {
    Pipeline pipeline =
        Steps.withTemplate(Steps.code("line").forEach("list"), Steps.plan("plan", "line"));
    Scenario run = started(pipeline).work("plan").acted("plan", Plans.of("T001")).verified("plan");

    open(run.dispatch("plan/T001"), "a", "b");

    assertThat(run.run.task("plan/T001/2").item()).isEqualTo(run.run.task("plan/T001").item());
    run.completes("plan/T001/1").completes("plan/T001/2").is(RunStatus.SUCCEEDED);
  }

  @Test
  void theElementsAreAsTheyWereAfterACrash() {
    Scenario run = each("a", "b").completes("each/1").dispatch("each/2").crashAndRecover();

    run.is("each/1", COMPLETED).is("each/2", INTERRUPTED).is("each", RUNNING);
    assertThat(run.run.task("each/2").element()).map(Element::index).contains(2);
  }

  @Test
  void oneElementCanBeReworkedWhileOthersAreAtWork() {
    Scenario run = each("a", "b").completes("each/1").rework("each/1").is("each/1", PENDING);

    acts(run, "each/2", "B").is("each", RUNNING);
    acts(run, "each/1", "better").is("each", COMPLETED);

    assertThat(output(run)).isEqualTo("[\"better\",\"B\"]");
  }

  // ------------------------------------------------------------------ runs

  private static Scenario each(String... elements) {
    return open(
        started(
                Steps.code("each").forEach("list").output("all"),
                Steps.code("behind").after("each"))
            .dispatch("each"),
        elements);
  }

  private static Scenario keeping() {
    return started(
        Steps.code("each").forEach("list").keep().output("all"),
        Steps.code("behind").after("each"));
  }

  private static Scenario quorum(int enough) {
    return started(
        Steps.code("each").forEach("list").quorum(enough).output("all"),
        Steps.code("behind").after("each"));
  }

  private static Scenario open(Scenario run, String... elements) {
    String id = run.run.state().active().iterator().next().id().value();
    return run.feed(run.ended(id, 1, Elements.open(elements)));
  }

  private static Scenario opens(Scenario run, String task, String item) {
    Map<String, Value> inputs = Map.of("item", Scenario.text(item));
    return run.dispatch(task).feed(run.ended(task, 1, new ActResult.Opened(inputs)));
  }

  private static Scenario acts(Scenario run, String task, String output) {
    if (!run.run.task(task).isActive()) {
      run.dispatch(task);
    }
    return run.acted(task, output);
  }

  private static List<String> bases(Scenario run, String task) {
    return run.run.state().bases(TaskId.of(task)).stream().map(c -> c.id()).toList();
  }

  private static String output(Scenario run) {
    Value value = run.run.state().value("all").orElseThrow();
    try {
      return new ObjectMapper().writeValueAsString(((Value.Inline) value).json());
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
