package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Shown;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Verdict;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

class ForkTest {

  private static final Checkpoint BASE = new Checkpoint("base", "tree");

  @Example
  void whatIsBeforeTheTaskHasItsOutcomesAndOnlyTheRestIsReady() {
    Scenario fork =
        forked(chain().completes("a").completes("b").completes("c"), "b")
            .is(RunStatus.RUNNING)
            .is("a", COMPLETED, Reason.SUCCEEDED)
            .is("b", PENDING)
            .is("c", PENDING)
            .ready("b");

    assertThat(fork.run.state().value("of-a")).contains(Scenario.text("done"));
    assertThat(fork.run.state().bases(TaskId.of("b"))).containsExactly(Scenario.checkpoint("a"));
    fork.completes("b").completes("c").is(RunStatus.SUCCEEDED).run.foldAnew();
  }

  @Example
  void whatTheOtherRunPaidIsShownAndNotCountedAgain() {
    Scenario old = chain().completes("a").completes("b");
    Scenario fork = forked(old, "b");

    assertThat(fork.run.task("a").usage()).isEqualTo(Usage.NONE);
    assertThat(fork.run.task("a").reusedUsage()).contains(Scenario.CENT);
    assertThat(fork.run.task("a").launches()).isZero();
    assertThat(fork.run.state().usage()).isEqualTo(Usage.NONE);
    fork.completes("b");
    assertThat(fork.run.state().usage()).isEqualTo(Scenario.CENT);
    assertThat(fork.run.state().forkedFrom()).contains(old.run.state().key());
  }

  @Example
  void aForkOfAForkKnowsWhatTheFirstRunPaid() {
    Scenario fork = forked(forked(chain().completes("a").completes("b"), "b"), "b");

    assertThat(fork.run.task("a").reusedUsage()).contains(Scenario.CENT);
  }

  @Example
  void whatWasTakenAlongIsDoneAgainByAnotherForkOnly() {
    Scenario old = chain().completes("a").completes("b");
    Scenario fork = forked(old, "b");

    Decision decision = fork.run.feed(fork.reworked("a"));

    assertThat(((Decision.Refused) decision).message())
        .contains("task a was taken along from run " + old.run.state().key(), "fork that one");
  }

  @Example
  void tasksThatWaitForNothingStartFromWhereTheOtherRunStarted() {
    Scenario fork =
        forked(started(Steps.agent("a"), Steps.agent("b")).completes("a").completes("b"), "b");

    assertThat(fork.run.state().bases(TaskId.of("b"))).containsExactly(BASE);
  }

  @Example
  void aForkIsGivenWhereTheRunStartedAndHandsItOn() {
    Scenario old = started(Steps.agent("a"), Steps.agent("b")).completes("a").completes("b");
    Scenario fork = forked(old, "b").completes("b");

    assertThat(taken(old, "b").start()).isEqualTo("c0");
    assertThat(taken(fork, "b").start()).isEqualTo(BASE.id());
  }

  private static Taken taken(Scenario old, String at) {
    return Taken.of(old.run.state(), plan(old, at)).orElseThrow();
  }

  @Example
  void theTasksOfAPlanAreThereAndOnlyWhatIsNotDoneIsReady() {
    Scenario old =
        started(
                Steps.withTemplate(
                    Steps.code("line"),
                    Steps.plan("plan", "line"),
                    Steps.code("after").after("plan")))
            .work("plan")
            .acted("plan", Plans.inPhases(List.of("T001", "T002"), List.of("T003")))
            .verified("plan")
            .completes("plan/T001")
            .completes("plan/T002")
            .completes("plan/T003")
            .completes("after")
            .is(RunStatus.SUCCEEDED);

    Scenario fork =
        forked(old, "plan/T002")
            .is("plan", COMPLETED)
            .is("plan/T001", COMPLETED)
            .is("plan/T003", PENDING)
            .ready("plan/T002")
            .completes("plan/T002")
            .completes("plan/T003")
            .completes("after")
            .is(RunStatus.SUCCEEDED);
    assertThat(fork.run.task("plan/T002").item()).isEqualTo(old.run.task("plan/T002").item());
  }

  @Example
  void whatWasAcceptedAndNotMergedIsMerged() {
    Scenario old =
        started(Steps.agent("a").mergeInto("main"), Steps.agent("b"), Steps.code("c").after("a"))
            .work("a")
            .acted("a")
            .verified("a")
            .cancel();

    forked(old, "b")
        .is("a", VERIFIED)
        .ready("b", "a")
        .dispatch("a")
        .merges("a")
        .is("a", COMPLETED)
        .ready("b", "c");
  }

  @Example
  void aForkInWhichNothingIsLeftToDoSucceedsAtOnce() {
    Scenario old = started(Steps.agent("a"), Steps.agent("b").after("a")).completes("a");
    Pipeline only = Steps.pipeline(Steps.agent("a"));
    old.work("b").fails("b", Scenario.trouble(ErrorClass.PERMANENT)).is(RunStatus.FAILED);

    ResumePlan plan = ResumePlan.of(old.run.state(), null, only, "hash", Map.of());

    fork(old, plan).is(RunStatus.SUCCEEDED);
  }

  @Example
  void aPlanIsStaleWhenTheRunHasMovedOn() {
    Scenario old = chain().completes("a");
    ResumePlan plan = plan(old, "b");
    assertThat(Taken.of(old.run.state(), plan)).isPresent();

    old.work("b");

    assertThat(Taken.of(old.run.state(), plan)).isEmpty();
  }

  @Example
  void anOutputThatIsTooLargeToSteerIsRefused() {
    Scenario old = started(Steps.agent("a").output("big"), Steps.code("b").after("a")).work("a");
    Value.Stored big = new Value.Stored(BlobId.of(new byte[0]), 9_000);
    old.feed(old.ended("a", 1, new ActResult.Done(big, Scenario.CENT, null))).verified("a");
    Pipeline steering =
        Steps.pipeline(
            Steps.agent("a").output("big"), Steps.code("b").after("a").whenContains("big", "x"));
    ResumePlan plan = ResumePlan.of(old.run.state(), TaskId.of("b"), steering, "hash", Map.of());

    Scenario.of(steering).refuses("not-allowed", input(old, plan));
  }

  @Example
  void aRunThatExistsCannotBeBegunAsAFork() {
    Scenario old = chain().completes("a");

    old.refuses("not-allowed", input(old, plan(old, "b")));
  }

  @Example
  void aListThatFailedGoesOnWithWhatIsDoneInIt() {
    Scenario old =
        started(
                Steps.code("each").forEach("list").output("all"),
                Steps.code("behind").after("each"))
            .dispatch("each");
    old.feed(old.ended("each", 1, Elements.open("x", "y", "z")))
        .completes("each/1")
        .dispatch("each/2")
        .fails("each/2")
        .is(RunStatus.FAILED);
    ResumePlan plan =
        ResumePlan.of(
            old.run.state(),
            null,
            old.run.state().pipeline(),
            old.run.state().definition().inputHash(),
            Map.of());

    Scenario fork =
        fork(old, plan)
            .is(RunStatus.RUNNING)
            .is("each", RUNNING)
            .is("each/1", COMPLETED)
            .is("each/2", PENDING)
            .ready("each/2", "each/3");

    assertThat(fork.run.task("each/2").element()).isEqualTo(old.run.task("each/2").element());
    fork.completes("each/2").completes("each/3").is("each", COMPLETED).completes("behind");
    fork.is(RunStatus.SUCCEEDED).run.foldAnew();
  }

  @Example
  void ofAListThatIsDoneOneElementIsDoneAgainAndWhatIsBehindTheList() {
    Scenario old =
        started(Steps.code("each").forEach("list").parallel(1), Steps.code("behind").after("each"))
            .dispatch("each");
    old.feed(old.ended("each", 1, Elements.open("x", "y", "z")))
        .completes("each/1")
        .completes("each/2")
        .completes("each/3")
        .completes("behind");

    forked(old, "each/2")
        .is("each", RUNNING)
        .is("each/1", COMPLETED)
        .is("each/3", COMPLETED)
        .is("behind", PENDING)
        .ready("each/2")
        .completes("each/2")
        .is("each", COMPLETED)
        .completes("behind")
        .is(RunStatus.SUCCEEDED);
  }

  @Example
  void noMoreElementsAreLetInThanMayBeAtWork() {
    Scenario old = started(Steps.code("each").forEach("list").parallel(1).keep()).dispatch("each");
    old.feed(old.ended("each", 1, Elements.open("w", "x", "y", "z")))
        .dispatch("each/1")
        .fails("each/1")
        .completes("each/2")
        .cancel();

    forked(old, "each/1")
        .is("each/2", COMPLETED)
        .ready("each/1")
        .completes("each/1")
        .ready("each/3")
        .completes("each/3")
        .ready("each/4");
  }

  @Example
  void acceptedWorkWhoseMergeConflictedIsMergedAndNotDoneAgain() {
    Scenario old =
        started(Steps.agent("a").gated().mergeInto("main"), Steps.agent("b").after("a"))
            .work("a")
            .acted("a", "A")
            .gatesPass("a")
            .mergeConflicts("a")
            .is("a", BLOCKED);
    for (Scenario run : List.of(forked(old, "b"), forked(old.cancel().is("a", CANCELLED), "b"))) {
      run.is("a", VERIFIED, Reason.FORKED).is("b", PENDING).ready("a");
      assertThat(run.run.task("a").evidence()).isEqualTo(Evidence.GATES);

      run.dispatch("a").mergeConflicts("a").is("a", BLOCKED).retry("a");
      run.dispatch("a").merges("a").launches("a", 0);
      run.completes("b").is(RunStatus.SUCCEEDED).run.foldAnew();
      assertThat(run.run.task("a").reusedUsage()).contains(Scenario.CENT);
    }
  }

  @Example
  void whatSomebodyWantedToBeDifferentAndNobodyHasDoneIsHandedOn() {
    Scenario asked = chain().completes("a").completes("b").rework("b").cancel();
    Scenario begun = chain().completes("a").completes("b").rework("b").work("b").cancel();
    Scenario done = chain().completes("a").completes("b").rework("b").completes("b");
    for (Scenario fork : List.of(forked(asked, "c"), forked(begun, "c"), forked(done, "b"))) {
      Feedback feedback = fork.ready("b").run.task("b").feedback().orElseThrow();
      assertThat(feedback.actor()).isEqualTo(Scenario.ANN);
      assertThat(feedback.elsewhere()).isTrue();
      fork.completes("b").completes("c").is(RunStatus.SUCCEEDED).run.foldAnew();
    }

    assertThat(forked(done, "c").run.task("b").feedback()).as("was heeded").isEmpty();
    assertThat(forked(begun, "a").run.task("b").feedback()).as("is of other work").isEmpty();
    assertThat(forked(asked, "a").run.task("b").feedback()).as("was not heard").isPresent();
    assertThat(forked(forked(asked, "c").cancel(), "c").run.task("b").feedback()).isPresent();
  }

  @Example
  void aYesToAMergeThatWasNotDoneIsAskedForAgain() {
    Scenario old =
        started(
                Steps.agent("a"),
                Steps.approval("ok").after("a").mergeInto("main"),
                Steps.code("b"))
            .completes("a")
            .asks("ok")
            .approve("ok")
            .is("ok", VERIFIED)
            .cancel();

    Scenario fork = forked(old, "b").is("a", COMPLETED).is("ok", PENDING).ready("b", "ok");
    assertThat(fork.run.task("ok").asksFirst()).isTrue();
  }

  @Example
  void workThatWasToBeLookedAtIsNotAcceptedByTheEndOfItsRun() {
    Scenario old =
        started(Steps.agent("a").mergeInto("main"), Steps.code("b")).work("a").acted("a");
    old.verifiedForReview("a", new Verdict.Ask(Reason.CHANGES_REQUESTED, "good?", Shown.of("it")));
    old.is("a", READY_FOR_REVIEW).cancel();

    forked(old, "b").is("a", PENDING).ready("a", "b");
  }

  @Example
  void elementsThatHaveBegunHaveTheirPlaceBeforeThoseThatHaveNot() {
    Pipeline inner = Steps.pipeline(Steps.code("x"), Steps.code("y").after("x"));
    Scenario old =
        started(Steps.pipeline("each", inner, Map.of()).forEach("list").parallel(1).keep())
            .dispatch("each");
    old.feed(old.ended("each", 1, Elements.open("a", "b", "c"))).dispatch("each/1").fails("each/1");
    old.dispatch("each/2").feed(old.ended("each/2", 1, new ActResult.Opened(Map.of())));
    old.completes("each/2/x").cancel();

    Scenario fork = forked(old, "each/1").is("each/2", RUNNING).ready("each/2/y");
    fork.completes("each/2/y").is("each/2", COMPLETED).ready("each/1");
    fork.run.foldAnew();
  }

  @Example
  void aPipelineInsideGoesOnBehindWhatIsDoneInIt() {
    Pipeline inner = Steps.pipeline(Steps.code("x").output("of-x"), Steps.code("y").after("x"));
    Scenario old = started(Steps.pipeline("sub", inner, Map.of())).dispatch("sub");
    old.feed(old.ended("sub", 1, new ActResult.Opened(Map.of())))
        .completes("sub/x")
        .dispatch("sub/y")
        .fails("sub/y")
        .is(RunStatus.FAILED);

    Scenario fork =
        fork(
                old,
                ResumePlan.of(
                    old.run.state(),
                    null,
                    old.run.state().pipeline(),
                    old.run.state().definition().inputHash(),
                    Map.of()))
            .is("sub/x", COMPLETED)
            .ready("sub/y");

    assertThat(fork.run.state().valueIn(TaskId.of("sub"), "of-x")).contains(Scenario.text("done"));
    fork.completes("sub/y").is("sub", COMPLETED).is(RunStatus.SUCCEEDED);
  }

  @Property(tries = 30)
  void aForkOfAnyRunCanBeFinishedAndDoesNothingAgain(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("choices") List<Integer> choices,
      @ForAll int pick,
      @ForAll long seed) {
    Walk walk = new Walk(pipeline);
    walk.start(choices.size());
    choices.forEach(walk::step);
    RunState old = walk.run().state();
    List<Task> tasks = List.copyOf(old.tasks());
    TaskId at = tasks.get(Math.floorMod(pick, tasks.size())).id;
    ResumePlan plan =
        ResumePlan.of(old, at, pipeline, old.definition().inputHash(), old.definition().inputs());

    RunUnderTest fork = new RunUnderTest(pipeline);
    Decision decision =
        fork.feed(
            new RunInput.Fork(
                Scenario.startInput(plan.inputs()), Taken.of(old, plan).orElseThrow(), null));
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    fork.foldAnew();
    if (!fork.state().status().isTerminal()) {
      new Finisher(fork, new Random(seed)).finish();
    }

    assertThat(fork.state().status().isTerminal()).isTrue();
    Set<TaskId> kept = plan.tasks(ResumePlan.Cause.DONE);
    assertThat(acted(fork)).doesNotContainAnyElementsOf(kept.isEmpty() ? Set.of(NOBODY) : kept);
  }

  @Property(tries = 3_000)
  @Tag("torture")
  void soItDoesForLong(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("choices") List<Integer> choices,
      @ForAll int pick,
      @ForAll long seed) {
    aForkOfAnyRunCanBeFinishedAndDoesNothingAgain(pipeline, choices, pick, seed);
  }

  private static final TaskId NOBODY = TaskId.of("nobody");

  private static Set<TaskId> acted(RunUnderTest run) {
    return run.journal().stream()
        .filter(RunEvent.Dispatched.class::isInstance)
        .map(RunEvent.Dispatched.class::cast)
        .filter(dispatched -> dispatched.phase() == Phase.ACT)
        .map(RunEvent.Dispatched::task)
        .collect(Collectors.toSet());
  }

  private static Scenario chain() {
    return started(
        Steps.agent("a").output("of-a"), Steps.agent("b").after("a"), Steps.agent("c").after("b"));
  }

  private static ResumePlan plan(Scenario old, String at) {
    Definition now = old.run.state().definition();
    return ResumePlan.of(
        old.run.state(), TaskId.of(at), old.run.state().pipeline(), now.inputHash(), now.inputs());
  }

  static Scenario forked(Scenario old, String at) {
    return fork(old, plan(old, at));
  }

  private static Scenario fork(Scenario old, ResumePlan plan) {
    return Scenario.of(plan.pipeline()).feed(input(old, plan));
  }

  private static RunInput.Fork input(Scenario old, ResumePlan plan) {
    Taken taken = Taken.of(old.run.state(), plan).orElseThrow();
    return new RunInput.Fork(Scenario.startInput(plan.inputs()), taken, BASE);
  }

  @Provide
  Arbitrary<Pipeline> pipelines() {
    return Draws.pipelines();
  }

  @Provide
  Arbitrary<List<Integer>> choices() {
    return Draws.choices(120);
  }
}
