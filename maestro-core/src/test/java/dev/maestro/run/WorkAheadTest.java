package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Budget;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Unit;
import dev.maestro.task.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What may follow a yes. */
class WorkAheadTest {

  private static final TaskId OK = TaskId.of("ok");
  private static final Budget TIGHT = Budget.ofTokens(1_000).perAttempt(Cap.ofTokens(400));

  private static WorkAhead ahead(Scenario run) {
    return WorkAhead.of(run.run.state().require(OK), run.run.state());
  }

  private static WorkAhead ahead(Steps... steps) {
    return ahead(Scenario.started(steps));
  }

  private static String digits(WorkAhead ahead, Unit unit) {
    return ahead.most().digits(unit);
  }

  // ------------------------------------------------------------------ what counts

  @Test
  void whatLaunchesNoAgentIsNotInIt() {
    WorkAhead ahead =
        ahead(Steps.approval("ok"), Steps.command("b").after("ok"), Steps.agent("beside"));

    assertThat(ahead.isNothing()).isTrue();
    assertThat(ahead.hash()).isNull();
  }

  @Test
  void anAttemptMayUseUpWhatIsPutAsideForItAndAllOfThemWhatTheirBudgetSays() {
    WorkAhead twice =
        ahead(Steps.approval("ok"), Steps.agent("a").after("ok").attempts(2).budget(TIGHT));
    WorkAhead often =
        ahead(Steps.approval("ok"), Steps.agent("a").after("ok").attempts(5).budget(TIGHT));

    assertThat(digits(twice, Unit.TOKENS)).isEqualTo("800");
    assertThat(digits(often, Unit.TOKENS)).isEqualTo("1000");
    assertThat(digits(often, Unit.LAUNCHES)).isEqualTo("5");
    assertThat(digits(often, Unit.MONEY)).isEqualTo("unknown");
  }

  @Test
  void whatIsFarBehindCountsToo() {
    WorkAhead ahead =
        ahead(
            Steps.approval("ok"),
            Steps.command("b").after("ok"),
            Steps.agent("c").after("b").budget(TIGHT));

    assertThat(ahead.tasks()).containsExactly(TaskId.of("c"));
    assertThat(digits(ahead, Unit.TOKENS)).isEqualTo("400");
  }

  @Test
  void aBudgetOfTheRunLimitsWhatNothingElseDoes() {
    Scenario run =
        Scenario.started(
            Steps.within(Budget.usd("2.00"), Steps.approval("ok"), Steps.agent("a").after("ok")));

    assertThat(digits(ahead(run), Unit.MONEY)).isEqualTo("2");
  }

  @Test
  void whatIsInsideATaskCountsAndSoDoesItsBudget() {
    Pipeline inside = Steps.within(Budget.ofTokens(500), Steps.agent("x"), Steps.agent("y"));
    WorkAhead ahead =
        ahead(Steps.approval("ok"), Steps.pipeline("sub", inside, Map.of()).after("ok"));

    assertThat(digits(ahead, Unit.LAUNCHES)).isEqualTo("2");
    assertThat(digits(ahead, Unit.TOKENS)).isEqualTo("500");
  }

  @Test
  void howMuchAListOrAPlanComesToIsUnknownUnlessABudgetLimitsIt() {
    Steps list = Steps.agent("each").after("ok").forEach("items");
    WorkAhead unlimited =
        ahead(Steps.code("l").output("items"), Steps.approval("ok").after("l"), list);
    WorkAhead limited =
        ahead(
            Steps.code("l").output("items"),
            Steps.approval("ok").after("l"),
            Steps.agent("each").after("ok").forEach("items").budget(Budget.ofTokens(900)));

    assertThat(digits(unlimited, Unit.LAUNCHES)).isEqualTo("unknown");
    assertThat(unlimited.text())
        .isEqualTo("After a yes, agents are launched by each; unknown: launches, tokens, usd.");
    assertThat(digits(limited, Unit.TOKENS)).isEqualTo("900");
  }

  @Test
  void longListsOfTasksAreCut() {
    List<Step> steps = new ArrayList<>(List.of(Steps.approval("ok").build()));
    for (int i = 0; i < 12; i++) {
      steps.add(Steps.agent("t" + i).after("ok").build());
    }
    Scenario run = Scenario.started(Steps.pipeline(steps, List.of()));

    assertThat(ahead(run).text()).contains("t8, t9 and 2 more: at most 12 launches;");
  }

  // ------------------------------------------------------------------ rules over many pipelines

  private static Budget budget(Random random, int each) {
    Budget budget = Budget.ofTokens(each * (1L + random.nextInt(4)));
    return random.nextBoolean() ? budget.perAttempt(Cap.ofTokens(each)) : budget;
  }

  private static Pipeline drawn(Random random) {
    List<Step> steps = new ArrayList<>(List.of(Steps.approval("ok").build()));
    int agents = 1 + random.nextInt(4);
    for (int i = 0; i < agents; i++) {
      Steps agent = Steps.agent("t" + i).attempts(1 + random.nextInt(3));
      String before = i == 0 || random.nextBoolean() ? "ok" : "t" + random.nextInt(i);
      steps.add(
          (random.nextInt(3) == 0 ? agent : agent.budget(budget(random, 100)))
              .after(before)
              .build());
    }
    return random.nextBoolean()
        ? Steps.pipeline(steps, List.of())
        : Steps.within(budget(random, 300), steps, List.of());
  }

  @Property(tries = 200)
  void launchesThatUseUpAllThatIsPutAsideForThemStayWithinIt(@ForAll Random random) {
    Scenario run = Scenario.started(drawn(random)).asks("ok");
    Bound most = ahead(run).most();
    run.approve("ok");

    for (String task = next(run); task != null; task = next(run)) {
      run.dispatch(task).intend(task);
      if (run.run.task(task).state() == TaskState.RUNNING
          || run.run.task(task).state() == TaskState.RETRYING) {
        launchDearly(run, task, random);
      }
    }
    for (Unit unit : Unit.values()) {
      if (most.knows(unit) && unit != Unit.TIME) {
        assertThat(unit.of(run.run.state().header.spent))
            .as("%s of %s", unit, most)
            .isLessThanOrEqualTo(most.most().get(unit));
      }
    }
  }

  private static String next(Scenario run) {
    return run.run.state().tasks().stream()
        .filter(Task::isReady)
        .map(task -> task.id().value())
        .findFirst()
        .orElse(null);
  }

  private static void launchDearly(Scenario run, String task, Random random) {
    Task launched = run.launch(task).run.task(task);
    long tokens = launched.reserved().tokens() == 0 ? 50 : launched.reserved().tokens();
    Usage used = Usage.of(tokens, 0, Money.ZERO);
    ActResult result =
        random.nextBoolean()
            ? new ActResult.Done(Scenario.text("x"), used, null)
            : new ActResult.Failed(Scenario.trouble(ErrorClass.TRANSIENT), used, null);
    run.feed(run.ended(task, launched.attempt(), result));
    if (run.run.task(task).state() == TaskState.TESTING) {
      run.verified(task);
    }
  }

  @Property(tries = 200)
  void aFurtherTaskNeverMakesItLess(@ForAll Random random) {
    Pipeline all = drawn(random);
    List<Step> fewer = all.steps().subList(0, all.steps().size() - 1);
    Pipeline without = new Pipeline("test", "1", "", fewer, List.of(), null, all.policies());
    WorkAhead more = ahead(Scenario.started(all));
    WorkAhead less = ahead(Scenario.started(without));

    assertThat(more.tasks()).containsAll(less.tasks());
    for (Unit unit : Unit.values()) {
      assertThat(!more.most().knows(unit) || less.most().knows(unit)).as("%s", unit).isTrue();
      if (more.most().knows(unit)) {
        assertThat(less.most().most().get(unit)).isLessThanOrEqualTo(more.most().most().get(unit));
      }
    }
  }
}
