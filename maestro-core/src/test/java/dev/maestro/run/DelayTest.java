package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DelayTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static Steps delayed(String id) {
    return Steps.agent(id).delay(MINUTE);
  }

  @Test
  void aStepWithADelayWaitsItOutAfterWhatItWaitsFor() {
    Scenario run = Scenario.started(Steps.agent("a"), delayed("b").after("a"));
    run.is("b", TaskState.PENDING).completes("a");

    run.is("b", TaskState.PAUSED, Reason.DELAYED).is(RunStatus.WAITING).ready();
    assertThat(run.run.task("b").until()).contains(run.now.plus(MINUTE));
    run.commands(new RunCommand.Wait(TaskId.of("b"), run.now.plus(MINUTE)));
    run.wait(MINUTE.minusNanos(1)).is("b", TaskState.PAUSED);

    run.wait(Duration.ofNanos(1)).is("b", TaskState.PENDING).is(RunStatus.RUNNING).ready("b");
    run.completes("b").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aStepThatWaitsForNothingIsDelayedFromTheStart() {
    Scenario run = Scenario.started(delayed("a"));

    run.is("a", TaskState.PAUSED).wait(MINUTE).ready("a").completes("a").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aStepThatOnlyWaitsTakesNoSlotAndNeedsNobody() {
    Scenario run =
        Scenario.started(
            Steps.agent("a"), Steps.waiting("w", MINUTE).after("a"), Steps.agent("b").after("w"));
    run.completes("a").is("w", TaskState.PAUSED).wait(MINUTE);

    run.is("w", TaskState.COMPLETED, Reason.SUCCEEDED).ready("b");
    assertThat(run.run.state().bases(TaskId.of("b")))
        .as("passes on what it waited for")
        .containsExactly(Scenario.checkpoint("a"));
  }

  @Test
  void whetherAStepRunsIsDecidedBeforeItsDelay() {
    Scenario run =
        Scenario.of(Steps.agent("a").output("x"), delayed("b").after("a").whenContains("x", "yes"))
            .start(Map.of());
    run.dispatch("a").intend("a").launch("a").acted("a", "no").verified("a");

    run.is("b", TaskState.SKIPPED).is(RunStatus.SUCCEEDED);
  }

  @Test
  void aPredicateIsAskedBeforeTheDelayAndOnlyOnce() {
    Scenario run = Scenario.started(delayed("a").whenPredicate());
    run.is("a", TaskState.PENDING).ready("a");
    run.refuses("not-allowed", new RunInput.Dispatch(run.now, TaskId.of("a")));
    run.feed(new RunInput.Delay(run.now, TaskId.of("a"))).is("a", TaskState.PAUSED);

    run.wait(MINUTE).ready("a");
    assertThat(run.run.task("a").isDelayOver()).isTrue();
    run.refuses("not-allowed", new RunInput.Delay(run.now, TaskId.of("a"))).dispatch("a");
  }

  @Test
  void aPredicateThatSaysNoSkipsWithoutADelay() {
    Scenario.started(Steps.waiting("a", MINUTE).whenPredicate())
        .ready("a")
        .skip("a")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void anApprovalIsAskedForAfterItsDelay() {
    Scenario run = Scenario.started(Steps.approval("a").delay(MINUTE));
    run.refuses("stale", new RunInput.Ask(run.now, TaskId.of("a"), "now?"));

    run.wait(MINUTE).asks("a").approve("a").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aFurtherAttemptIsNotDelayed() {
    Scenario run = Scenario.started(delayed("a").attempts(2));
    run.wait(MINUTE).work("a").fails("a");

    run.ready("a").work("a").acted("a").verified("a").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aDelayIsAsDurableAsTheRun() {
    Scenario run = Scenario.started(delayed("a"));
    run.crashAndRecover().is("a", TaskState.PAUSED);
    assertThat(run.run.state().nextWake()).contains(Scenario.EPOCH.plus(MINUTE));

    run.wait(MINUTE).crashAndRecover().ready("a").completes("a").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aDelayGoesOnWhileTheRunIsPausedButNothingStarts() {
    Scenario run = Scenario.started(delayed("a")).pause().wait(MINUTE);
    run.is("a", TaskState.PENDING).is(RunStatus.PAUSED);
    run.refuses("not-allowed", new RunInput.Dispatch(run.now, TaskId.of("a")));

    run.resume().ready("a").dispatch("a");
  }

  @Test
  void resumingDoesNotCutADelayShort() {
    Scenario run = Scenario.started(delayed("a")).pause().resume();

    run.is("a", TaskState.PAUSED, Reason.DELAYED).ready();
  }

  @Test
  void theTasksOfAPlanAreDelayedToo() {
    Scenario run =
        Scenario.started(Steps.withTemplate(delayed("line"), Steps.plan("plan", "line")));
    run.work("plan").acted("plan", Plans.of("T001")).verified("plan");

    run.is("plan/T001", TaskState.PAUSED).wait(MINUTE).ready("plan/T001");
  }

  @Test
  void cancellingEndsADelay() {
    Scenario run = Scenario.started(delayed("a")).cancel();

    run.is("a", TaskState.CANCELLED).is(RunStatus.CANCELLED);
    assertThat(run.run.state().nextWake()).isEmpty();
  }
}
