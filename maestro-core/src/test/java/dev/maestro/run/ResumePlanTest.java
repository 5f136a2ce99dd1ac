package dev.maestro.run;

import static dev.maestro.run.ResumePlan.Cause.*;
import static dev.maestro.run.ResumePlan.Group.*;
import static dev.maestro.run.Scenario.started;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.ResumePlan.Cause;
import dev.maestro.run.ResumePlan.Group;
import dev.maestro.task.Money;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResumePlanTest {

  @Test
  void whatIsDoneAndUnchangedIsReusedAndTheRestIsNew() {
    Scenario run =
        started(Steps.agent("a"), Steps.agent("b").after("a"), Steps.agent("c").after("b"))
            .completes("a");

    ResumePlan plan = plan(run, run.run.state().pipeline());

    assertLine(plan, "a", REUSE, DONE);
    assertLine(plan, "b", NEW, NOT_BEGUN);
    assertLine(plan, "c", NEW, NOT_BEGUN);
    assertThat(plan.forks()).isFalse();
  }

  @Test
  void aChangedStepIsDoneAnewAndSoIsWhatIsBehindIt() {
    Scenario run =
        started(
                Steps.agent("a"),
                Steps.agent("b").after("a"),
                Steps.agent("c").after("b"),
                Steps.agent("d").after("a"))
            .completes("a")
            .completes("b")
            .completes("c");

    ResumePlan plan =
        plan(
            run,
            Steps.pipeline(
                Steps.agent("a"),
                Steps.agent("b").after("a").gated(),
                Steps.agent("c").after("b"),
                Steps.agent("d").after("a")));

    assertLine(plan, "a", REUSE, DONE);
    assertLine(plan, "b", RERUN, STEP_CHANGED);
    assertLine(plan, "c", RERUN, BEHIND);
    assertThat(plan.line(TaskId.of("c")).orElseThrow().why())
        .isEqualTo("is behind a task that is done anew (b)");
    assertLine(plan, "d", NEW, NOT_BEGUN);
  }

  @Test
  void howOftenAndHowLongAStepRunsChangesNothing() {
    Scenario run = started(Steps.agent("a"), Steps.code("b").after("a")).completes("a");

    ResumePlan plan =
        plan(run, Steps.pipeline(Steps.agent("a").attempts(5), Steps.code("b").after("a")));

    assertLine(plan, "a", REUSE, DONE);
  }

  @Test
  void aStepThatIsGoneIsOrphanedAndAnAdditionalOneIsNew() {
    Scenario run = started(Steps.agent("a"), Steps.agent("b")).completes("a");

    ResumePlan plan = plan(run, Steps.pipeline(Steps.agent("b"), Steps.agent("z")));

    assertThat(plan.lines()).extracting(line -> line.task().value()).containsExactly("b", "z", "a");
    assertLine(plan, "b", NEW, NOT_BEGUN);
    assertLine(plan, "z", NEW, STEP_NEW);
    assertLine(plan, "a", ORPHANED, STEP_GONE);
  }

  @Test
  void anotherInputConcernsTheStepsThatUseItAndThoseBehindThem() {
    Scenario run =
        Scenario.of(
                Steps.command("a").whenContains("topic", "red"),
                Steps.command("b").whenContains("colour", "blue"),
                Steps.command("c").after("a"))
            .start(Map.of("topic", "red", "colour", "blue"))
            .completes("a")
            .completes("b");

    ResumePlan plan =
        ResumePlan.of(
            run.run.state(),
            null,
            run.run.state().pipeline(),
            "other",
            Map.of("topic", Scenario.text("dark red"), "colour", Scenario.text("blue")));

    assertLine(plan, "a", RERUN, INPUT_CHANGED);
    assertThat(plan.line(TaskId.of("a")).orElseThrow().detail()).isEqualTo("topic");
    assertLine(plan, "b", REUSE, DONE);
    assertLine(plan, "c", NEW, NOT_BEGUN);
  }

  @Test
  void codeMayLookAtEveryInput() {
    Scenario run =
        Scenario.of(Steps.code("a"), Steps.command("b"), Steps.command("c"))
            .start(Map.of("topic", "red"))
            .completes("a")
            .completes("b");

    ResumePlan plan =
        ResumePlan.of(run.run.state(), null, run.run.state().pipeline(), "other", Map.of());

    assertLine(plan, "a", RERUN, INPUT_CHANGED);
    assertLine(plan, "b", REUSE, DONE);
  }

  @Test
  void whatIsUnderWayAndUnchangedGoesOnAndWhatFailedBeginsAnew() {
    Scenario run =
        started(
                Steps.agent("works"),
                Steps.agent("failed"),
                Steps.agent("blocked").after("failed"),
                Steps.approval("asks"))
            .work("works")
            .asks("asks")
            .work("failed")
            .fails("failed", Scenario.trouble(ErrorClass.PERMANENT));

    ResumePlan plan = plan(run, run.run.state().pipeline());

    assertLine(plan, "works", REUSE, GOES_ON);
    assertLine(plan, "asks", REUSE, GOES_ON);
    assertLine(plan, "failed", RERUN, FAILED);
    assertLine(plan, "blocked", NEW, NOT_BEGUN);
  }

  @Test
  void theTasksOfAPlanStayWithItAndTheirTemplate() {
    Scenario run = planned().completes("plan/T001");

    ResumePlan same = plan(run, run.run.state().pipeline());
    assertLine(same, "plan", REUSE, DONE);
    assertLine(same, "plan/T001", REUSE, DONE);
    assertLine(same, "plan/T002", NEW, NOT_BEGUN);

    ResumePlan otherTemplate =
        plan(
            run,
            Steps.withTemplate(
                Steps.command("line"),
                Steps.plan("plan", "line"),
                Steps.code("after").after("plan")));
    assertLine(otherTemplate, "plan", REUSE, DONE);
    assertLine(otherTemplate, "plan/T001", RERUN, STEP_CHANGED);

    ResumePlan otherPlan =
        plan(
            run,
            Steps.withTemplate(
                Steps.code("line"),
                Steps.plan("plan", "line").gated(),
                Steps.code("after").after("plan")));
    assertLine(otherPlan, "plan", RERUN, STEP_CHANGED);
    assertLine(otherPlan, "plan/T001", ORPHANED, ADDED_ANEW);
    assertLine(otherPlan, "plan/T002", ORPHANED, ADDED_ANEW);
  }

  @Test
  void aRunThatHasEndedIsForkedAndWhatItLeftUndoneBeginsAnew() {
    Scenario run =
        started(
                Steps.agent("done"),
                Steps.agent("cut").after("done"),
                Steps.agent("never").after("cut"),
                Steps.agent("merging").mergeInto("main"))
            .completes("done")
            .work("cut")
            .completes("merging")
            .cancel()
            .is(RunStatus.CANCELLED);

    ResumePlan plan = plan(run, run.run.state().pipeline());

    assertThat(plan.forks()).isTrue();
    assertLine(plan, "done", REUSE, DONE);
    assertLine(plan, "cut", RERUN, UNFINISHED);
    assertLine(plan, "never", NEW, NOT_BEGUN);
    assertLine(plan, "merging", REUSE, DONE);
  }

  @Test
  void aForkBeginsAtItsTaskAndKeepsWhatIsNotBehindIt() {
    Scenario run =
        started(
                Steps.agent("a"),
                Steps.agent("b").after("a"),
                Steps.agent("c").after("b"),
                Steps.agent("beside"))
            .completes("a")
            .completes("b")
            .completes("c")
            .completes("beside");

    ResumePlan plan =
        ResumePlan.of(
            run.run.state(), TaskId.of("b"), run.run.state().pipeline(), "hash", Map.of());

    assertThat(plan.forks()).isTrue();
    assertLine(plan, "a", REUSE, DONE);
    assertLine(plan, "b", RERUN, FORKED_HERE);
    assertLine(plan, "c", RERUN, BEHIND);
    assertLine(plan, "beside", REUSE, DONE);
  }

  @Test
  void aForkAtAnElementDoesThatOneAgainAndNoneOfTheOthers() {
    ResumePlan plan = forkAt("each/2", listWithAFailure());

    assertLine(plan, "a", REUSE, DONE);
    assertLine(plan, "each", REUSE, GOES_ON);
    assertLine(plan, "each/1", REUSE, DONE);
    assertLine(plan, "each/2", RERUN, FORKED_HERE);
    assertLine(plan, "behind", RERUN, BEHIND);
  }

  @Test
  void aForkAtAnElementOfWhichSoManyAreEnoughDoesTheWholeListAgain() {
    Scenario run = started(Steps.code("each").forEach("list").quorum(1)).dispatch("each");
    run.feed(run.ended("each", 1, Elements.open("x", "y"))).completes("each/1");

    ResumePlan plan = forkAt("each/1", run);

    assertLine(plan, "each", RERUN, FORKED_HERE);
    assertLine(plan, "each/1", ORPHANED, ADDED_ANEW);
  }

  @Test
  void aForkKeepsWhatIsDoneInsideOfWhatFailed() {
    Scenario run =
        started(Steps.code("each").forEach("list"), Steps.code("behind").after("each"))
            .dispatch("each");
    run.feed(run.ended("each", 1, Elements.open("x", "y", "z")))
        .completes("each/1")
        .dispatch("each/2")
        .fails("each/2")
        .is(RunStatus.FAILED);

    ResumePlan plan = plan(run, run.run.state().pipeline());

    assertLine(plan, "each", REUSE, GOES_ON);
    assertLine(plan, "each/1", REUSE, DONE);
    assertLine(plan, "each/2", RERUN, FAILED);
    assertLine(plan, "each/3", NEW, NOT_BEGUN);
    assertLine(plan, "behind", NEW, NOT_BEGUN);
  }

  @Test
  void aForkThatKeepsAListKeepsWhatFailedInItToo() {
    ResumePlan plan = forkAt("behind", listWithAFailure());

    assertLine(plan, "each", REUSE, DONE);
    assertLine(plan, "each/1", REUSE, DONE);
    assertLine(plan, "each/2", REUSE, DONE);
    assertLine(plan, "behind", RERUN, FORKED_HERE);
  }

  private static Scenario listWithAFailure() {
    Scenario run =
        started(
                Steps.agent("a"),
                Steps.code("each").after("a").forEach("list").keep(),
                Steps.code("behind").after("each"))
            .completes("a")
            .dispatch("each");
    return run.feed(run.ended("each", 1, Elements.open("x", "y")))
        .completes("each/1")
        .dispatch("each/2")
        .fails("each/2")
        .completes("behind");
  }

  private static ResumePlan forkAt(String task, Scenario run) {
    return ResumePlan.of(
        run.run.state(), TaskId.of(task), run.run.state().pipeline(), "hash", Map.of());
  }

  @Test
  void whatIsDoneAgainCostsWhatItCostLastTime() {
    Scenario run =
        started(Steps.agent("a"), Steps.agent("b").after("a"), Steps.code("c").after("b"))
            .completes("a")
            .completes("b");

    ResumePlan plan =
        plan(
            run,
            Steps.pipeline(
                Steps.agent("a").gated(), Steps.agent("b").after("a"), Steps.code("c").after("b")));

    assertThat(plan.cost(RERUN).known()).isEqualTo(Scenario.CENT.plus(Scenario.CENT));
    assertThat(plan.cost(RERUN, NEW).unknown()).isEmpty();
  }

  @Test
  void whatIsOnlyPresumedIsCalledSo() {
    Scenario run = started(Steps.agent("a"), Steps.agent("b").after("a")).completes("a");
    ResumePlan plan = plan(run, run.run.state().pipeline());

    ResumePlan costed =
        plan.costing(step -> Optional.of(Usage.of(1, 1, Money.usd("1")).asPresumed()));

    assertThat(costed.text())
        .contains("saved: $0.01 and 110 tokens\n", "$1.00 (presumed)")
        .endsWith("to be done, by history: $1.00 and 2 tokens (presumed)");
  }

  @Test
  void whatNoRunTellsIsUnknownAndNotFree() {
    Scenario run = started(Steps.agent("a"), Steps.agent("b").after("a")).completes("a");

    ResumePlan plan = plan(run, run.run.state().pipeline());
    assertThat(plan.cost(NEW).unknown()).containsExactly(TaskId.of("b"));
    assertThat(plan.text()).contains("NEW      b", "cost unknown", "saved: $0.01 and 110 tokens");

    Usage dollar = Usage.of(1, 1, Money.usd("1"));
    ResumePlan costed = plan.costing(step -> Optional.of(dollar));
    assertThat(costed.cost(NEW)).isEqualTo(new ResumePlan.Cost(dollar, List.of()));
    assertThat(costed.agrees(plan)).isTrue();
  }

  private static Scenario planned() {
    return started(
            Steps.withTemplate(
                Steps.code("line"), Steps.plan("plan", "line"), Steps.code("after").after("plan")))
        .work("plan")
        .acted("plan", Plans.of("T001", "T002"))
        .verified("plan");
  }

  private static ResumePlan plan(Scenario run, Pipeline next) {
    Definition now = run.run.state().definition();
    return ResumePlan.of(run.run.state(), null, next, now.inputHash(), now.inputs());
  }

  private static void assertLine(ResumePlan plan, String task, Group group, Cause cause) {
    ResumePlan.Line line = plan.line(TaskId.of(task)).orElseThrow();
    assertThat(line.group()).as(task).isEqualTo(group);
    assertThat(line.cause()).as(task).isEqualTo(cause);
  }
}
