package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.run.RunInput.ActResult;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A whole run costs O(tasks + dependencies); counted in task changes, not in seconds. */
class RunCostTest {

  private static final int MANY = 100_000;
  // Dispatched, Acted and its three moves change the task itself, the move to VERIFIED what is next
  private static final int CHANGES_A_STEP = 8;

  @Test
  void aChainOfAHundredThousandStepsTouchesAFewTasksAStep() {
    List<Step> steps = new ArrayList<>();
    steps.add(Steps.code("s0").build());
    for (int i = 1; i < MANY; i++) {
      steps.add(Steps.code("s" + i).after("s" + (i - 1)).build());
    }

    Counted run = started(steps);
    for (int i = 0; i < MANY; i++) {
      assertThat(run.complete("s" + i)).isLessThanOrEqualTo(CHANGES_A_STEP);
    }

    assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aFanOutOfAHundredThousandStepsTouchesEachDependencyOnce() {
    List<Step> steps = new ArrayList<>();
    steps.add(Steps.code("root").build());
    IntStream.range(0, MANY).forEach(i -> steps.add(Steps.code("s" + i).after("root").build()));
    steps.add(
        Steps.code("join")
            .after(IntStream.range(0, MANY).mapToObj(i -> "s" + i).toArray(String[]::new))
            .build());

    Counted run = started(steps);
    assertThat(run.complete("root")).isBetween(MANY, MANY + CHANGES_A_STEP);
    for (int i = 0; i < MANY; i++) {
      assertThat(run.complete("s" + i)).isLessThanOrEqualTo(CHANGES_A_STEP);
    }
    run.complete("join");

    assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void aChainOfSkippedStepsIsSkippedInOneDecisionWithoutRecursion() {
    List<Step> steps = new ArrayList<>();
    steps.add(Steps.code("s0").whenContains("topic", "yes").build());
    for (int i = 1; i < MANY; i++) {
      steps.add(Steps.code("s" + i).after("s" + (i - 1)).build());
    }

    assertThat(started(steps).state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void conditionsAndQuestionsCostTheSameHoweverManyThereAre() {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      steps.add(Steps.code("s" + i).output("o" + i).build());
      steps.add(Steps.approval("q" + i).after("s" + i).whenContains("o" + i, "done").build());
    }

    Counted run = started(steps);
    for (int i = 0; i < 30_000; i++) {
      run.complete("s" + i);
      run.feed(new RunInput.Ask(Scenario.EPOCH, TaskId.of("q" + i), "sure?"));
    }

    assertThat(run.state.questions()).hasSize(30_000);
    assertThat(run.state.status()).isEqualTo(RunStatus.WAITING);
  }

  @Test
  void failuresInFrontOfALongChainBlockItOnce() {
    int each = 5_000;
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
      assertThat(touched).isLessThanOrEqualTo(i == 0 ? each + CHANGES_A_STEP : CHANGES_A_STEP);
    }
    int touched = 0;
    for (int i = 0; i < each; i++) {
      RunInput retry = new RunInput.Retry(Scenario.EPOCH, TaskId.of("f" + i), Scenario.ANN);
      touched += run.feed(retry);
    }

    assertThat(touched).isLessThanOrEqualTo(each * 2 + CHANGES_A_STEP);
    assertThat(run.state.require(TaskId.of("c4999")).state).isEqualTo(TaskState.PENDING);
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
    run.state.apply(new RunEvent.TasksAdded(Scenario.EPOCH, plan, "line", added));
    run.feed(
        new RunInput.VerifyEnded(
            Scenario.EPOCH,
            plan,
            1,
            new RunInput.VerifyResult(null, 0, List.of(), List.of(), null, null),
            0.5));
    for (int i = 0; i < 10_000; i++) {
      assertThat(run.complete("plan/T" + i)).isLessThanOrEqualTo(CHANGES_A_STEP);
    }
    run.complete("plan/T001");
    run.complete("after");

    assertThat(run.state.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  private static Counted started(List<Step> steps) {
    return new Counted(Steps.pipeline(steps, List.of()));
  }

  /** A run that counts how often a decision put a task. */
  private static final class Counted {

    private final RunState state;

    Counted(Pipeline pipeline) {
      state = RunState.before(pipeline);
      feed(Scenario.startInput(Map.of("topic", Scenario.text("no"))));
    }

    int feed(RunInput input) {
      Decision.Accepted accepted;
      int changes;
      try (RunState.Trial trial = state.tryOut()) {
        accepted = (Decision.Accepted) new Deciding(state, trial).on(input);
        changes = trial.size();
      }
      accepted.events().forEach(state::apply);
      return changes;
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
