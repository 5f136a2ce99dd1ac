package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Asking;
import dev.maestro.approval.Question;
import dev.maestro.approval.Shown;
import dev.maestro.failure.ErrorClass;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Verdict;
import dev.maestro.store.BlobId;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanStepTest {

  @Test
  void tasksOfAPhaseRunInParallelAndPhasesInOrder() {
    planned(Plans.inPhases(List.of("T001", "T002"), List.of("T003", "T004")))
        .ready("plan/T001", "plan/T002")
        .completes("plan/T002")
        .ready("plan/T001")
        .completes("plan/T001")
        .ready("plan/T003", "plan/T004");
  }

  @Test
  void stepsBehindThePlanWaitForAllOfItsTasks() {
    planned(Plans.inPhases(List.of("T001"), List.of("T002")))
        .is("after", PENDING)
        .completes("plan/T001")
        .completes("plan/T002")
        .ready("after")
        .completes("after")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void aTaskKnowsItsLine() {
    Scenario run = planned(Plans.inPhases(List.of("T001"), List.of("T002")));

    assertThat(run.run.task("plan/T002").item())
        .contains(new Item("T002", "do it", "src/A.java", "Phase 2: part 2", 2, 2));
    assertThat(run.run.task("plan/T002").step().id()).isEqualTo("line");
  }

  @Test
  void aFailedTaskOfThePlanBlocksLaterPhasesAndWhatIsBehindThePlan() {
    planned(Plans.inPhases(List.of("T001", "T002"), List.of("T003")))
        .dispatch("plan/T001")
        .fails("plan/T001", Scenario.trouble(ErrorClass.PERMANENT))
        .is("plan/T003", BLOCKED, Reason.DEPENDENCY_FAILED)
        .is("after", BLOCKED, Reason.DEPENDENCY_FAILED)
        .completes("plan/T002")
        .is(RunStatus.FAILED);
  }

  @Test
  void aReviewOfAPlanShowsWhatItsTasksMayComeTo() {
    Scenario run =
        started(
                Steps.withTemplate(
                    Steps.agent("line").attempts(2).budget(Budget.ofTokens(500)),
                    Steps.plan("plan", "line")))
            .work("plan")
            .acted("plan", Plans.of("T001", "T002"))
            .verifiedForReview(
                "plan", new Verdict.Ask(Reason.ESCALATED, "good?", Shown.of("the plan")));
    Shown shown = run.run.state().questions().iterator().next().shown();

    assertThat(shown.text())
        .startsWith(
            "After a yes, agents are launched by plan/T001, plan/T002: at most 4 launches, 1000"
                + " tokens as far as agents keep to their caps; unknown: usd.")
        .endsWith("the plan");
    assertThat(shown.hash()).isNotEqualTo(Shown.of("the plan").hash());
  }

  @Test
  void aReviewOfAPlanIsAskedAnewWhereAGrantLetsMoreFollowThanWasShown() {
    Oversight both = Oversight.NONE.asking(Asking.DEFAULT.quorum(2).within(Duration.ofHours(1)));
    Scenario run =
        started(
                Steps.withTemplate(
                    Steps.agent("line").attempts(2).budget(Budget.ofTokens(500)),
                    Steps.plan("plan", "line").budget(Budget.ofTokens(9_000)).oversight(both),
                    Steps.agent("behind").after("plan").budget(Budget.ofTokens(300))))
            .work("plan")
            .acted("plan", Plans.of("T001", "T002"))
            .verifiedForReview(
                "plan", new Verdict.Ask(Reason.ESCALATED, "good?", Shown.of("the plan")));
    Question first = asked(run);
    run.feed(grant(run, "plan"));
    assertThat(asked(run)).as("that says nothing about what follows").isEqualTo(first);
    run.feed(answer(run, first, first, Scenario.ANN));

    run.feed(grant(run, "behind"));

    run.run.foldAnew();
    Question second = asked(run);
    assertThat(first.shown().text()).contains(" 1300 tokens").endsWith("the plan");
    assertThat(second.shown().text()).contains(" 1400 tokens").endsWith("the plan");
    assertThat(second.shown().text()).doesNotContain("1300");
    assertThat(second.answering().approvedBy()).as("to something else").isEmpty();
    assertThat(second.answering().expiresAt()).isEqualTo(first.answering().expiresAt());
    run.refuses("unknown-question", answer(run, first, first, Scenario.ANN));
    run.refuses("stale", answer(run, second, first, Scenario.ANN));
    run.feed(answer(run, second, second, Scenario.ANN));
    run.feed(answer(run, second, second, Actor.of("bob"))).is("plan", VERIFIED);
  }

  private static Question asked(Scenario run) {
    return run.run.state().questions().iterator().next();
  }

  private static RunInput grant(Scenario run, String task) {
    return new RunInput.Grant(run.now, TaskId.of(task), Cap.ofTokens(100), Scenario.ANN);
  }

  private static RunInput answer(Scenario run, Question to, Question about, Actor who) {
    return new RunInput.GiveAnswer(run.now, to.id(), Answer.approve().to(about), who);
  }

  @Test
  void aPlanThatUsesAnIdTwiceIsAFailedAttempt() {
    acted(Plans.of("T001", "T001"))
        .is("plan", FAILED, Reason.INVALID_PLAN)
        .ready("plan")
        .work("plan")
        .acted("plan", Plans.of("T001"))
        .verified("plan")
        .ready("plan/T001");
  }

  @Test
  void aPlanWithoutTasksIsAFailedAttempt() {
    acted("I could not think of anything.").is("plan", FAILED, Reason.INVALID_PLAN);
  }

  @Test
  void aPlanThatIsCutOffIsAFailedAttempt() {
    acted("```tasks\n- [ ] T001: begin | File: a").is("plan", FAILED, Reason.INVALID_PLAN);
  }

  @Test
  void aPlanThatIsTooLargeForTheJournalIsAFailedAttempt() {
    Scenario run = plan().work("plan");

    run.feed(
            run.ended(
                "plan",
                1,
                new ActResult.Done(new Value.Stored(BlobId.of(new byte[0]), 9_000), null, null)))
        .is("plan", FAILED, Reason.OUTPUT_TOO_LARGE);
  }

  @Test
  void aPlanThatMergesAddsItsTasksOnceItIsMerged() {
    Scenario run =
        started(
                Steps.withTemplate(
                    Steps.code("line"),
                    Steps.plan("plan", "line").mergeInto("main"),
                    Steps.code("after").after("plan")))
            .work("plan")
            .acted("plan", Plans.of("T001"))
            .verified("plan");

    assertThat(run.run.state().task(TaskId.of("plan/T001"))).isEmpty();
    run.merges("plan").ready("plan/T001").completes("plan/T001").ready("after");
  }

  @Test
  void aPlanOfPlansHoldsTheNextPhaseUntilAllIsDone() {
    Scenario run =
        started(
                Steps.pipeline(
                    List.of(
                        Steps.plan("plan", "nested").build(),
                        Steps.code("after").after("plan").build()),
                    List.of(Steps.plan("nested", "line").build(), Steps.code("line").build())))
            .work("plan")
            .acted("plan", Plans.inPhases(List.of("T001"), List.of("T002")))
            .verified("plan");

    planned(run, "plan/T001").ready("plan/T001/T009").completes("plan/T001/T009");
    run.ready("plan/T002");
    planned(run, "plan/T002").completes("plan/T002/T009").ready("after");
  }

  @Test
  void aTaskWhoseLineDoesNotMeetTheConditionOfItsTemplateIsSkipped() {
    started(
            Steps.withTemplate(
                Steps.code("line").whenContains("item.id", "2"),
                Steps.plan("plan", "line"),
                Steps.code("after").after("plan")))
        .work("plan")
        .acted("plan", Plans.of("T001", "T002"))
        .verified("plan")
        .is("plan/T001", SKIPPED, Reason.CONDITION_FALSE)
        .ready("plan/T002");
  }

  private static Scenario planned(Scenario run, String task) {
    return run.work(task).acted(task, Plans.of("T009")).verified(task);
  }

  private static Scenario plan() {
    return started(
        Steps.withTemplate(
            Steps.code("line"),
            Steps.plan("plan", "line").attempts(2),
            Steps.code("after").after("plan")));
  }

  private static Scenario acted(String text) {
    return plan().work("plan").acted("plan", text);
  }

  private static Scenario planned(String text) {
    return acted(text).verified("plan");
  }
}
