package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A whole run costs O(tasks + dependencies); counted in touched tasks, not in seconds. */
class RunCostTest {

  // what is counted is the same for any number
  private static final int MANY = 20_000;
  private static final int VERY_MANY = 100_000;
  // one to dispatch it, one to end it, and the one behind it
  private static final int TOUCHED_A_STEP = 3;

  @Test
  void aChainTouchesAFewTasksAStep() {
    assertChainIsCheap(MANY);
  }

  @Test
  void aFanOutTouchesEachDependencyOnce() {
    assertFanOutIsCheap(MANY);
  }

  @Test
  @Tag("torture")
  void soDoAHundredThousandSteps() {
    assertChainIsCheap(VERY_MANY);
    assertFanOutIsCheap(VERY_MANY);
  }

  private static void assertChainIsCheap(int many) {
    List<Step> steps = new ArrayList<>();
    steps.add(Steps.code("s0").build());
    for (int i = 1; i < many; i++) {
      steps.add(Steps.code("s" + i).after("s" + (i - 1)).build());
    }

    Counted run = started(steps);
    for (int i = 0; i < many; i++) {
      assertThat(run.complete("s" + i)).isLessThanOrEqualTo(TOUCHED_A_STEP);
    }

    assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  private static void assertFanOutIsCheap(int many) {
    List<Step> steps = new ArrayList<>();
    steps.add(Steps.code("root").build());
    IntStream.range(0, many).forEach(i -> steps.add(Steps.code("s" + i).after("root").build()));
    steps.add(
        Steps.code("join")
            .after(IntStream.range(0, many).mapToObj(i -> "s" + i).toArray(String[]::new))
            .build());

    Counted run = started(steps);
    assertThat(run.complete("root")).isBetween(many, many + TOUCHED_A_STEP);
    for (int i = 0; i < many; i++) {
      assertThat(run.complete("s" + i)).isLessThanOrEqualTo(TOUCHED_A_STEP);
    }
    run.complete("join");

    assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aChainOfSkippedStepsIsSkippedInOneDecisionWithoutRecursion() {
    List<Step> steps = new ArrayList<>();
    steps.add(Steps.code("s0").whenContains("topic", "yes").build());
    for (int i = 1; i < VERY_MANY; i++) {
      steps.add(Steps.code("s" + i).after("s" + (i - 1)).build());
    }

    assertThat(started(steps).state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void conditionsAndQuestionsCostTheSameHoweverManyThereAre() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      steps.add(Steps.code("s" + i).output("o" + i).build());
      steps.add(Steps.approval("q" + i).after("s" + i).whenContains("o" + i, "done").build());
    }

    Counted run = started(steps);
    for (int i = 0; i < 10_000; i++) {
      run.complete("s" + i);
      run.feed(new RunInput.Ask(Scenario.EPOCH, TaskId.of("q" + i), "sure?"));
    }

    assertThat(run.state.questions()).hasSize(10_000);
    assertThat(run.state.status()).isEqualTo(RunStatus.WAITING);
  }

  @Test
  void failuresInFrontOfALongChainBlockItOnce() {
    int each = 2_000;
    List<Step> steps = new ArrayList<>();
    IntStream.range(0, each).forEach(i -> steps.add(Steps.code("f" + i).build()));
    steps.add(
        Steps.code("c0")
            .after(IntStream.range(0, each).mapToObj(i -> "f" + i).toArray(String[]::new))
            .build());
    for (int i = 1; i < each; i++) {
      steps.add(Steps.code("c" + i).after("c" + (i - 1)).build());
    }
    steps.add(Steps.code("x").build());

    Counted run = started(steps);
    for (int i = 0; i < each; i++) {
      run.dispatch("f" + i);
      Trouble trouble = Trouble.of(Reason.ERROR, "it broke");
      int touched = run.end("f" + i, new ActResult.Failed(trouble, null, null));
      assertThat(touched).isLessThanOrEqualTo(i == 0 ? each + TOUCHED_A_STEP : TOUCHED_A_STEP);
    }
    int touched = 0;
    for (int i = 0; i < each; i++) {
      RunInput retry = new RunInput.Retry(Scenario.EPOCH, TaskId.of("f" + i), Scenario.ANN);
      touched += run.feed(retry);
    }

    assertThat(touched).isLessThanOrEqualTo(each * 2 + TOUCHED_A_STEP);
    assertThat(run.state.require(TaskId.of("c1999")).state).isEqualTo(TaskState.PENDING);
  }

  @Test
  void onePlanMayAddTenThousandTasks() {
    Pipeline pipeline =
        Steps.withTemplate(
            Steps.code("line"), Steps.plan("plan", "line"), Steps.code("after").after("plan"));
    Counted run = new Counted(pipeline);
    TaskId plan = TaskId.of("plan");
    List<RunEvent.TasksAdded.Added> added =
        IntStream.range(0, 10_000)
            .mapToObj(
                i ->
                    new RunEvent.TasksAdded.Added(
                        plan.child("T" + i),
                        new Item("T" + i, "do it", null, null, i + 1, 10_000),
                        List.of(plan)))
            .toList();

    run.dispatch("plan");
    run.end("plan", new ActResult.Done(Scenario.text(Plans.of("T001")), null, null));
    // a plan's text has a thousand ids at most, so the events are made by hand
    run.state.apply(new RunEvent.TasksAdded(Scenario.EPOCH, plan, "line", added));
    run.state.apply(
        new RunEvent.Verified(
            Scenario.EPOCH,
            plan,
            1,
            null,
            0,
            List.of(),
            List.of(),
            null,
            List.of(
                new Move(plan, TaskState.TESTING, TaskState.VERIFIED, Reason.NO_GATES, null, null),
                new Move(
                    plan, TaskState.VERIFIED, TaskState.COMPLETED, Reason.SUCCEEDED, null, null))));
    for (int i = 0; i < 10_000; i++) {
      assertThat(run.complete("plan/T" + i)).isLessThanOrEqualTo(TOUCHED_A_STEP);
    }
    run.complete("after");

    assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void eachStepInsideAnotherTouchesThatOneAndTheNext() {
    List<Step> inside = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Steps step = Steps.code("s" + i);
      inside.add((i == 0 ? step : step.after("s" + (i - 1))).build());
    }
    Pipeline sub = Steps.pipeline(inside, List.of());
    Counted run = new Counted(Steps.pipeline(Steps.pipeline("sub", sub, Map.of())));
    run.dispatch("sub");
    run.end("sub", new ActResult.Opened(Map.of()));

    for (int i = 0; i < 10_000; i++) {
      assertThat(run.complete("sub/s" + i)).isLessThanOrEqualTo(2 * TOUCHED_A_STEP);
    }

    assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void eachElementOfAListTouchesItsStepAndTheNextOne() {
    int most = 2_700;
    Counted run =
        started(
            List.of(
                Steps.code("each").forEach("list").parallel(2).build(),
                Steps.code("after").after("each").build()));
    run.dispatch("each");
    run.end("each", Elements.open(Collections.nCopies(most, "").toArray(String[]::new)));
    int touched = 0;
    for (int i = 1; i <= most; i++) {
      touched += run.complete("each/" + i);
    }
    run.complete("after");

    assertThat(touched).isLessThanOrEqualTo(most * (TOUCHED_A_STEP + 1));
    assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void tryingElementsAgainOneByOneLooksAtNoOthers() {
    int most = 2_700;
    Counted run =
        started(
            List.of(
                Steps.code("each").forEach("list").keep().build(), Steps.approval("ok").build()));
    run.dispatch("each");
    run.end("each", Elements.open(Collections.nCopies(most, "").toArray(String[]::new)));
    for (int i = 1; i <= most; i++) {
      run.dispatch("each/" + i);
      run.end("each/" + i, new ActResult.Failed(Trouble.of(Reason.ERROR, "no"), null, null));
    }

    for (int i = 1; i <= most; i++) {
      RunInput retry = new RunInput.Retry(Scenario.EPOCH, TaskId.of("each/" + i), Scenario.ANN);
      assertThat(run.feed(retry)).isLessThanOrEqualTo(TOUCHED_A_STEP);
    }

    assertThat(run.state.require(TaskId.of("each")).state).isEqualTo(TaskState.RETRYING);
  }

  private static Counted started(List<Step> steps) {
    return new Counted(Steps.pipeline(steps, List.of()));
  }

  /** A run that counts how many tasks a decision touched. */
  private static final class Counted {

    private final RunState state;

    Counted(Pipeline pipeline) {
      state = RunState.before(pipeline);
      feed(Scenario.startInput(Map.of("topic", Scenario.text("no"))));
    }

    int feed(RunInput input) {
      Decision.Accepted accepted;
      int touched;
      try (Trial trial = state.tryOut()) {
        accepted = (Decision.Accepted) new Deciding(state, trial, input).decide();
        touched = trial.changed();
      }
      accepted.events().forEach(state::apply);
      return touched;
    }

    int dispatch(String task) {
      return feed(new RunInput.Dispatch(Scenario.EPOCH, TaskId.of(task)));
    }

    int end(String task, ActResult result) {
      return feed(new RunInput.ActEnded(Scenario.EPOCH, TaskId.of(task), 1, result, 0.5));
    }

    int complete(String task) {
      return dispatch(task) + end(task, new ActResult.Done(Scenario.text("done"), null, null));
    }
  }
}
