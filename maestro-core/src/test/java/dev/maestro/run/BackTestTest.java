package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.failure.ErrorClass;
import dev.maestro.insight.BackTest;
import dev.maestro.insight.Outcome;
import dev.maestro.insight.RecordedRun;
import dev.maestro.json.Json;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Place;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Retries;
import dev.maestro.policy.Signoff;
import dev.maestro.policy.Tiers;
import dev.maestro.policy.Until;
import dev.maestro.policy.Verdict;
import dev.maestro.store.BlobId;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.Risk;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Recorded runs under other policies. */
class BackTestTest {

  private static final byte[] PROMPT = "please rm -rf the cache".getBytes(StandardCharsets.UTF_8);
  private static final byte[] TAKEN_OUT = "use *** now".getBytes(StandardCharsets.UTF_8);
  private static final Function<BlobId, Optional<byte[]>> BLOBS =
      id -> Stream.of(PROMPT, TAKEN_OUT).filter(text -> id.equals(BlobId.of(text))).findFirst();

  private static RecordedRun recorded(Pipeline pipeline, RunUnderTest run) {
    List<RunRecord> records = new ArrayList<>();
    for (RunEvent event : run.journal()) {
      records.add(new RunRecord(Scenario.KEY, records.size() + 1L, event));
    }
    return RecordedRun.of(pipeline, records, BLOBS).withRiskAsDeclared();
  }

  /** Of an application that may have judged how risky its work is. */
  private static RecordedRun judgingRisk(Pipeline pipeline, RunUnderTest run) {
    RecordedRun known = recorded(pipeline, run);
    return RecordedRun.of(pipeline, known.records(), BLOBS);
  }

  // ------------------------------------------------------------------ the same policies

  @Property(tries = 150)
  void theSamePoliciesGiveTheTrueFigures(
      @ForAll("pipelines") Pipeline pipeline, @ForAll("choices") List<Integer> choices) {
    Walk walk = new Walk(pipeline);
    walk.start(choices.size());
    choices.forEach(walk::step);

    BackTest same = BackTest.of(recorded(pipeline, walk.run()), policies -> policies);
    assertThat(same.lines()).noneMatch(BackTest.Line::differs).allMatch(BackTest.Line::certain);
    assertThat(same.count(Outcome.UNKNOWN)).isZero();
    assertThat(same.cost()).isEqualTo(walk.run().state().usage().cost());
    assertThat(same.certainCost()).isEqualTo(same.cost());
    assertThat(same.mostCost()).isEqualTo(same.cost());
    assertThat(same.lines()).hasSize(attemptsIn(walk.run().journal()));
  }

  private static final Pipeline TWO_CENTS =
      Steps.within(Budget.usd("0.02").asks(), Steps.agent("a"));

  private static Scenario reserves(Scenario run) {
    RunEvent.Intent plain = run.intent("a", 1, true).intent();
    Cap cap = Cap.ofUsd("0.02").launches(1);
    return run.feed(
        new RunInput.Intend(
            new RunEvent.Intent(
                plain.at(),
                plain.task(),
                plain.attempt(),
                plain.provider(),
                plain.model(),
                plain.head(),
                plain.promptHash(),
                null,
                true,
                new RunEvent.Intent.Reserved(cap, List.of(), false))));
  }

  private static void costsAsTheRunDid(Scenario run, String cost) {
    BackTest same = BackTest.of(recorded(TWO_CENTS, run.run), policies -> policies);

    assertThat(run.run.state().usage().cost()).isEqualTo(Money.usd(cost));
    assertThat(same.cost()).isEqualTo(Money.usd(cost));
    assertThat(same.isPresumed()).isTrue();
  }

  @Example
  void whatWasPutAsideForALaunchThatNeverBeganIsNotPresumedWhenItBeginsAnew() {
    Scenario run = started(TWO_CENTS).dispatch("a");
    reserves(run).crashAndRecover().dispatch("a");
    run.feed(run.ended("a", 1, new ActResult.Done(Scenario.text("done"), null, null)));

    costsAsTheRunDid(run, "0");
  }

  @Example
  void anAttemptThatWasAskedAboutAndCutOffAfterTheAnswerIsPresumed() {
    Scenario run = started(TWO_CENTS).dispatch("a");
    run.stopped("a", new Verdict.Ask(Reason.GUARDRAIL_BLOCKED, "may it?")).approve("a");
    reserves(run.dispatch("a")).launch("a").crash();

    costsAsTheRunDid(run, "0.02");
  }

  private static int attemptsIn(List<RunEvent> journal) {
    Set<String> attempts = new HashSet<>();
    for (RunEvent event : journal) {
      if (event instanceof RunEvent.Dispatched e && e.phase() == Phase.ACT) {
        attempts.add(e.task() + "#" + e.attempt());
      }
    }
    return attempts.size();
  }

  @Provide
  Arbitrary<Pipeline> pipelines() {
    return Draws.pipelines();
  }

  @Provide
  Arbitrary<List<Integer>> choices() {
    return Draws.choices(100);
  }

  // ------------------------------------------------------------------ other policies

  private static final Pipeline TWO =
      Steps.pipeline(Steps.agent("a").attempts(2), Steps.agent("b").after("a"));

  private static Scenario ran() {
    Scenario run = started(TWO);
    run.dispatch("a").feed(intent(run, "a", PROMPT)).launch("a").acted("a").verified("a");
    run.dispatch("b").feed(intent(run, "b", new byte[0])).launch("b").acted("b");
    return run.verified("b");
  }

  /** An agent's intent with the prompt that is there to be looked at. */
  private static RunInput.Intend intent(Scenario run, String task, byte[] prompt) {
    RunEvent.Intent intent = run.intent(task, 1, true).intent();
    return new RunInput.Intend(
        new RunEvent.Intent(
            intent.at(),
            intent.task(),
            intent.attempt(),
            intent.provider(),
            intent.model(),
            intent.head(),
            BlobId.of(prompt).hex(),
            null,
            true));
  }

  private static BackTest under(Scenario run, Policies policies) {
    return BackTest.of(recorded(TWO, run.run), then -> policies);
  }

  private static Outcome would(BackTest test, String task) {
    return test.lines().stream()
        .filter(line -> line.task().equals(TaskId.of(task)))
        .findFirst()
        .orElseThrow()
        .would();
  }

  @Example
  void aNewRuleIsAskedAboutThePromptThatWasRecorded() {
    BackTest test = under(ran(), Policies.NONE.guard(Guardrail.terms()));

    assertThat(would(test, "a")).isEqualTo(Outcome.BLOCKED);
    assertThat(test.lines().get(0).rule()).isEqualTo("terms");
    assertThat(test.cost()).isEqualTo(Money.usd("0.02"));
    assertThat(test.certainCost()).isEqualTo(Money.ZERO);
    assertThat(test.mostCost()).isEqualTo(Money.usd("0.01"));
    assertThat(test.isPresumed()).isFalse();
  }

  @Example
  void codeIsLookedAtWithoutACheckAndWhatHasOthersInsideByNobody() {
    Pipeline inside = Steps.pipeline(Steps.agent("deep"));
    Pipeline pipeline =
        Steps.pipeline(Steps.code("c"), Steps.pipeline("sub", inside, Map.of()).after("c"));
    Scenario run = started(pipeline).dispatch("c").acted("c");
    run.dispatch("sub").feed(run.ended("sub", 1, new ActResult.Opened(Map.of())));
    run.dispatch("sub/deep").feed(intent(run, "sub/deep", PROMPT)).launch("sub/deep");
    run.acted("sub/deep").verified("sub/deep");

    for (Oversight oversight :
        List.of(Oversight.NONE.reviewed(), Oversight.NONE.tiers(Tiers.USUAL).risk(Risk.HIGH))) {
      BackTest test =
          BackTest.of(
              recorded(pipeline, run.run),
              then -> then.oversight(oversight).guard(Guardrail.secrets()));
      assertThat(would(test, "c")).isEqualTo(Outcome.ASKED);
      assertThat(would(test, "sub")).isEqualTo(Outcome.WENT_ON);
      assertThat(would(test, "sub/deep")).isNotEqualTo(Outcome.WENT_ON);
    }
  }

  @Example
  void whatComesAfterAPipelineInsideIsAsUncertainAsWhatIsInIt() {
    Pipeline inside = Steps.pipeline(Steps.agent("deep"), Steps.agent("beside"));
    Pipeline pipeline =
        Steps.pipeline(Steps.pipeline("sub", inside, Map.of()), Steps.agent("last").after("sub"));
    Scenario run = started(pipeline).dispatch("sub");
    run.feed(run.ended("sub", 1, new ActResult.Opened(Map.of())));
    run.dispatch("sub/deep").feed(intent(run, "sub/deep", PROMPT)).launch("sub/deep");
    run.acted("sub/deep").verified("sub/deep");
    passes(run, "sub/beside");
    passes(run, "last");

    BackTest test = BackTest.of(recorded(pipeline, run.run), then -> then.guard(Guardrail.terms()));
    assertThat(would(test, "sub/deep")).isEqualTo(Outcome.BLOCKED);
    assertThat(certain(test)).containsExactly("sub", "sub/deep", "sub/beside");
  }

  @Example
  void whatIsInAPipelineInsideIsAsUncertainAsWhatComesBefore() {
    Pipeline inside = Steps.pipeline(Steps.agent("deep"));
    Pipeline pipeline =
        Steps.pipeline(Steps.agent("a"), Steps.pipeline("sub", inside, Map.of()).after("a"));
    Scenario run = started(pipeline);
    run.dispatch("a").feed(intent(run, "a", PROMPT)).launch("a").acted("a").verified("a");
    run.dispatch("sub").feed(run.ended("sub", 1, new ActResult.Opened(Map.of())));
    passes(run, "sub/deep");

    BackTest test = BackTest.of(recorded(pipeline, run.run), then -> then.guard(Guardrail.terms()));
    assertThat(certain(test)).containsExactly("a");
  }

  @Example
  void whatComesAfterAnApprovalIsAsUncertainAsWhatIsApproved() {
    Pipeline pipeline =
        Steps.pipeline(
            Steps.agent("a"), Steps.approval("ok").after("a"), Steps.agent("b").after("ok"));
    Scenario run = started(pipeline);
    run.dispatch("a").feed(intent(run, "a", PROMPT)).launch("a").acted("a").verified("a");
    run.asks("ok").approve("ok");
    passes(run, "b");

    BackTest test = BackTest.of(recorded(pipeline, run.run), then -> then.guard(Guardrail.terms()));
    assertThat(test.lines()).hasSize(2);
    assertThat(certain(test)).containsExactly("a");
  }

  private static void passes(Scenario run, String task) {
    run.dispatch(task).feed(intent(run, task, new byte[0])).launch(task).acted(task).verified(task);
  }

  private static List<String> certain(BackTest test) {
    return test.lines().stream()
        .filter(BackTest.Line::certain)
        .map(line -> line.task().value())
        .toList();
  }

  @Example
  void whatSomebodyWasToldWhoHadClaimedItIsNotGuessed() {
    Scenario run = started(TWO);
    Instant until = run.now.plusSeconds(60);
    run.feed(new RunInput.Claim(run.now, TaskId.of("a"), Scenario.ANN, until));
    run.feed(
        new RunInput.Deliver(
            new RunEvent.Delivered(
                run.now, TaskId.of("a"), 1, Scenario.text("done"), Usage.NONE, null)));
    run.dispatch("a").acted("a");

    BackTest test = under(run, Policies.NONE.guard(Guardrail.terms()));

    assertThat(would(test, "a")).isEqualTo(Outcome.UNKNOWN);
  }

  @Example
  void aPromptThatIsNotThereIsNotGuessed() {
    BackTest test = under(ran(), Policies.NONE.guard(Guardrail.terms()));

    assertThat(would(test, "b")).isEqualTo(Outcome.UNKNOWN);
    assertThat(test.lines().get(1).certain()).as("what it waited for was stopped").isFalse();
  }

  @Example
  void whatIsStoppedAfterItsLaunchHasBeenPaidFor() {
    RecordedRun recorded = recorded(FIVE, passesAtLast().run);
    BackTest until = BackTest.of(recorded, then -> then.until(Until.block()));
    BackTest breaker = BackTest.of(recorded, then -> then.breaker(new LoopBreaker(9, 2, 50)));

    assertThat(until.count(Outcome.BLOCKED)).isEqualTo(1);
    assertThat(until.mostCost()).isEqualTo(until.cost()).isEqualTo(Money.usd("0.03"));
    assertThat(breaker.count(Outcome.BLOCKED)).isEqualTo(1);
    assertThat(breaker.mostCost()).isEqualTo(Money.usd("0.03"));
  }

  @Example
  void whatIsStoppedBeforeItsLaunchIsSpared() {
    Budget cents = Budget.usd("0.02").perAttempt(Cap.ofUsd("0.01")).aborts();
    BackTest budget = BackTest.of(recorded(FIVE, passesAtLast().run), then -> then.budget(cents));

    assertThat(budget.count(Outcome.BLOCKED)).isEqualTo(1);
    assertThat(budget.mostCost()).isEqualTo(Money.usd("0.02"));
  }

  @Example
  void whatAnAgentRanIsNotRecordedAndNotGuessed() {
    Scenario run = started(TWO).dispatch("a");
    byte[] harmless = "tidy up".getBytes(StandardCharsets.UTF_8);
    run.feed(intent(run, "a", harmless)).launch("a").acted("a").verified("a");
    List<RunRecord> records = new ArrayList<>();
    run.run
        .journal()
        .forEach(one -> records.add(new RunRecord(Scenario.KEY, records.size() + 1L, one)));
    RecordedRun recorded = RecordedRun.of(TWO, records, id -> Optional.of(harmless));

    assertThat(would(BackTest.of(recorded, then -> then.guard(Guardrail.terms())), "a"))
        .isEqualTo(Outcome.UNKNOWN);
  }

  @Example
  void whichFilesChangedIsNotRecordedAndNotGuessed() {
    BackTest test = under(ran(), Policies.NONE.guard(Guardrail.paths("src/**")));

    assertThat(would(test, "a")).isEqualTo(Outcome.UNKNOWN);
  }

  @Example
  void tiersAreTriedWithTheRiskAndTheGatesThatAreRecorded() {
    Oversight high = Oversight.NONE.tiers(Tiers.USUAL).risk(Risk.HIGH);
    Oversight low = Oversight.NONE.tiers(Tiers.MAJOR).risk(Risk.LOW);

    assertThat(under(ran(), Policies.NONE.oversight(high)).count(Outcome.ASKED)).isEqualTo(2);
    assertThat(under(ran(), Policies.NONE.oversight(low)).count(Outcome.WENT_ON)).isEqualTo(2);
    Oversight tested = Oversight.NONE.tiers(Tiers.USUAL).risk(Risk.LOW);
    Scenario gated = started(Steps.pipeline(Steps.agent("a").gated()));
    gated.work("a").acted("a").gatesPass("a");
    BackTest automatic =
        BackTest.of(
            recorded(Steps.pipeline(Steps.agent("a").gated()), gated.run),
            then -> Policies.NONE.oversight(tested));
    assertThat(automatic.count(Outcome.WENT_ON)).isEqualTo(1);
  }

  private static final Pipeline GATED = Steps.pipeline(Steps.agent("a").gated());

  private static Outcome underTiers(Scenario run, Pipeline pipeline, Risk risk) {
    Oversight usual = Oversight.NONE.tiers(Tiers.USUAL).risk(risk);
    return would(BackTest.of(judgingRisk(pipeline, run.run), then -> then.oversight(usual)), "a");
  }

  @Example
  void howRiskyTheApplicationWouldHaveJudgedItIsNotGuessed() {
    Scenario run = started(GATED).work("a").acted("a").gatesPass("a");

    assertThat(underTiers(run, GATED, Risk.LOW)).isEqualTo(Outcome.UNKNOWN);
    assertThat(underTiers(run, GATED, Risk.HIGH)).isEqualTo(Outcome.ASKED);
  }

  @Example
  void whatItWasJudgedToBeIsRecordedWherePeopleHadSomethingToSay() {
    Oversight none = Oversight.NONE.tiers(new Tiers(Signoff.NONE, Signoff.NONE, Signoff.NONE));
    Policies then = Policies.NONE.oversight(none.risk(Risk.LOW));
    Pipeline judged = with(GATED, then);

    for (Risk risk : Risk.values()) {
      Scenario run = started(judged).dispatch("a");
      run.feed(asking(run, "a", PROMPT, risk(Place.GUARDRAILS, risk))).launch("a").acted("a");
      RunInput.VerifyEnded checked =
          run.verify("a", 1, List.of(Scenario.receipt(true)), null, null);
      run.feed(
          new RunInput.VerifyEnded(
              run.now,
              TaskId.of("a"),
              1,
              checked.result(),
              0.5,
              List.of(risk(Place.CONFIDENCE, risk))));

      assertThat(underTiers(run, judged, Risk.LOW))
          .as(risk.name())
          .isEqualTo(risk == Risk.LOW ? Outcome.WENT_ON : Outcome.ASKED);
    }
  }

  private static Judgment risk(Place place, Risk risk) {
    return Judgment.of(
        "sign-off", place, Verdict.proceed(), Numbers.of("risk", risk.ordinal() + 1L));
  }

  @Example
  void nobodyIsAskedAboutWorkThatDidNotPassItsGates() {
    Scenario run = started(GATED).work("a").acted("a").gateFails("a");
    Policies reviewed = Policies.NONE.oversight(Oversight.NONE.reviewed());

    BackTest test = BackTest.of(recorded(GATED, run.run), then -> reviewed);

    assertThat(would(test, "a")).isEqualTo(Outcome.WENT_ON);
  }

  // ------------------------------------------------------------------ secrets that are gone

  private static final Guardrail SHAPES = Guardrail.noSecrets();
  private static final Pipeline REDACTING =
      with(Steps.pipeline(Steps.agent("a").output("o")), Policies.NONE.guard(Guardrail.secrets()));

  private static Pipeline with(Pipeline pipeline, Policies policies) {
    return new Pipeline("test", "1", "", pipeline.steps(), List.of(), null, policies);
  }

  private static RunInput.Intend asking(
      Scenario run, String task, byte[] prompt, Judgment... judgments) {
    return new RunInput.Intend(intent(run, task, prompt).intent(), List.of(judgments));
  }

  private static RunInput.ActEnded returned(Scenario run, String text, Judgment... judgments) {
    ActResult done = new ActResult.Done(Scenario.text(text), Scenario.CENT, null);
    return new RunInput.ActEnded(
        run.now, TaskId.of("a"), 1, done, 0.5, List.of(judgments), List.of());
  }

  private static Judgment secrets(Place place, int found) {
    Verdict verdict =
        found == 0 ? Verdict.proceed() : new Verdict.Degrade(Reason.GUARDRAIL_BLOCKED, "taken out");
    return Judgment.of("secrets", place, verdict, Numbers.of("found", found));
  }

  /** A run that has had so many secrets taken out of its prompt and out of its answer. */
  private static RecordedRun redacted(int inPrompt, int inAnswer) {
    Scenario run = started(REDACTING).dispatch("a");
    byte[] prompt = inPrompt == 0 ? PROMPT : TAKEN_OUT;
    run.feed(asking(run, "a", prompt, secrets(Place.GUARDRAILS, inPrompt))).launch("a");
    String answer = inAnswer == 0 ? "done" : "use *** now";
    run.feed(returned(run, answer, secrets(Place.OUTPUT, inAnswer))).verified("a");
    return recorded(REDACTING, run.run);
  }

  @Example
  void secretsThatWereTakenOutWouldHaveBeenRefused() {
    Policies refusing = Policies.NONE.guard(Guardrail.noSecrets());

    BackTest inPrompt = BackTest.of(redacted(1, 0), then -> refusing);
    assertThat(would(inPrompt, "a")).isEqualTo(Outcome.BLOCKED);
    assertThat(inPrompt.mostCost()).as("it would not have been launched").isEqualTo(Money.ZERO);
    BackTest inAnswer = BackTest.of(redacted(0, 1), then -> refusing);
    assertThat(would(inAnswer, "a")).isEqualTo(Outcome.BLOCKED);
    assertThat(inAnswer.mostCost()).isEqualTo(Money.usd("0.01"));
    assertThat(would(BackTest.of(redacted(0, 0), then -> refusing), "a"))
        .isEqualTo(Outcome.WENT_ON);
  }

  @Example
  void whatStoodWhereASecretWasTakenOutIsNotGuessed() {
    Guardrail terms = Guardrail.terms("never said");

    assertThat(would(BackTest.of(redacted(1, 0), then -> then.guard(terms)), "a"))
        .isEqualTo(Outcome.UNKNOWN);
    assertThat(would(BackTest.of(redacted(0, 1), then -> Policies.NONE.guard(SHAPES)), "a"))
        .as("the guard of then has counted them")
        .isEqualTo(Outcome.BLOCKED);
  }

  @Example
  void whatADeclaredSecretLookedLikeIsNotGuessed() {
    Pipeline declaring = Steps.pipeline(Steps.agent("a").output("o").secret("TOKEN"));
    Scenario run = started(declaring).dispatch("a");
    run.feed(intent(run, "a", PROMPT)).launch("a");
    run.acted("a", "the token is ***").verified("a");

    BackTest test = BackTest.of(recorded(declaring, run.run), then -> then.guard(SHAPES));

    assertThat(would(test, "a")).isEqualTo(Outcome.UNKNOWN);
  }

  @Example
  void whatWouldHaveComeOfAPromptThatWasRefusedForASecretIsNotGuessed() {
    Pipeline refusing = with(REDACTING, Policies.NONE.guard(SHAPES));
    Scenario run = started(refusing).dispatch("a");
    Verdict refusal = new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, "no", false);
    Judgment judged = Judgment.of("secrets", Place.GUARDRAILS, refusal, Numbers.of("found", 1));
    run.feed(
        new RunInput.ActEnded(
            run.now,
            TaskId.of("a"),
            1,
            new ActResult.Stopped(refusal),
            0.5,
            List.of(judged),
            List.of()));

    BackTest test =
        BackTest.of(recorded(refusing, run.run), then -> Policies.NONE.guard(Guardrail.secrets()));

    assertThat(would(test, "a")).isEqualTo(Outcome.UNKNOWN);
  }

  @Example
  void whichOfTwoGuardsOfOneNameSpokeIsNotGuessed() {
    Guardrail one = Guardrail.terms("one");
    Pipeline guarded = with(TWO, Policies.NONE.guard(one).guard(Guardrail.terms("two")));
    Scenario run = started(guarded).dispatch("a");
    Verdict refusal = new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, "two", false);
    Judgment judged = Judgment.of("terms", Place.GUARDRAILS, refusal);
    run.feed(
        new RunInput.ActEnded(
            run.now,
            TaskId.of("a"),
            1,
            new ActResult.Stopped(refusal),
            0.5,
            List.of(judged),
            List.of()));

    BackTest test = BackTest.of(recorded(guarded, run.run), then -> Policies.NONE.guard(one));

    assertThat(would(test, "a")).isEqualTo(Outcome.UNKNOWN);
  }

  @Example
  void anAnswerOfWhichOnlyTheBeginningWasKeptIsNotGuessed() {
    Scenario run = started(FIVE).dispatch("a");
    run.feed(intent(run, "a", PROMPT)).launch("a");
    ActResult cut = new ActResult.Done(Scenario.text("The beginning"), Scenario.CENT, null, true);
    run.feed(run.ended("a", 1, cut)).gatesPass("a");

    assertThat(would(run, 1, Policies.NONE.until(Until.block()))).isEqualTo(Outcome.UNKNOWN);
    assertThat(would(run, 1, Policies.NONE.guard(SHAPES))).isEqualTo(Outcome.UNKNOWN);
  }

  @Example
  void aLargeAnswerIsReadFromItsBlob() {
    String said = "long ".repeat(2_000) + "\n<COMPLETION_GATE>\nready: true\n</COMPLETION_GATE>";
    byte[] json = Json.bytes(TextNode.valueOf(said));
    Scenario run = started(FIVE).work("a");
    ActResult large =
        new ActResult.Done(new Value.Stored(BlobId.of(json), json.length), Scenario.CENT, null);
    run.feed(run.ended("a", 1, large)).gatesPass("a");
    RecordedRun recorded =
        RecordedRun.of(FIVE, recorded(FIVE, run.run).records(), id -> Optional.of(json));

    assertThat(would(BackTest.of(recorded, then -> then.until(Until.block())), "a"))
        .isEqualTo(Outcome.WENT_ON);
  }

  @Example
  void whatWouldHaveComeOfAnAttemptThatARuleStoppedIsNotGuessed() {
    Pipeline guarded =
        new Pipeline(
            "test", "1", "", TWO.steps(), List.of(), null, Policies.NONE.guard(Guardrail.terms()));
    Scenario run = started(guarded).dispatch("a");
    Verdict refusal = new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, "no", false);
    Judgment judged = Judgment.of("terms", Place.GUARDRAILS, refusal);
    run.feed(
        new RunInput.ActEnded(
            run.now,
            TaskId.of("a"),
            1,
            new ActResult.Stopped(refusal),
            0.5,
            List.of(judged),
            List.of()));

    RecordedRun recorded = recorded(guarded, run.run);
    BackTest off = BackTest.of(recorded, then -> Policies.NONE);
    assertThat(off.lines().get(0).was()).isEqualTo(Outcome.BLOCKED);
    assertThat(would(off, "a")).isEqualTo(Outcome.UNKNOWN);
    BackTest more = BackTest.of(recorded, then -> then.guard(Guardrail.hosts("x.org")));
    assertThat(would(more, "a"))
        .as("the rule that is unchanged answers as it did")
        .isEqualTo(Outcome.BLOCKED);
  }

  @Example
  void attemptsThatFailedByThemselvesAreNobodysRefusal() {
    Scenario run = started(TWO).work("a").fails("a", Scenario.trouble(ErrorClass.TRANSIENT));
    BackTest test = BackTest.of(recorded(TWO, run.run), then -> then);

    assertThat(test.counted(Outcome.WENT_ON)).isEqualTo(1);
  }

  // ------------------------------------------------------------------ rules of attempts

  private static final Pipeline FIVE = Steps.pipeline(Steps.agent("a").attempts(5).gated());

  private static Outcome would(Scenario run, int attempt, Policies policies) {
    return BackTest.of(recorded(FIVE, run.run), then -> policies).lines().stream()
        .filter(line -> line.attempt() == attempt)
        .findFirst()
        .orElseThrow()
        .would();
  }

  /** Two attempts that fail at their gate with the very same error, and one that passes. */
  private static Scenario passesAtLast() {
    Scenario run = started(FIVE);
    run.work("a").acted("a", "I am confident.").gateFails("a");
    run.work("a").acted("a", "I am confident.").gateFails("a");
    run.work("a").acted("a", "Done. confidence: low");
    return run.gatesPass("a");
  }

  @Example
  void aBreakerIsAskedAboutTheFailuresThatAreRecorded() {
    Policies two = Policies.NONE.breaker(new LoopBreaker(9, 2, 50));

    assertThat(would(passesAtLast(), 1, two)).isEqualTo(Outcome.WENT_ON);
    assertThat(would(passesAtLast(), 2, two)).isEqualTo(Outcome.BLOCKED);
    Policies none = Policies.NONE.breaker(new LoopBreaker(9, 3, 50));
    assertThat(would(passesAtLast(), 2, none)).isEqualTo(Outcome.WENT_ON);
  }

  @Example
  void aCeilingIsAskedAboutTheFailuresThatAreRecorded() {
    Policies one = Policies.NONE.retries(new Retries(0, 1));

    assertThat(would(passesAtLast(), 1, one)).isEqualTo(Outcome.WENT_ON);
    assertThat(would(passesAtLast(), 2, one)).isEqualTo(Outcome.BLOCKED);
  }

  @Example
  void confidenceIsComputedFromWhatIsRecorded() {
    // 0.9 with a gate, less 0.3 for the same files, 0.3 for the same error, 0.1 for two failures
    assertThat(would(passesAtLast(), 3, Policies.NONE.confidence(Confidence.atLeast(0.21))))
        .isEqualTo(Outcome.BLOCKED);
    assertThat(would(passesAtLast(), 3, Policies.NONE.confidence(Confidence.atLeast(0.2))))
        .isEqualTo(Outcome.WENT_ON);
    assertThat(would(passesAtLast(), 1, Policies.NONE.confidence(Confidence.atLeast(1))))
        .as("its gate did not pass, so nobody was asked")
        .isEqualTo(Outcome.WENT_ON);
  }

  @Example
  void whatJudgesWouldHaveSaidIsNotGuessedUnlessItWouldNotMatter() {
    Confidence judged = Confidence.atLeast(0.3).judges("strict");

    assertThat(would(passesAtLast(), 3, Policies.NONE.confidence(judged)))
        .isEqualTo(Outcome.UNKNOWN);
    Confidence high = Confidence.atLeast(0.45).judges("strict");
    assertThat(would(passesAtLast(), 3, Policies.NONE.confidence(high)))
        .as("an agent in doubt gets 0.4 at most, whatever judges say")
        .isEqualTo(Outcome.BLOCKED);
  }

  @Example
  void untilIsAskedAboutTheRecordedAnswer() {
    Scenario run = started(FIVE);
    run.work("a").acted("a", "<COMPLETION_GATE>\nready: true\n</COMPLETION_GATE>").gatesPass("a");

    assertThat(would(run, 1, Policies.NONE.until(Until.block()))).isEqualTo(Outcome.WENT_ON);
    assertThat(would(passesAtLast(), 3, Policies.NONE.until(Until.block())))
        .isEqualTo(Outcome.BLOCKED);
    assertThat(would(passesAtLast(), 1, Policies.NONE.until(Until.block())))
        .isEqualTo(Outcome.WENT_ON);
  }

  @Example
  void whatAnotherModelWouldHaveMadeOfItIsNotGuessed() {
    Policies other = Policies.NONE.ladder(Ladder.of("small", "big"));

    assertThat(would(passesAtLast(), 1, other)).isEqualTo(Outcome.UNKNOWN);
  }

  @Example
  void aPersonAtTheEndWouldHaveBeenAskedAfterTheLastAttempt() {
    Scenario run = started(FIVE);
    for (int i = 0; i < 5; i++) {
      run.work("a").acted("a").gateFails("a");
    }
    Policies person = Policies.NONE.ladder(Ladder.toPerson());

    assertThat(would(run, 4, person)).isEqualTo(Outcome.WENT_ON);
    assertThat(would(run, 5, person)).isEqualTo(Outcome.ASKED);
  }

  @Example
  void aBudgetIsAskedAboutWhatWasUsedUp() {
    // each launch uses up 110 tokens and a cent
    Budget cents = Budget.usd("0.02").perAttempt(Cap.ofUsd("0.01"));
    assertThat(would(passesAtLast(), 2, Policies.NONE.budget(cents))).isEqualTo(Outcome.WENT_ON);
    assertThat(would(passesAtLast(), 3, Policies.NONE.budget(cents))).isEqualTo(Outcome.PAUSED);
    assertThat(would(passesAtLast(), 3, Policies.NONE.budget(cents.asks())))
        .isEqualTo(Outcome.ASKED);
    assertThat(would(passesAtLast(), 3, Policies.NONE.budget(cents.aborts())))
        .isEqualTo(Outcome.BLOCKED);
    Budget less = Budget.ofTokens(1_000).perAttempt(Cap.ofTokens(100));
    assertThat(would(passesAtLast(), 1, Policies.NONE.budget(less)))
        .as("it might have been cut off at 100")
        .isEqualTo(Outcome.UNKNOWN);
  }

  private static final Budget CENT = Budget.usd("0.01").perAttempt(Cap.ofUsd("0.01"));

  /** Of three launches, which use up a cent each, the budget asks before the second and third. */
  private static RecordedRun asked() {
    Pipeline pipeline = Steps.pipeline(Steps.agent("a").attempts(3).gated().budget(CENT.asks()));
    Scenario run = started(pipeline);
    run.work("a").acted("a").gateFails("a");
    run.dispatch("a").intend("a").approve("a").work("a").acted("a").gateFails("a");
    run.dispatch("a").intend("a").approve("a").work("a").acted("a").verified("a");
    return recorded(pipeline, run.run);
  }

  private static List<Outcome> would(RecordedRun run, Budget budget) {
    return BackTest.of(run, then -> Policies.NONE.budget(budget)).lines().stream()
        .map(BackTest.Line::would)
        .toList();
  }

  @Example
  void whatCameAfterABudgetAskedAndWasToldToGoOnIsOnRecord() {
    assertThat(would(asked(), CENT.asks()))
        .containsExactly(Outcome.WENT_ON, Outcome.ASKED, Outcome.ASKED);
    assertThat(would(asked(), Budget.usd("0.05").perAttempt(Cap.ofUsd("0.01")).asks()))
        .as("nobody would have had to say yes")
        .containsOnly(Outcome.WENT_ON);
    assertThat(BackTest.of(asked(), then -> Policies.NONE).lines())
        .extracting(BackTest.Line::would)
        .containsOnly(Outcome.WENT_ON);
    assertThat(would(asked(), CENT.pauses())).startsWith(Outcome.WENT_ON, Outcome.PAUSED);
    assertThat(would(asked(), CENT.aborts())).startsWith(Outcome.WENT_ON, Outcome.BLOCKED);
  }

  /** Of these launches, which use up a cent each, the budget asks before each but the first. */
  private static RecordedRun asked(int launches) {
    Pipeline pipeline = Steps.pipeline(Steps.agent("a").attempts(20).gated().budget(CENT.asks()));
    Scenario run = started(pipeline);
    run.work("a").acted("a").gateFails("a");
    for (int i = 1; i < launches; i++) {
      run.dispatch("a").intend("a").approve("a").work("a").acted("a").gateFails("a");
    }
    return recorded(pipeline, run.run);
  }

  @Example
  void aYesGrantsNothingToABudgetThatWouldNotHaveAsked() {
    List<Outcome> five = would(asked(12), Budget.usd("0.05").perAttempt(Cap.ofUsd("0.01")).asks());

    for (int i = 0; i < five.size(); i++) {
      assertThat(five.get(i))
          .as("launch %s", i + 1)
          .isEqualTo(i > 0 && i % 5 == 0 ? Outcome.ASKED : Outcome.WENT_ON);
    }
  }

  @Example
  void aYesGrantsAsMuchAgainAsTheOtherBudgetAllows() {
    // each launch uses up 110
    Budget tokens = Budget.ofTokens(170).perAttempt(Cap.ofTokens(110)).asks();

    assertThat(would(asked(), tokens)).endsWith(Outcome.ASKED, Outcome.WENT_ON);
  }

  @Example
  void otherThresholdsAreTriedOnTheScoreThatIsRecorded() {
    EvalGate gate = EvalGate.scoredBy("quality");
    Pipeline scoring =
        new Pipeline("test", "1", "", FIVE.steps(), List.of(), null, Policies.NONE.evalGate(gate));
    Scenario run = started(scoring).work("a").acted("a");
    run.feed(
        new RunInput.Score(
            run.now, TaskId.of("a"), 1, "quality", 0.8, List.of(0.9, 0.9, 0.9, 0.9, 0.9)));
    RecordedRun recorded = recorded(scoring, run.gatesPass("a").run);

    assertThat(would(BackTest.of(recorded, then -> then.evalGate(gate.thresholds(0.05, 0.1))), "a"))
        .isEqualTo(Outcome.BLOCKED);
    assertThat(would(BackTest.of(recorded, then -> then.evalGate(gate.baseline(6, 20))), "a"))
        .isEqualTo(Outcome.WENT_ON);
    assertThat(would(BackTest.of(recorded, then -> then.evalGate(gate.baseline(5, 9))), "a"))
        .isEqualTo(Outcome.UNKNOWN);
  }

  @Property(tries = 60)
  void aRuleThatIsAddedNeverChangesWhatTheOthersSaid(
      @ForAll("pipelines") Pipeline pipeline, @ForAll("choices") List<Integer> choices) {
    Walk walk = new Walk(pipeline);
    walk.start(choices.size());
    choices.forEach(walk::step);
    Policies never =
        Policies.NONE.breaker(new LoopBreaker(999, 999, 50)).retries(new Retries(999, 999));

    BackTest test =
        BackTest.of(
            recorded(pipeline, walk.run()),
            then -> then.breaker(never.breaker()).retries(never.retries()));
    assertThat(test.lines()).noneMatch(BackTest.Line::differs);
  }
}
