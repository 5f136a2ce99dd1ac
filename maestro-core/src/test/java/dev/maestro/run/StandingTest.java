package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Standing;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandingTest {

  private static Scenario gated() {
    return Scenario.started(Steps.command("a").gated().attempts(3), Steps.command("b").after("a"));
  }

  private static Standing standing(Scenario run, String task) {
    return run.run.state().standing(TaskId.of(task));
  }

  private static List<String> heads(Scenario run, String task) {
    return standing(run, task).heads();
  }

  /** Its program ends, and what it made is kept for its gates. */
  private static void makes(Scenario run, String task, String start) {
    run.dispatch(task).acted(task);
    keeps(run, task, start);
  }

  private static void keeps(Scenario run, String task, String start) {
    run.feed(
        new RunInput.KeepCheckpoint(
            new RunEvent.Checkpointed(
                run.now,
                TaskId.of(task),
                run.run.task(task).attempt(),
                new Checkpoint(start, "t0"),
                Scenario.checkpoint(task),
                1,
                List.of())));
  }

  @Test
  void whereNothingHasBegunNothingIsKnown() {
    assertThat(standing(gated(), "a")).isEqualTo(new Standing(null, List.of()));
    assertThat(standing(gated().dispatch("a"), "a")).isEqualTo(new Standing(null, List.of()));
  }

  @Test
  void whatARunStartsFromIsFixedOnceAndBeforeAnythingWorks() {
    Scenario run = gated();
    RunInput.Begin begin = new RunInput.Begin(run.now, new Checkpoint("c0", "t0"));

    run.feed(begin);
    run.feed(new RunInput.Begin(run.now, new Checkpoint("other", "t1")));
    makes(run, "a", "a lie");

    assertThat(standing(run, "a").start()).isEqualTo("c0");
    assertThat(run.run.state().start()).contains("c0");
    assertThat(standing(run, "b")).isEqualTo(new Standing("c0", List.of()));
  }

  @Test
  void whatIsBeingCheckedMayBeAcceptedAlready() {
    Scenario run = gated();
    makes(run, "a", "c0");

    assertThat(standing(run, "a")).isEqualTo(new Standing("c0", List.of("c0", "c-a")));
    run.gatesPass("a");
    assertThat(heads(run, "a")).containsExactly("c-a");
    assertThat(standing(run, "b")).isEqualTo(new Standing("c0", List.of()));
  }

  @Test
  void whatDidNotPassItsGatesIsNothingToStandOn() {
    Scenario run = gated();
    makes(run, "a", "c0");

    run.gateFails("a");

    assertThat(heads(run, "a")).containsExactly("c0");
  }

  @Test
  void whoseCheckWasCutOffMayHaveBeenAcceptedThoughItFailsTheNextTime() {
    Scenario run = gated();
    makes(run, "a", "c0");

    run.crashAndRecover().dispatch("a").gateFails("a");

    assertThat(heads(run, "a")).containsExactly("c0", "c-a");
  }

  @Test
  void whatSomebodyLooksAtIsAcceptedOnceThatIsRecorded() {
    Scenario run = gated();
    makes(run, "a", "c0");

    run.verifiedForReview("a", new Verdict.Ask(Reason.ESCALATED, "Is it good?"));
    assertThat(heads(run, "a")).containsExactly("c0", "c-a");
    run.approve("a");
    assertThat(heads(run, "a")).containsExactly("c0", "c-a");
    run.dispatch("a").accepts("a");
    assertThat(heads(run, "a")).containsExactly("c-a");
  }

  @Test
  void anAgentStandsOnWhatItIsLaunchedOn() {
    Scenario run = Scenario.started(Steps.agent("a"), Steps.agent("b")).work("a");

    assertThat(standing(run, "a")).isEqualTo(new Standing("c0", List.of("c0")));
    assertThat(standing(run, "b")).isEqualTo(new Standing("c0", List.of()));
  }

  @Test
  void aTaskThatIsReworkedStandsWhereItStoodAndWhatWasBuiltOnItOnNothing() {
    Scenario run =
        Scenario.started(
            Steps.command("a"), Steps.command("b").after("a"), Steps.approval("ok").after("b"));
    makes(run, "a", "c0");
    run.verified("a");
    makes(run, "b", "c-a");
    run.verified("b").asks("ok");
    assertThat(heads(run, "b")).containsExactly("c-b");

    run.rework("a");

    assertThat(heads(run, "a")).containsExactly("c-a");
    assertThat(heads(run, "b")).isEmpty();
  }

  @Test
  void aRunThatIsFoldedAnewKnowsTheSame() {
    Scenario run = gated();
    makes(run, "a", "c0");
    Standing before = standing(run, "a");

    run.run.foldAnew();

    assertThat(standing(run, "a")).isEqualTo(before);
  }
}
