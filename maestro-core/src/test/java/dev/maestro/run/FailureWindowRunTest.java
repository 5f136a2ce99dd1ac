package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.COMPLETED;
import static dev.maestro.task.TaskState.FAILED;
import static dev.maestro.task.TaskState.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Policies;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A run pauses when its attempts fail too fast: M4-19. */
class FailureWindowRunTest {

  private static final Policies WINDOW = Policies.NONE.failureWindow(FailureWindow.DEFAULT);

  private static Pipeline within(Policies policies, Steps... steps) {
    return new Pipeline(
        "test", "1", "", Stream.of(steps).map(Steps::build).toList(), List.of(), null, policies);
  }

  private static Steps again(String id) {
    return Steps.agent(id).attempts(9);
  }

  private static Scenario failing(String... tasks) {
    Scenario run = started(within(WINDOW, again("a"), again("b"), again("c")));
    for (String task : tasks) {
      run.work(task).fails(task);
    }
    return run;
  }

  private static List<Judgment> judgments(Scenario run) {
    return run.run.journal().stream()
        .filter(RunEvent.Judged.class::isInstance)
        .flatMap(event -> ((RunEvent.Judged) event).judgments().stream())
        .toList();
  }

  @Test
  void threeFailuresInAMinuteOfAnyTasksPauseTheRunUntilSomebodyResumesIt() {
    Scenario run = failing("a", "b");
    run.is(RunStatus.RUNNING).work("a").fails("a");

    run.is(RunStatus.PAUSED);
    assertThat(run.run.state().statusReason()).contains(Reason.CIRCUIT_OPEN);
    assertThat(judgments(run)).hasSize(1);
    assertThat(judgments(run).get(0).numbers().toString())
        .isEqualTo("failures 3, limit 3, seconds 60");
    run.wait(Duration.ofHours(1)).is(RunStatus.PAUSED);

    run.resume().is(RunStatus.RUNNING).completes("a").completes("b").completes("c");
    run.is(RunStatus.SUCCEEDED);
  }

  @Test
  void failuresThatLieFurtherApartDoNot() {
    Scenario run = failing("a", "b").wait(Duration.ofMinutes(1));

    run.work("a").fails("a").is(RunStatus.RUNNING);
    run.work("b").fails("b").is(RunStatus.RUNNING);
    run.work("c").fails("c").is(RunStatus.PAUSED);
  }

  @Test
  void whatIsAtWorkMayFinish() {
    Scenario run = failing("a", "b").work("c").work("a").fails("a").is(RunStatus.PAUSED);

    run.is("c", RUNNING).acted("c").verified("c").is("c", COMPLETED).is(RunStatus.PAUSED);
  }

  @Test
  void afterAResumptionItBeginsAnew() {
    Scenario run = failing("a", "b", "a").resume();

    run.work("a").fails("a").work("b").fails("b").is(RunStatus.RUNNING);
    run.work("c").fails("c").is(RunStatus.PAUSED);
  }

  @Test
  void aCrashForgetsNoFailure() {
    Scenario run = failing("a", "b").crashAndRecover();

    run.work("c").fails("c").is(RunStatus.PAUSED);
    run.crashAndRecover().is(RunStatus.PAUSED);
  }

  @Test
  void anEmptyQuotaAndTooManyRequestsPauseAtOnce() {
    Scenario fast = started(within(WINDOW, again("a"), again("b")));
    Trouble limited = new Trouble(Reason.RATE_LIMITED, ErrorClass.RATE_LIMITED, "slower", "", null);
    fast.work("a").fails("a", limited).is(RunStatus.PAUSED);
    assertThat(fast.run.state().statusReason()).contains(Reason.RATE_LIMITED);

    Scenario empty = started(within(WINDOW, again("a"), again("b")));
    Trouble quota =
        new Trouble(
            Reason.QUOTA_EXHAUSTED,
            ErrorClass.QUOTA_EXHAUSTED,
            "used up",
            "",
            empty.now.plusSeconds(60));
    empty.work("a").fails("a", quota).is(RunStatus.PAUSED);
    empty.wait(Duration.ofMinutes(2)).is(RunStatus.PAUSED);
  }

  @Test
  void gatesThatDoNotPassCountToo() {
    Scenario run = started(within(WINDOW, again("a").gated(), again("b")));
    for (int i = 0; i < 3; i++) {
      run.is(RunStatus.RUNNING).work("a").acted("a").gateFails("a");
    }

    run.is(RunStatus.PAUSED);
  }

  @Test
  void aStepWithAWindowOfItsOwnDoesNotCountForTheOthers() {
    FailureWindow two = new FailureWindow(2, Duration.ofMinutes(1));
    Scenario run =
        started(within(WINDOW, again("a").policies(Policies.NONE.failureWindow(two)), again("b")));

    run.work("a").fails("a").work("b").fails("b").work("b").fails("b").is(RunStatus.RUNNING);
    run.work("a").fails("a").is(RunStatus.PAUSED);
  }

  @Test
  void elementsOfAListCountTogether() {
    Steps each = Steps.agent("each").attempts(9).forEach("list").policies(WINDOW);
    Scenario run = started(within(Policies.NONE, each, again("b")));
    run.dispatch("each").feed(run.ended("each", 1, Elements.open("x", "y", "z")));

    run.work("each/1").fails("each/1").work("each/2").fails("each/2").is(RunStatus.RUNNING);
    run.work("each/3").fails("each/3").is(RunStatus.PAUSED);
  }

  @Test
  void whatEndsByItsFailuresIsNotPaused() {
    Scenario run = started(within(WINDOW, Steps.agent("a"), Steps.agent("b"), Steps.agent("c")));
    run.work("a").fails("a").work("b").fails("b").work("c").fails("c");

    run.is("c", FAILED).is(RunStatus.FAILED);
  }

  @Test
  void withoutAWindowNothingIsCounted() {
    Scenario run = started(within(Policies.NONE, again("a")));
    for (int i = 0; i < 5; i++) {
      run.work("a").fails("a");
    }

    run.is(RunStatus.RUNNING);
    assertThat(judgments(run)).isEmpty();
  }
}
