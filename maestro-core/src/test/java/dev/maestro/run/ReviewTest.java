package dev.maestro.run;

import static dev.maestro.run.Scenario.ANN;
import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Asking;
import dev.maestro.approval.Question;
import dev.maestro.approval.Shown;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Tiers;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.Risk;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Work that somebody looks at before it is accepted, and questions that want more than one yes. */
class ReviewTest {

  private static final Verdict.Ask REVIEW =
      new Verdict.Ask(Reason.ESCALATED, "is it good?", Shown.of("a diff"));
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Oversight TWO =
      Oversight.NONE.asking(Asking.DEFAULT.quorum(2)).risk(Risk.HIGH);

  private static Scenario reviewed(Steps step) {
    return started(step, Steps.code("b").after("a"))
        .work("a")
        .acted("a")
        .verifiedForReview("a", REVIEW);
  }

  // ------------------------------------------------------------------ reviews

  @Test
  void workIsReadyForReviewAfterItsGatesAndNothingBehindItBegins() {
    Scenario run = reviewed(Steps.agent("a"));

    run.is("a", READY_FOR_REVIEW, Reason.GATES_PASSED).is(RunStatus.WAITING).ready();
    Question question = run.run.state().questions().iterator().next();
    assertThat(question.kind()).isEqualTo(Question.Kind.REVIEW);
    assertThat(question.shown()).isEqualTo(REVIEW.shown());
    assertThat(run.run.task("a").receipts()).hasSize(1);
  }

  @Test
  void afterAYesItIsAcceptedAndOnlyThenCounts() {
    Scenario run = reviewed(Steps.agent("a")).approve("a");

    run.is("a", VERIFIED, Reason.APPROVED).ready("a");
    run.run.foldAnew();
    run.dispatch("a").commands(new RunCommand.Integrate(TaskId.of("a"), 1));
    run.accepts("a").is("a", COMPLETED, Reason.APPROVED).ready("b");
    assertThat(run.run.task("a").evidence()).isEqualTo(Evidence.PERSON);
    assertThat(run.run.task("a").carried()).containsExactly(Scenario.checkpoint("a"));
  }

  @Test
  void aReviewAndAMergeAreOneAfterTheOther() {
    reviewed(Steps.agent("a").mergeInto("main"))
        .approve("a")
        .dispatch("a")
        .preparesMerge("a")
        .merges("a")
        .is("a", COMPLETED, Reason.MERGED);
  }

  @Test
  void changesThatAreRequestedReachTheNextAttemptWhichIsReviewedToo() {
    Scenario run = reviewed(Steps.agent("a").attempts(2)).changes("a", "shorter");

    run.is("a", READY_FOR_REVIEW).ready("a").work("a").attempt("a", 2);
    run.is("a", RETRYING, Reason.CHANGES_REQUESTED);
    assertThat(run.run.task("a").feedback()).contains(new Feedback("shorter", ANN));
    assertThat(run.run.task("a").isReviewed()).isFalse();
    run.acted("a").verifiedForReview("a", REVIEW).approve("a").dispatch("a").accepts("a");
    run.completes("b").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aNoFailsItAndWhatIsBehindIt() {
    reviewed(Steps.agent("a")).reject("a").is("a", FAILED, Reason.REJECTED).is("b", CANCELLED);
  }

  @Test
  void aCancelledRunIsReviewedByNobody() {
    Scenario run = reviewed(Steps.agent("a")).cancel().is("a", CANCELLED);

    assertThat(run.run.state().questions()).isEmpty();
  }

  @Test
  void whatCodeReturnedIsReviewedWhereTheStepWantsIt() {
    Scenario run =
        started(Steps.code("a").oversight(Oversight.NONE.reviewed()), Steps.code("b").after("a"))
            .dispatch("a")
            .acted("a", "forty-two");

    run.is("a", READY_FOR_REVIEW);
    Question question = run.run.state().questions().iterator().next();
    assertThat(question.shown()).isEqualTo(Shown.of("forty-two"));
    run.approve("a").dispatch("a").accepts("a").completes("b").is(RunStatus.SUCCEEDED);
  }

  @Test
  void codeOfTheUsualTiersIsReviewedBecauseNothingTestsIt() {
    started(Steps.code("a").oversight(Oversight.NONE.tiers(Tiers.USUAL).risk(Risk.LOW)))
        .dispatch("a")
        .acted("a")
        .is("a", READY_FOR_REVIEW);
    started(Steps.code("a").oversight(Oversight.NONE.tiers(Tiers.MAJOR).risk(Risk.LOW)))
        .dispatch("a")
        .acted("a")
        .is("a", COMPLETED);
  }

  // ------------------------------------------------------------------ time and number

  @Test
  void silenceIsNo() {
    Oversight hour = Oversight.NONE.asking(Asking.DEFAULT.within(HOUR));
    Scenario run = started(Steps.approval("ok").oversight(hour), Steps.code("b").after("ok"));
    run.asks("ok").is(RunStatus.WAITING);

    assertThat(run.run.state().nextWake()).contains(run.now.plus(HOUR));
    assertThat(run.run.state().needsSomebody()).as("only people can make it good").isTrue();
    run.wait(HOUR.minusSeconds(1)).is("ok", AWAITING_APPROVAL);
    run.run.foldAnew();
    run.wait(Duration.ofSeconds(1)).is("ok", FAILED, Reason.EXPIRED).is(RunStatus.FAILED);
    RunEvent.Answered answered = (RunEvent.Answered) run.last.events().get(0);
    assertThat(answered.actor()).isEqualTo(Actor.MAESTRO);
    assertThat(answered.answer().isApproval()).isFalse();
  }

  @Test
  void whileTheRunStandsStillSilenceSaysNothing() {
    Oversight hour = Oversight.NONE.asking(Asking.DEFAULT.within(HOUR));
    Scenario run = started(Steps.approval("ok").oversight(hour)).asks("ok");
    run.wait(Duration.ofMinutes(20)).feed(new RunInput.Stop(run.now, "", ANN));
    assertThat(run.run.state().nextWake()).isEmpty();
    run.wait(Duration.ofHours(1)).feed(new RunInput.Explain(run.now, "fire", ANN));
    run.wait(Duration.ofHours(4)).is("ok", AWAITING_APPROVAL).resume();
    run.run.foldAnew();

    assertThat(run.run.state().nextWake()).contains(run.now.plus(Duration.ofMinutes(40)));
    run.wait(Duration.ofMinutes(39)).is("ok", AWAITING_APPROVAL);
    run.wait(Duration.ofMinutes(1)).is("ok", FAILED, Reason.EXPIRED);
  }

  @Test
  void aPersonMayAnswerWhileTheRunStandsStill() {
    Oversight hour = Oversight.NONE.asking(Asking.DEFAULT.within(HOUR));
    Scenario run = started(Steps.approval("ok").oversight(hour)).asks("ok").pause();

    run.wait(HOUR).approve("ok").is("ok", COMPLETED);
  }

  @Test
  void anAnswerThatComesTooLateIsStale() {
    Oversight hour = Oversight.NONE.asking(Asking.DEFAULT.within(HOUR));
    Scenario run = started(Steps.approval("ok").oversight(hour)).asks("ok");
    run.now = run.now.plus(HOUR);

    run.refuses("stale", run.answered("ok", Answer.approve(), ANN));
  }

  @Test
  void aReviewThatNobodyMakesInTimeIsNo() {
    Oversight hour = Oversight.NONE.asking(Asking.DEFAULT.within(HOUR));
    reviewed(Steps.agent("a").oversight(hour)).wait(HOUR).is("a", FAILED, Reason.EXPIRED);
  }

  @Test
  void aQuorumIsOfDifferentPeople() {
    Scenario run = started(Steps.approval("ok").oversight(TWO)).asks("ok").approve("ok");

    run.is("ok", AWAITING_APPROVAL)
        .refuses("not-allowed", run.answered("ok", Answer.approve(), ANN));
    Question question = run.run.state().questions().iterator().next();
    assertThat(question.answering().approvedBy()).containsExactly(ANN);
    assertThat(question.risk()).isEqualTo(Risk.HIGH);
    run.run.foldAnew();
    run.feed(run.answered("ok", Answer.approve(), Actor.of("ben"))).is("ok", COMPLETED);
  }

  @Test
  void oneNoIsEnoughWhateverTheQuorum() {
    started(Steps.approval("ok").oversight(TWO))
        .asks("ok")
        .approve("ok")
        .reject("ok")
        .is("ok", FAILED);
  }

  @Test
  void aStepThatWaitsForAClaimIsBegunByNobodyElse() {
    Scenario run = started(Steps.agent("a").oversight(Oversight.NONE.byClaim()));

    run.ready().is(RunStatus.WAITING);
    run.refuses("stale", new RunInput.Dispatch(run.now, TaskId.of("a")));
    run.feed(new RunInput.Claim(run.now, TaskId.of("a"), ANN, run.now.plus(HOUR))).wait(HOUR);
    run.ready().feed(new RunInput.Claim(run.now, TaskId.of("a"), ANN, run.now.plus(HOUR)));
    run.feed(
        new RunInput.Deliver(
            new RunEvent.Delivered(run.now, TaskId.of("a"), 2, null, Usage.NONE, null)));
    run.ready("a").dispatch("a").acted("a").verified("a").is(RunStatus.SUCCEEDED);
  }
}
