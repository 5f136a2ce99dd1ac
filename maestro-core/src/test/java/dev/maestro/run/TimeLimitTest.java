package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.task.Priority;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeLimitTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void aRunThatDoesNotEndInTimeFailsAndWhatIsAtWorkIsCancelled() {
    Scenario run = Scenario.of(Steps.agent("a"), Steps.agent("b").after("a")).startWithin(HOUR);
    run.work("a").wait(HOUR);

    run.is(RunStatus.FAILED).is("a", TaskState.CANCELLED).is("b", TaskState.CANCELLED);
    assertThat(run.run.state().statusReason()).contains(Reason.TIMEOUT);
    assertThat(run.run.state().statusDetail())
        .contains("the run did not end within its time limit of PT1H");
    assertThat(run.run.state().usage().presumed()).as("the launch is not paid yet").isTrue();
  }

  @Test
  void whatALaunchHadUsedUpIsRecordedAfterTheLimitToo() {
    Scenario run = Scenario.of(Steps.agent("a")).startWithin(HOUR).work("a").wait(HOUR);
    run.acted("a");

    run.is("a", TaskState.CANCELLED);
    assertThat(run.run.state().usage()).isEqualTo(Scenario.CENT);
  }

  @Test
  void workThatWasAcceptedStaysSo() {
    Steps merging = Steps.agent("b").mergeInto("main");
    Scenario run = Scenario.of(Steps.agent("a"), merging).startWithin(HOUR);
    run.completes("a").work("b").acted("b").verified("b").wait(HOUR);

    run.is(RunStatus.FAILED).is("a", TaskState.COMPLETED).is("b", TaskState.VERIFIED);
  }

  @Test
  void aRunThatEndsInTimeIsNotTouched() {
    Scenario run = Scenario.of(Steps.agent("a")).startWithin(HOUR).completes("a");

    run.is(RunStatus.SUCCEEDED).refuses("run-over", new RunInput.TimeCame(run.now.plus(HOUR)));
    assertThat(run.run.state().nextWake()).isEmpty();
  }

  @Test
  void timeThatComesBeforeTheDeadlineEndsNothing() {
    Scenario run = Scenario.of(Steps.agent("a")).startWithin(HOUR).work("a");

    run.wait(HOUR.minusNanos(1)).is(RunStatus.RUNNING).wait(Duration.ofNanos(1));
    run.is(RunStatus.FAILED);
  }

  @Test
  void aPauseDoesNotPutTheDeadlineOff() {
    Scenario run = Scenario.of(Steps.agent("a")).startWithin(HOUR).pause().wait(HOUR);

    run.is(RunStatus.FAILED).is("a", TaskState.CANCELLED);
  }

  @Test
  void aQuestionDoesNotPutTheDeadlineOffButNeedsSomebodyUntilThen() {
    Scenario run = Scenario.of(Steps.approval("a")).startWithin(HOUR).asks("a");
    assertThat(run.run.state().needsSomebody()).isTrue();
    assertThat(run.run.state().nextWake()).contains(Scenario.EPOCH.plus(HOUR));

    run.wait(HOUR).is(RunStatus.FAILED).is("a", TaskState.CANCELLED);
    assertThat(run.run.state().questions()).isEmpty();
  }

  @Test
  void theDeadlineIsAsDurableAsTheRun() {
    Scenario run = Scenario.of(Steps.agent("a").attempts(2)).startWithin(HOUR).work("a").crash();
    assertThat(run.run.state().nextWake()).contains(Scenario.EPOCH.plus(HOUR));

    run.wait(HOUR).is(RunStatus.FAILED).is("a", TaskState.CANCELLED);
  }

  @Test
  void theEarlierOfABackOffAndTheDeadlineComesFirst() {
    Steps a = Steps.agent("a").attempts(2).backoff(MINUTE);
    Scenario run = Scenario.of(a).startWithin(HOUR).work("a").fails("a");
    assertThat(run.run.state().nextWake()).contains(Scenario.EPOCH.plus(MINUTE));

    run.wait(MINUTE);
    assertThat(run.run.state().nextWake()).contains(Scenario.EPOCH.plus(HOUR));
  }

  @Test
  void thePipelinesLimitHoldsUnlessTheRunHasItsOwn() {
    List<Step> steps = List.of(Steps.agent("a").build());
    Pipeline pipeline = new Pipeline("test", "1", "", steps, List.of(), HOUR);

    assertThat(Scenario.started(pipeline).run.state().deadline())
        .contains(Scenario.EPOCH.plus(HOUR));
    assertThat(Scenario.of(pipeline).startWithin(MINUTE).run.state().deadline())
        .contains(Scenario.EPOCH.plus(MINUTE));
  }

  @Test
  void aLimitIsLongerThanNothingAndNoLongerThanTenYears() {
    for (Duration limit : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(3_661))) {
      assertThatThrownBy(() -> new Terms(Priority.DEFAULT, limit))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a time limit must be longer than nothing and at most 3660 days");
    }
  }

  @Test
  void aRunOfAnEarlierReleaseHasNoDeadlineAndTheUsualPriority() {
    Scenario run = Scenario.started(Steps.agent("a"));

    assertThat(run.run.state().started().terms()).isEqualTo(Terms.DEFAULT);
    assertThat(run.run.state().task(TaskId.of("a"))).isPresent();
    assertThat(run.feed(new RunInput.TimeCame(run.now.plus(HOUR))).last.events()).isEmpty();
  }
}
