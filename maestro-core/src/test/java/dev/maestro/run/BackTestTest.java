package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.insight.BackTest;
import dev.maestro.insight.Outcome;
import dev.maestro.insight.RecordedRun;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Place;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Tiers;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunInput.ActResult;
import dev.maestro.store.BlobId;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.Risk;
import dev.maestro.task.TaskId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Recorded runs under other policies. */
class BackTestTest {

  private static final byte[] PROMPT = "please rm -rf the cache".getBytes(StandardCharsets.UTF_8);
  private static final Function<BlobId, Optional<byte[]>> BLOBS =
      id -> id.equals(BlobId.of(PROMPT)) ? Optional.of(PROMPT) : Optional.empty();

  private static RecordedRun recorded(Pipeline pipeline, RunUnderTest run) {
    List<RunRecord> records = new ArrayList<>();
    for (RunEvent event : run.journal()) {
      records.add(new RunRecord(Scenario.KEY, records.size() + 1L, event));
    }
    return RecordedRun.of(pipeline, records, BLOBS);
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
  }

  @Example
  void aPromptThatIsNotThereIsNotGuessed() {
    BackTest test = under(ran(), Policies.NONE.guard(Guardrail.terms()));

    assertThat(would(test, "b")).isEqualTo(Outcome.UNKNOWN);
    assertThat(test.lines().get(1).certain()).as("what it waited for was stopped").isFalse();
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
            run.now, TaskId.of("a"), 1, new ActResult.Stopped(refusal), 0.5, List.of(judged)));

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
}
