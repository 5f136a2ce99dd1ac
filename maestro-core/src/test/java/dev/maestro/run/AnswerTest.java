package dev.maestro.run;

import static dev.maestro.run.Scenario.ANN;
import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Asking;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.approval.Shown;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Priority;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerTest {

  private static final Actor DESK = Actor.of("desk");
  private static final Actor BEN = Actor.of("desk/ben");
  private static final Verdict.Ask ONE_FILE = ask("one file");
  private static final Verdict.Ask TWO_FILES = ask("two files");

  private static final Shown DIFF = Shown.of("a.txt | 1 +");

  private static Verdict.Ask ask(String diff) {
    return new Verdict.Ask(Reason.GUARDRAIL_BLOCKED, "may it?", Shown.of(diff));
  }

  private static Scenario asking() {
    return started(Steps.agent("a").attempts(2)).dispatch("a").stopped("a", ONE_FILE);
  }

  private static Question question(Scenario run, String task) {
    return run.run.state().tasks.question(run.question(task)).orElseThrow();
  }

  // ------------------------------------------------------------------ bound to what was shown

  @Test
  void aYesToWhatIsShownIsTaken() {
    Scenario run = asking();

    run.answer("a", Answer.approve().to(question(run, "a"))).work("a").attempt("a", 1);
  }

  @Test
  void aYesToSomethingElseIsStaleAndChangesNothing() {
    Scenario run = asking();
    Answer other = new Answer(Answer.Decision.APPROVE, "", Shown.of("two files").hash());
    String before = Dump.of(run.run.state());

    run.refuses("stale", run.answered("a", other, ANN));
    assertThat(Dump.of(run.run.state())).isEqualTo(before);
    run.refuses("stale", run.answered("a", new Answer(Answer.Decision.REJECT, "", "x"), ANN));
    run.approve("a").work("a");
  }

  @Test
  void anApprovalStepShowsWhatWasMadeBeforeAndIsBoundToIt() {
    Scenario run = started(Steps.agent("a").output("plan"), Steps.approval("ok").after("a"));
    run.work("a").acted("a", "three steps").gatesPass("a").asks("ok");
    Question asked = question(run, "ok");

    assertThat(asked.shown().text())
        .isEqualTo(
            "a: 2 files changed, in checkpoint c-a; passed: true; used 110 tokens, 0.01 usd\n"
                + "  three steps");
    assertThat(asked.hash())
        .isEqualTo(Shown.of("", List.of("go on with ok?", "a", "t-a", "three steps")).hash());
    Answer toTheText = new Answer(Answer.Decision.APPROVE, "", Shown.of(asked.text()).hash());
    run.refuses("stale", run.answered("ok", toTheText, ANN));
    run.answer("ok", Answer.approve().to(asked)).is(RunStatus.SUCCEEDED);
  }

  @Test
  void anApprovalStepShowsWhatHasChangedAndIsBoundToAllOfIt() {
    Scenario run = started(Steps.agent("a"), Steps.approval("ok").after("a")).completes("a");
    String lines = "+a line\n".repeat(Shown.LONGEST);
    Shown diff = Shown.of(lines, List.of("t0", "t-a"));
    run.feed(new RunInput.Ask(run.now, TaskId.of("ok"), "go on?", diff));
    Question asked = question(run, "ok");

    assertThat(asked.shown().text()).contains("in checkpoint c-a", "+a line").endsWith("…");
    assertThat(asked.shown().text()).hasSize(Shown.LONGEST);
    assertThat(asked.hash())
        .isEqualTo(Shown.of("", List.of("go on?", "a", "t-a", "done", diff.hash())).hash());
    assertThat(run.run.task("ok").agreedMerge()).as("it merges nothing").isEmpty();
  }

  @Test
  void anApprovalStepThatMergesRemembersTheMergeThatItShowed() {
    Steps ok = Steps.approval("ok").after("a").mergeInto("main");
    Scenario run = started(Steps.agent("a"), ok).completes("a");
    Shown diff = Shown.of("+a line", List.of("t0", "t-a"));
    run.feed(new RunInput.Ask(run.now, TaskId.of("ok"), "go on?", diff)).approve("ok");
    run.run.foldAnew();

    assertThat(run.run.task("ok").agreedMerge()).contains(diff.hash());
    run.dispatch("ok").mergeAsks("ok", TWO_FILES).is("ok", AWAITING_APPROVAL);
    assertThat(run.run.task("ok").agreedMerge()).contains(diff.hash());
    run.approve("ok").dispatch("ok");
    assertThat(run.run.task("ok").isApproved(TWO_FILES)).isTrue();
    run.preparesMerge("ok").merges("ok").is(RunStatus.SUCCEEDED);
  }

  @Test
  void anApprovalStepSaysWhatMayFollowAYes() {
    Budget each = Budget.ofTokens(1_000).perAttempt(Cap.ofTokens(400));
    Scenario run =
        started(
            Steps.approval("ok"),
            Steps.agent("a").after("ok").attempts(2).budget(each),
            Steps.agent("b").after("a"),
            Steps.agent("beside"));
    run.asks("ok");

    assertThat(question(run, "ok").shown().text())
        .isEqualTo(
            "After a yes, agents are launched by a, b: at most 3 launches; unknown: tokens, usd.");
  }

  @Test
  void whenSomethingElseWouldFollowThanWasShownTheQuestionIsAskedAnew() {
    Scenario run =
        started(
            Steps.within(Budget.usd("1.00"), Steps.approval("ok"), Steps.agent("a").after("ok")));
    run.asks("ok");
    Question first = question(run, "ok");
    assertThat(first.shown().text())
        .contains(
            "at most 1 launches, 1 usd as far as agents keep to their caps; unknown: tokens.");

    run.feed(new RunInput.Grant(run.now, null, Cap.ofUsd("9.00"), ANN));
    run.is("ok", PENDING, Reason.REQUEUED).ready("ok");
    assertThat(run.run.state().questions()).isEmpty();
    run.run.foldAnew();
    run.asks("ok");

    assertThat(question(run, "ok").shown().text()).contains("10 usd");
    run.refuses("stale", run.answered("ok", Answer.approve().to(first), ANN));
    run.answer("ok", Answer.approve().to(question(run, "ok"))).is("ok", COMPLETED);
  }

  @Test
  void aGrantThatChangesNothingBehindAQuestionLeavesItOpen() {
    Scenario run =
        started(
            Steps.agent("a").budget(Budget.usd("1.00")),
            Steps.approval("ok"),
            Steps.agent("b").after("ok"));
    run.asks("ok");
    Question first = question(run, "ok");

    run.feed(new RunInput.Grant(run.now, TaskId.of("a"), Cap.ofUsd("9.00"), ANN));
    assertThat(question(run, "ok")).isEqualTo(first);
  }

  @Test
  void anApprovalThatMergesAndIsAskedAnewIsNotMergedBeforeAYes() {
    Steps ok = Steps.approval("ok").after("a").mergeInto("main");
    Scenario run =
        started(
            Steps.within(Budget.usd("1.00"), Steps.agent("a"), ok, Steps.agent("b").after("ok")));
    run.completes("a").asks("ok").feed(new RunInput.Grant(run.now, null, Cap.ofUsd("1"), ANN));

    run.is("ok", PENDING);
    run.refuses("not-allowed", new RunInput.Dispatch(run.now, TaskId.of("ok")));
    run.asks("ok").approve("ok").dispatch("ok").preparesMerge("ok").merges("ok");
    run.is("ok", COMPLETED, Reason.MERGED);
  }

  // ------------------------------------------------------------------ asked once more

  private static Steps withinAnHour(String id) {
    return Steps.approval(id)
        .oversight(Oversight.NONE.asking(Asking.DEFAULT.within(Duration.ofHours(1))));
  }

  @Test
  void anApprovalThatExpiredIsAskedAnewWhenItIsTriedAgain() {
    Scenario run = started(withinAnHour("ok"), Steps.agent("a").after("ok"), Steps.agent("b"));
    run.asks("ok").wait(Duration.ofHours(1)).is("ok", FAILED, Reason.EXPIRED).is("a", BLOCKED);

    run.retry("ok").is("ok", PENDING).is("a", PENDING);
    assertThat(run.run.task("ok").asksFirst()).isTrue();
    run.asks("ok").wait(Duration.ofMinutes(59)).is("ok", AWAITING_APPROVAL);
    run.approve("ok").is("ok", COMPLETED).ready("b", "a");
  }

  @Test
  void anApprovalThatWasRejectedIsAskedAnewWhenWhatIsAroundItIsTriedAgain() {
    Steps inside = Steps.pipeline("sub", Steps.pipeline(Steps.approval("ok")), Map.of());
    Scenario run = started(inside, Steps.agent("b"));
    run.dispatch("sub").feed(run.ended("sub", 1, new ActResult.Opened(Map.of()))).asks("sub/ok");
    run.answer("sub/ok", Answer.reject("no")).is("sub", FAILED);

    run.retry("sub").is("sub/ok", PENDING).asks("sub/ok").approve("sub/ok");
    run.is("sub/ok", COMPLETED);
  }

  @Test
  void aWaitThatWasGivenUpIsWaitedOutAnewWhenItIsTriedAgain() {
    Scenario run = started(Steps.waiting("w", Duration.ofHours(1)), Steps.agent("b"));
    run.giveUp("w").is("w", FAILED);

    run.retry("w").is("w", PAUSED, Reason.DELAYED).wait(Duration.ofHours(1)).is("w", COMPLETED);
  }

  private static Scenario reviewedWithinAnHour() {
    Asking hour = Asking.DEFAULT.within(Duration.ofHours(1));
    Scenario run =
        started(
            Steps.agent("a").oversight(Oversight.NONE.reviewed().asking(hour)),
            Steps.agent("b").after("a"),
            Steps.approval("beside"));
    run.work("a").acted("a");
    return run.verifiedForReview("a", new Verdict.Ask(Reason.ESCALATED, "is it good?", DIFF));
  }

  @Test
  void aReviewThatExpiredIsAskedAnewAndTheWorkIsNotDoneAgain() {
    Scenario run = reviewedWithinAnHour();
    QuestionId first = run.question("a");
    run.wait(Duration.ofHours(1)).is("a", FAILED, Reason.EXPIRED).is("b", BLOCKED);

    run.retry("a").is("a", AWAITING_APPROVAL).launches("a", 1).is("b", PENDING);
    run.run.foldAnew();
    assertThat(question(run, "a").shown()).isEqualTo(DIFF);
    assertThat(run.question("a")).isNotEqualTo(first);
    run.wait(Duration.ofMinutes(59)).approve("a").dispatch("a").accepts("a");
    run.is("a", COMPLETED).launches("a", 1);
    assertThat(run.run.task("b").isReady()).isTrue();
  }

  @Test
  void aReviewThatExpiredTwiceMayStillAskForChanges() {
    Scenario run = reviewedWithinAnHour().wait(Duration.ofHours(1)).retry("a");
    run.wait(Duration.ofHours(1)).is("a", FAILED, Reason.EXPIRED).retry("a");

    run.changes("a", "shorter")
        .dispatch("a")
        .is("a", RETRYING)
        .intend("a")
        .launch("a")
        .launches("a", 2);
  }

  @Test
  void whatARuleAskedAboutWorkAndNobodyAnsweredGoesOnWhereItWas() {
    Steps step =
        Steps.agent("a")
            .oversight(Oversight.NONE.asking(Asking.DEFAULT.within(Duration.ofHours(1))));
    Scenario run = started(step, Steps.agent("b")).work("a").acted("a");
    run.feed(run.verify("a", run.run.task("a").attempt(), List.of(), null, ONE_FILE));
    run.is("a", AWAITING_APPROVAL).wait(Duration.ofHours(1)).is("a", FAILED, Reason.EXPIRED);

    run.retry("a").approve("a").dispatch("a").is("a", TESTING).verified("a");
    run.is("a", COMPLETED).launches("a", 1);
  }

  @Test
  void aQuestionThatIsWithdrawnWhileTheRunStandsStillHasAsMuchTimeLeftAfterwards() {
    Scenario run =
        started(Steps.within(Budget.usd("1.00"), withinAnHour("ok"), Steps.agent("a").after("ok")));
    run.asks("ok").wait(Duration.ofMinutes(10)).stop();
    run.feed(new RunInput.Grant(run.now, null, Cap.ofUsd("9.00"), ANN)).is("ok", PENDING);

    run.now = run.now.plus(Duration.ofHours(2));
    run.resume().asks("ok").wait(Duration.ofMinutes(49)).is("ok", AWAITING_APPROVAL);
    run.wait(Duration.ofMinutes(1)).is("ok", FAILED, Reason.EXPIRED);
  }

  @Test
  void aQuestionThatExpiredBeforeItsRunStoodStillStaysExpired() {
    Scenario run = started(withinAnHour("ok"), Steps.agent("a").after("ok")).asks("ok");
    run.now = run.now.plus(Duration.ofMinutes(61));
    run.pause().refuses("stale", run.answered("ok", Answer.approve(), Scenario.ANN));

    run.now = run.now.plus(Duration.ofHours(2));
    run.refuses("stale", run.answered("ok", Answer.approve(), Scenario.ANN)).resume();
    run.refuses("stale", run.answered("ok", Answer.approve(), Scenario.ANN));
    run.feed(new RunInput.TimeCame(run.now)).is("ok", FAILED, Reason.EXPIRED);
  }

  @Test
  void aQuestionThatHadTimeWhenItsRunStoodStillCanBeAnsweredMeanwhile() {
    Scenario run = started(withinAnHour("ok"), Steps.agent("a").after("ok")).asks("ok");
    run.wait(Duration.ofMinutes(59)).pause();

    run.now = run.now.plus(Duration.ofHours(2));
    run.approve("ok").is("ok", COMPLETED);
  }

  @Test
  void whatIsShownIsCutWhereItIsRecordedAndNotBefore() {
    Shown all = Shown.of("x".repeat(2 * Shown.LONGEST));
    Verdict.Ask ask = new Verdict.Ask(Reason.GUARDRAIL_BLOCKED, "may it?", all);

    Scenario run = started(Steps.agent("a")).dispatch("a").stopped("a", ask);

    assertThat(all.text()).hasSize(2 * Shown.LONGEST);
    assertThat(question(run, "a").shown()).isEqualTo(all.shortened());
    assertThat(all.shortened().text()).hasSize(Shown.LONGEST).endsWith("x…");
  }

  @Test
  void anAnswerToAQuestionThatShowsNothingIsBoundToItsText() {
    Scenario run = started(Steps.approval("ok")).asks("ok");
    Question asked = question(run, "ok");

    assertThat(asked.hash()).isEqualTo(Shown.of(asked.text()).hash());
    run.refuses("stale", run.answered("ok", new Answer(Answer.Decision.APPROVE, "", "x"), ANN));
    run.answer("ok", Answer.approve().to(asked)).is(RunStatus.SUCCEEDED);
  }

  @Test
  void aYesIsRememberedForWhatWasShownAndForNothingElse() {
    Scenario run = asking().approve("a").dispatch("a");
    Task task = run.run.task("a");

    assertThat(task.isApproved(ONE_FILE)).isTrue();
    assertThat(task.isApproved(TWO_FILES)).isFalse();
    assertThat(task.isApproved(new Verdict.Ask(Reason.ESCALATED, "may it?"))).isFalse();
    assertThat(task.approvedQuestions()).containsExactly("may it?");
    run.stopped("a", TWO_FILES).is("a", AWAITING_APPROVAL);
    assertThat(run.question("a").value()).isEqualTo("a.2");
  }

  @Test
  void aYesToTheWorkOfAnAttemptSaysNothingAboutTheWorkOfTheNext() {
    Verdict.Ask small = new Verdict.Ask(Reason.GUARDRAIL_BLOCKED, "is it small?");
    Scenario run = started(Steps.agent("a").attempts(2)).work("a").acted("a");
    run.verifyAsks("a", small).approve("a").dispatch("a");
    assertThat(run.run.task("a").isApproved(small)).isTrue();

    run.gateFails("a").work("a").attempt("a", 2).acted("a");
    assertThat(run.run.task("a").isApproved(small)).isFalse();
    run.run.foldAnew();
    assertThat(run.run.task("a").isApproved(small)).isFalse();
  }

  @Test
  void aYesToWhatAnAttemptWantsToDoHoldsForTheNext() {
    Verdict.Ask push = new Verdict.Ask(Reason.GUARDRAIL_BLOCKED, "may it push?");
    Scenario run = started(Steps.agent("a").attempts(2)).dispatch("a").stopped("a", push);
    run.approve("a").work("a").acted("a").gateFails("a").work("a").attempt("a", 2);

    assertThat(run.run.task("a").isApproved(push)).isTrue();
  }

  @Test
  void listsOfThingsLookTheSameOnlyWhenTheyAre() {
    assertThat(Shown.of("x", List.of("ab", "c")).hash())
        .isNotEqualTo(Shown.of("x", List.of("a", "bc")).hash())
        .isEqualTo(Shown.of("y", List.of("ab", "c")).hash());
  }

  // ------------------------------------------------------------------ whose it is to answer

  private static Scenario owned() {
    Scenario run = Scenario.of(Steps.approval("ok"), Steps.agent("a"));
    return run.feed(Scenario.startInput(Map.of(), new Terms(Priority.DEFAULT, null).owner(DESK)))
        .asks("ok");
  }

  @Test
  void onlyTheOwnersSideAnswers() {
    Scenario run = owned();

    assertThat(question(run, "ok").answering().owner()).isEqualTo(DESK);
    run.refuses("not-allowed", run.answered("ok", Answer.approve(), ANN));
    run.refuses("not-allowed", run.answered("ok", Answer.approve(), Actor.of("desktop")));
    run.feed(run.answered("ok", Answer.approve(), BEN)).is("ok", COMPLETED);
  }

  @Test
  void whoeverAQuestionIsHandedOnToMayAnswerItToo() {
    Scenario run = owned();
    run.refuses("not-allowed", new RunInput.HandOn(run.now, run.question("ok"), ANN, ANN));
    run.feed(new RunInput.HandOn(run.now, run.question("ok"), ANN, BEN));

    assertThat(question(run, "ok").answering().delegates()).containsExactly(ANN);
    run.run.foldAnew();
    run.approve("ok").is("ok", COMPLETED);
  }

  @Test
  void onlyTheOwnersSideLetsARunGoOnButAnybodyStopsIt() {
    Scenario run = owned().work("a").stop();

    run.refuses("not-allowed", new RunInput.Resume(run.now, ANN));
    run.feed(new RunInput.Resume(run.now, BEN));
    run.refuses("not-allowed", new RunInput.Retry(run.now, TaskId.of("a"), ANN));
    run.refuses("not-allowed", run.reworked("a"));
    run.cancel().is(RunStatus.CANCELLED);
  }

  @Test
  void onlyTheOwnersSideClaimsUnlessTheRunIsOpenToClaims() {
    Terms terms = new Terms(Priority.DEFAULT, null).owner(DESK);
    for (Terms one : List.of(terms, terms.openToClaims())) {
      Scenario run = Scenario.of(Steps.agent("a")).feed(Scenario.startInput(Map.of(), one));
      Instant until = run.now.plus(Duration.ofHours(1));
      RunInput claim = new RunInput.Claim(run.now, TaskId.of("a"), ANN, until);
      if (one.closed()) {
        run.refuses("not-allowed", claim);
        run.feed(new RunInput.Claim(run.now, TaskId.of("a"), BEN, until));
      } else {
        run.feed(claim);
      }
      run.run.foldAnew();

      assertThat(run.run.task("a").claim().orElseThrow().actor())
          .isEqualTo(one.closed() ? BEN : ANN);
    }
  }

  // ------------------------------------------------------------------ not like this

  @Test
  void changesBeforeALaunchReachTheAttemptThatAsked() {
    Scenario run = asking().changes("a", "touch one file only").dispatch("a");

    run.is("a", RUNNING).attempt("a", 1);
    assertThat(run.run.task("a").feedback()).contains(new Feedback("touch one file only", ANN));
    assertThat(run.run.task("a").isApproved(ONE_FILE)).isFalse();
  }

  @Test
  void changesOfWorkThatIsThereReachTheNextAttempt() {
    Scenario run =
        started(Steps.agent("a").attempts(2))
            .work("a")
            .acted("a")
            .verifyAsks("a", ONE_FILE)
            .changes("a", "smaller")
            .ready("a");
    run.run.foldAnew();
    run.work("a").is("a", RETRYING, Reason.CHANGES_REQUESTED).attempt("a", 2);

    assertThat(run.run.task("a").feedback()).contains(new Feedback("smaller", ANN));
    run.acted("a").verified("a").is(RunStatus.SUCCEEDED);
  }

  @Test
  void changesAreGrantedAnAttemptWhenNoneIsLeft() {
    started(Steps.agent("a"))
        .work("a")
        .acted("a")
        .verifyAsks("a", ONE_FILE)
        .changes("a", "smaller")
        .work("a")
        .is("a", RETRYING)
        .attempt("a", 2);
  }

  @Test
  void changesOfAMergeAreMadeByTheTaskThatMerges() {
    Scenario run =
        started(Steps.agent("a").mergeInto("main"))
            .work("a")
            .acted("a")
            .verified("a")
            .mergeAsks("a", ONE_FILE)
            .is("a", AWAITING_APPROVAL)
            .changes("a", "smaller")
            .work("a");

    run.acted("a").verified("a").is("a", VERIFIED).merges("a").is(RunStatus.SUCCEEDED);
  }

  @Test
  void aYesToAMergeMergesAndANoFails() {
    Scenario run = started(Steps.agent("a").mergeInto("main")).work("a").acted("a").verified("a");
    run.mergeAsks("a", ONE_FILE).approve("a").dispatch("a").is("a", VERIFIED);
    assertThat(run.last.commands()).containsExactly(new RunCommand.Integrate(TaskId.of("a"), 1));

    run.mergeAsks("a", TWO_FILES).reject("a").is("a", FAILED, Reason.REJECTED);
  }

  @Test
  void changesOfAnApprovalStepHaveDoneAgainWhatItApproves() {
    Scenario run =
        started(
                Steps.agent("a"),
                Steps.agent("b"),
                Steps.agent("other"),
                Steps.approval("first").after("a"),
                Steps.approval("ok").after("first", "b"))
            .completes("a")
            .completes("b")
            .completes("other")
            .asks("first")
            .approve("first")
            .asks("ok")
            .changes("ok", "shorter");

    run.is("a", PENDING).is("b", PENDING).is("first", PENDING).is("ok", PENDING);
    run.is("other", COMPLETED).ready("b", "a");
    assertThat(run.run.task("a").feedback()).contains(new Feedback("shorter", ANN));
    assertThat(run.run.task("b").feedback()).contains(new Feedback("shorter", ANN));
    assertThat(run.run.task("ok").feedback()).isEmpty();
    run.run.foldAnew();
    run.completes("a").completes("b").asks("first").approve("first").asks("ok").approve("ok");
    run.is(RunStatus.SUCCEEDED);
  }

  @Test
  void whatIsBuiltOnWhatIsDoneAgainIsDoneAgainOnce() {
    Scenario run =
        started(Steps.agent("a"), Steps.agent("b").after("a"), Steps.approval("ok").after("a", "b"))
            .completes("a")
            .completes("b")
            .asks("ok")
            .changes("ok", "shorter");

    run.is("a", PENDING).is("b", PENDING).is("ok", PENDING).ready("a");
    assertThat(run.run.task("b").generation()).isEqualTo(2);
    run.completes("a").completes("b").asks("ok").approve("ok").is(RunStatus.SUCCEEDED);
  }

  @Test
  void changesOfNothingAreRefused() {
    Scenario run = started(Steps.approval("ok")).asks("ok");

    run.refuses("not-allowed", run.answered("ok", Answer.changes("shorter"), ANN));
    run.approve("ok").is(RunStatus.SUCCEEDED);
  }

  @Test
  void whoeverRequestsChangesSaysWhich() {
    assertThatThrownBy(() -> Answer.changes(" ")).isInstanceOf(IllegalArgumentException.class);
    Scenario run = asking();
    String much = "x".repeat(Value.MAX_INLINE_BYTES + 1);

    run.refuses("not-allowed", run.answered("a", Answer.changes(much), ANN));
  }
}
