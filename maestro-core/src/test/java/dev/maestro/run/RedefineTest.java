package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.run.ResumePlan.Group;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

class RedefineTest {

  @Example
  void aChangedStepBeginsAnewAndSoDoesWhatIsBehindItAndNothingElse() {
    Scenario run =
        started(
                Steps.agent("a"),
                Steps.agent("b").after("a").output("of-b"),
                Steps.agent("c").after("b"),
                Steps.agent("d").after("a"))
            .completes("a")
            .completes("b")
            .completes("c");

    accept(
            run,
            Steps.pipeline(
                Steps.agent("a"),
                Steps.agent("b").after("a").output("of-b").gated(),
                Steps.agent("c").after("b"),
                Steps.agent("d").after("a")))
        .is("a", COMPLETED)
        .is("b", PENDING, Reason.REQUEUED)
        .is("c", PENDING, Reason.REQUEUED)
        .ready("b", "d");

    assertThat(run.run.state().value("of-b")).isEmpty();
    assertThat(run.run.task("b").generation()).isEqualTo(2);
    assertThat(run.run.task("b").step().gates()).hasSize(1);
    assertThat(run.run.state().workspaceOf(TaskId.of("b"))).isEqualTo(TaskId.of("b/generation-2"));
    run.work("b").attempt("b", 2).acted("b").gatesPass("b");
    run.completes("c").completes("d").is(RunStatus.SUCCEEDED).run.foldAnew();
    assertThat(run.run.state().usage().cost().decimal()).isEqualTo("0.06");
  }

  @Example
  void aStepThatIsGoneIsDroppedAndAnAdditionalOneComes() {
    Scenario run =
        started(Steps.agent("a"), Steps.agent("gone"), Steps.agent("late").after("gone"))
            .completes("a")
            .work("gone")
            .fails("gone", Scenario.trouble(ErrorClass.PERMANENT));
    Scenario open = started(Steps.agent("a"), Steps.agent("gone")).completes("a");

    accept(open, Steps.pipeline(Steps.agent("a"), Steps.agent("z").after("a")))
        .is("gone", CANCELLED, Reason.REDEFINED)
        .ready("z")
        .completes("z")
        .is(RunStatus.SUCCEEDED)
        .run
        .foldAnew();
    assertThat(open.run.task("gone").isRetired()).isTrue();
    assertThat(run.run.state().status()).isEqualTo(RunStatus.FAILED);
  }

  @Example
  void aStepThatComesBackBeginsAnew() {
    Pipeline both = Steps.pipeline(Steps.agent("a"), Steps.agent("b").after("a"), x());
    Scenario run = started(both).completes("a").completes("b");

    accept(run, Steps.pipeline(Steps.agent("a"), x())).ready("x");
    accept(run, both).ready("b", "x").work("b").attempt("b", 2);
    run.acted("b").verified("b").completes("x").is(RunStatus.SUCCEEDED).run.foldAnew();
  }

  private static Steps x() {
    return Steps.agent("x");
  }

  @Example
  void whatFailedBeginsAnewAndWhatItHeldBackWaitsForIt() {
    Scenario run =
        started(Steps.agent("a"), Steps.agent("b").after("a"), Steps.approval("ask"))
            .work("a")
            .fails("a", Scenario.trouble(ErrorClass.PERMANENT))
            .is("b", BLOCKED);

    accept(
            run,
            Steps.pipeline(
                Steps.agent("a").gated(), Steps.agent("b").after("a"), Steps.approval("ask")))
        .is("a", PENDING)
        .is("b", PENDING, Reason.REQUEUED)
        .ready("a", "ask")
        .work("a")
        .launches("a", 2)
        .acted("a")
        .gatesPass("a")
        .ready("ask", "b");
  }

  @Example
  void whatIsAtWorkAndUnchangedGoesOn() {
    Scenario run = started(Steps.agent("a"), Steps.agent("b")).work("a");

    accept(run, Steps.pipeline(Steps.agent("a"), Steps.agent("b").gated())).is("a", RUNNING);

    run.acted("a").verified("a").is("a", COMPLETED).attempt("a", 1);
  }

  @Example
  void whatIsAtWorkOnSomethingElseNowHasToBeStoppedFirst() {
    Pipeline next = Steps.pipeline(Steps.agent("a").gated(), Steps.agent("b"));
    Scenario run = started(Steps.agent("a"), Steps.agent("b")).work("a");

    run.refuses("not-allowed", input(run, plan(run, next))).is("a", RUNNING);

    accept(run.stop(), next).is(RunStatus.PAUSED).is("a", PENDING);
    run.resume().ready("a", "b").work("a").attempt("a", 2);
    late(run, 1).acted("a").gatesPass("a").is("a", COMPLETED);
  }

  /** The attempt that was stopped brings what it used up, and nothing else. */
  private static Scenario late(Scenario run, int attempt) {
    return run.feed(
        run.ended("a", attempt, new ActResult.Done(Scenario.text("old"), Scenario.CENT, null)));
  }

  @Example
  void aPlanThatTheRunHasOutlivedIsStale() {
    Scenario run = started(Steps.agent("a"), Steps.agent("b").after("a")).completes("a");
    ResumePlan plan =
        plan(run, Steps.pipeline(Steps.agent("a"), Steps.agent("b").after("a").gated()));

    run.completes("b").refuses("run-over", input(run, plan));
  }

  @Example
  void aPlanIsStaleOnceATaskOfItHasBegun() {
    Scenario run = started(Steps.agent("a"), Steps.agent("b").after("a")).completes("a");
    ResumePlan plan =
        plan(run, Steps.pipeline(Steps.agent("a"), Steps.agent("b").after("a").gated()));

    run.work("b").refuses("stale", input(run, plan));
  }

  @Example
  void aPlanStepThatAddedTasksCannotBeDoneAnewInTheSameRun() {
    Scenario run =
        started(Steps.withTemplate(Steps.code("line"), Steps.plan("plan", "line")))
            .work("plan")
            .acted("plan", Plans.of("T001"))
            .verified("plan");
    Pipeline next = Steps.withTemplate(Steps.code("line"), Steps.plan("plan", "line").gated());

    run.refuses("not-allowed", input(run, plan(run, next)));

    accept(run, Steps.withTemplate(Steps.command("line"), Steps.plan("plan", "line")))
        .ready("plan/T001")
        .completes("plan/T001")
        .is(RunStatus.SUCCEEDED);
  }

  @Example
  void anotherConditionIsAskedOfWhatHasNotBegun() {
    Scenario run =
        Scenario.of(Steps.agent("a").whenContains("topic", "red"), x())
            .start(Map.of("topic", "red"))
            .ready("a", "x");

    accept(run, Steps.pipeline(Steps.agent("a").whenContains("topic", "blue"), x()))
        .is("a", SKIPPED, Reason.CONDITION_FALSE)
        .ready("x");
  }

  @Example
  void aRunWithNothingLeftToDoEnds() {
    Scenario run = started(Steps.agent("a"), Steps.agent("b").after("a")).completes("a");

    accept(run, Steps.pipeline(Steps.agent("a"))).is(RunStatus.SUCCEEDED);
  }

  @Example
  void whatFailedInsideOfATaskThatGoesOnIsThatTasksMatter() {
    Pipeline inside = Steps.pipeline(Steps.code("a"), Steps.code("b").after("a"), Steps.code("c"));
    Scenario run =
        started(Steps.pipeline("sub", inside, Map.of()), Steps.code("x")).dispatch("sub");
    run.feed(run.ended("sub", 1, new ActResult.Opened(Map.of())))
        .dispatch("sub/a")
        .fails("sub/a", Scenario.trouble(ErrorClass.PERMANENT));

    accept(
            run,
            Steps.pipeline(Steps.pipeline("sub", inside, Map.of()), Steps.code("x").attempts(2)))
        .is("sub", RUNNING)
        .is("sub/a", FAILED)
        .is("sub/b", BLOCKED)
        .completes("sub/c")
        .is("sub", FAILED)
        .retry("sub/a")
        .completes("sub/a")
        .completes("sub/b")
        .completes("x")
        .is(RunStatus.SUCCEEDED);
  }

  @Example
  void whatIsInsideOfATaskCannotBeEditedWithoutIt() {
    Steps before = Steps.pipeline("sub", Steps.pipeline(Steps.code("a")), Map.of());
    Steps after = Steps.pipeline("sub", Steps.pipeline(Steps.command("a")), Map.of());
    Scenario run = started(before, Steps.code("x")).dispatch("sub");
    accept(run.crash(), Steps.pipeline(after, Steps.code("x"))).is("sub", PENDING).dispatch("sub");

    run.feed(run.ended("sub", 2, new ActResult.Opened(Map.of())));

    run.refuses("not-allowed", input(run, plan(run, Steps.pipeline(before, Steps.code("x")))));
  }

  @Example
  void elementsThatWereHeldBeginWhereAllOrMoreMayBeAtWorkNow() {
    for (Steps each :
        List.of(
            Steps.code("each").forEach("list"), Steps.code("each").forEach("list").parallel(3))) {
      Scenario run = started(Steps.code("each").forEach("list").parallel(1)).dispatch("each");
      run.feed(run.ended("each", 1, Elements.open("a", "b", "c"))).dispatch("each/1").ready();

      accept(run, Steps.pipeline(each)).ready("each/2", "each/3").run.foldAnew();
      run.acted("each/1").completes("each/2").completes("each/3").is(RunStatus.SUCCEEDED);
    }
  }

  @Example
  void whatFailedWithWhatIsInsideIsRetriedBeforeTheRunIsRedefined() {
    Steps sub = Steps.pipeline("sub", Steps.pipeline(Steps.code("a")), Map.of());
    Scenario run = started(sub, Steps.code("x")).dispatch("sub");
    run.feed(run.ended("sub", 1, new ActResult.Opened(Map.of())))
        .dispatch("sub/a")
        .fails("sub/a", Scenario.trouble(ErrorClass.PERMANENT))
        .is("sub", FAILED);
    Pipeline next = Steps.pipeline(sub, Steps.code("x").attempts(2));

    Decision decision = run.run.feed(input(run, plan(run, next)));

    assertThat(((Decision.Refused) decision).message()).contains("sub", "retry it first");
    accept(run.retry("sub"), next).completes("sub/a").completes("x").is(RunStatus.SUCCEEDED);
  }

  @Example
  void whatAPersonAcceptedAndCannotBeMergedIsNotTakenForNotBegun() {
    Steps ok = Steps.approval("ok").after("a").mergeInto("main");
    Scenario run = started(Steps.agent("a"), ok, Steps.code("x"));
    run.completes("a").asks("ok").approve("ok").dispatch("ok").mergeConflicts("ok").rework("a");
    run.completes("a").asks("ok").approve("ok").dispatch("ok").mergeConflicts("ok");

    accept(run, Steps.pipeline(Steps.agent("a"), ok, Steps.code("x").attempts(2)))
        .is("ok", BLOCKED)
        .retry("ok")
        .dispatch("ok")
        .preparesMerge("ok")
        .merges("ok")
        .completes("x")
        .is(RunStatus.SUCCEEDED);
  }

  @Property(tries = 1_000)
  @Tag("torture")
  void soItCanForLong(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("pipelines") Pipeline other,
      @ForAll("choices") List<Integer> choices,
      @ForAll long seed) {
    aRunThatWasRedefinedAnywhereCanBeFinished(pipeline, other, choices, seed);
  }

  @Property(tries = 25)
  void aRunThatWasRedefinedAnywhereCanBeFinished(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("pipelines") Pipeline other,
      @ForAll("choices") List<Integer> choices,
      @ForAll long seed) {
    Walk walk = new Walk(pipeline);
    walk.start(0);
    choices.forEach(walk::step);
    RunUnderTest run = walk.run();
    if (run.state().status().isTerminal()) {
      return;
    }
    for (Pipeline next : List.of(mixed(pipeline, other), other, pipeline)) {
      run.feed(new RunInput.Interrupt(Scenario.EPOCH));
      ResumePlan plan = plan(run.state(), next);
      Decision decision = run.feed(new RunInput.Redefine(Scenario.EPOCH, plan, Scenario.ANN));
      if (run.state().status().isTerminal()) {
        return;
      }
      if (decision instanceof Decision.Accepted) {
        assertThat(run.state().pipeline()).isEqualTo(next);
        plan.tasks(Group.REUSE)
            .forEach(id -> assertThat(run.state().require(id).dealings.retired).isFalse());
        run.foldAnew();
      }
    }
    new Finisher(run, new Random(seed)).finish();
    assertThat(run.state().status().isTerminal()).isTrue();
    run.foldAnew();
  }

  /** The first half of one and the rest of the other, as far as ids go. */
  private static Pipeline mixed(Pipeline one, Pipeline other) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < one.steps().size(); i++) {
      Step step = one.steps().get(i);
      steps.add(
          i % 3 == 0 ? other.step(step.id()).filter(s -> s.after().isEmpty()).orElse(step) : step);
    }
    return Steps.pipeline(steps, one.templates());
  }

  private static Scenario accept(Scenario run, Pipeline next) {
    return run.feed(input(run, plan(run, next)));
  }

  private static RunInput.Redefine input(Scenario run, ResumePlan plan) {
    return new RunInput.Redefine(run.now, plan, Scenario.ANN);
  }

  private static ResumePlan plan(Scenario run, Pipeline next) {
    return plan(run.run.state(), next);
  }

  private static ResumePlan plan(RunState state, Pipeline next) {
    Definition now = state.definition();
    return ResumePlan.of(state, null, next, now.inputHash(), now.inputs());
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
