package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.policy.Verdict;
import dev.maestro.task.Actor;
import dev.maestro.task.Priority;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A person gives up what stands still. */
class GiveUpTest {

  private static final Verdict GONE = new Verdict.Refuse(Reason.PROVIDER_MISSING, "gone", true);

  private static Steps[] two() {
    return new Steps[] {Steps.agent("a"), Steps.agent("b").after("a"), Steps.agent("x")};
  }

  private static RunInput giveUp(Scenario run, String task) {
    return new RunInput.GiveUp(run.now, TaskId.of(task), "", Scenario.ANN);
  }

  @Test
  void itFailsWithWhatWaitsForItAndTheOthersGoOn() {
    Scenario run = started(two()).dispatch("a").stopped("a", GONE).giveUp("a");

    run.is("a", FAILED, Reason.REJECTED).is("b", BLOCKED, Reason.DEPENDENCY_FAILED);
    assertThat(run.run.task("a").detail()).contains("given up by ann: no use");
    run.completes("x").is(RunStatus.FAILED);
  }

  @Test
  void itCanBeTakenUpAgain() {
    Scenario run = started(two()).dispatch("a").stopped("a", GONE).giveUp("a").retry("a");

    run.is("b", PENDING).completes("a").completes("b").completes("x").is(RunStatus.SUCCEEDED);
  }

  @Test
  void whatWasStoppedIsNotGoneOnWith() {
    Scenario run = started(two()).work("a").stop().giveUp("a").is("a", FAILED).resume();

    run.ready("x").completes("x").is(RunStatus.FAILED);
  }

  @Test
  void whatACrashInterruptedIsNotGoneOnWith() {
    Scenario run = started(two()).work("a").crash().giveUp("a");
    run.feed(new RunInput.Recover(run.now));

    run.is("a", FAILED).ready("x");
  }

  @Test
  void itsLaunchCountsAsWhatWasPutAside() {
    Scenario run = started(two()).work("a").crash();
    boolean presumed = run.run.task("a").usage().presumed();

    assertThat(presumed).isTrue();
    assertThat(run.giveUp("a").run.task("a").usage().presumed()).isTrue();
  }

  @Test
  void whatGoesOnByItselfIsNotGivenUp() {
    Scenario run = started(two());

    run.refuses("not-allowed", giveUp(run, "a")).refuses("not-allowed", giveUp(run, "b"));
    run.work("a").refuses("not-allowed", giveUp(run, "a"));
    run.fails("a").refuses("not-allowed", giveUp(run, "a"));
    run.refuses("not-allowed", giveUp(run, "b")).refuses("unknown-task", giveUp(run, "z"));
  }

  @Test
  void whatMayHaveBeenMergedIsNotGivenUp() {
    Scenario run = started(Steps.agent("a").mergeInto("main"), Steps.agent("x"));
    run.work("a").acted("a").verified("a").preparesMerge("a").stop();

    run.is("a", PAUSED).refuses("not-allowed", giveUp(run, "a"));
  }

  @Test
  void whatHasOthersInsideIsNotGivenUpButTheyAre() {
    Scenario run =
        started(
            Steps.pipeline("sub", Steps.pipeline(Steps.agent("in")), Map.of()), Steps.agent("x"));
    run.dispatch("sub").feed(run.ended("sub", 1, new ActResult.Opened(Map.of())));
    run.dispatch("sub/in").stopped("sub/in", GONE);

    run.refuses("not-allowed", giveUp(run, "sub"));
    run.giveUp("sub/in").is("sub/in", FAILED).is("sub", FAILED);
  }

  @Test
  void onlyTheOwnersSideGivesUp() {
    Actor desk = Actor.of("desk");
    Scenario run = Scenario.of(two());
    run.feed(Scenario.startInput(Map.of(), new Terms(Priority.DEFAULT, null).owner(desk)));
    run.dispatch("a").stopped("a", GONE);

    run.refuses("not-allowed", giveUp(run, "a"));
    run.feed(new RunInput.GiveUp(run.now, TaskId.of("a"), "", desk)).is("a", FAILED);
  }
}
