package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.insight.LadderReport;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a ladder's rungs cost and came to, as the books have it. */
class LadderReportTest {

  private static final Budget THREE = Budget.usd("9.00").perAttempt(Cap.ofUsd("3.00"));

  private static Scenario started() {
    return Scenario.started(Steps.agent("a").attempts(3).gated().mergeInto("main").budget(THREE));
  }

  private static Scenario climbs(Scenario run, int rung, String model, boolean degraded) {
    Judgment judgment =
        Judgment.of(Ladder.RULE, Place.ROUTE, Verdict.proceed(), Numbers.of("rung", rung))
            .detail(model);
    String launched = degraded ? "mini" : model;
    RunEvent.Intent intent =
        new RunEvent.Intent(
            run.now,
            TaskId.of("a"),
            run.run.task("a").attempt(),
            "claude",
            launched,
            "c0",
            "p0",
            null,
            true);
    RunInput.Intend input = new RunInput.Intend(intent, List.of(judgment));
    return run.feed(degraded ? input.withLess() : input).launch("a");
  }

  private static Scenario done(Scenario run, String usd) {
    Usage usage = Usage.of(100, 10, Money.usd(usd));
    int attempt = run.run.task("a").attempt();
    return run.feed(run.ended("a", attempt, new ActResult.Done(Scenario.text("x"), usage, null)));
  }

  private static List<LadderReport.Rung> rungs(Scenario run) {
    List<RunRecord> records = new ArrayList<>();
    run.run
        .journal()
        .forEach(e -> records.add(new RunRecord(Scenario.KEY, records.size() + 1L, e)));
    return LadderReport.of(records).rungs();
  }

  @Test
  void workThatFailsWhereItIsMergedIsNoAcceptedChange() {
    Scenario run = climbs(started().dispatch("a"), 1, "small", false);
    done(run, "1.00").gatesPass("a").preparesMerge("a").mergedTreeFails("a");
    climbs(run.dispatch("a"), 2, "large", false);
    done(run, "2.00").gatesPass("a").preparesMerge("a").merges("a");

    assertThat(rungs(run))
        .containsExactly(
            new LadderReport.Rung(1, "small", 1, 0, Money.usd("1.00"), false),
            new LadderReport.Rung(2, "large", 1, 1, Money.usd("2.00"), false));
  }

  @Test
  void aDegradedLaunchStandsUnderTheModelThatWasLaunched() {
    Scenario run = climbs(started().dispatch("a"), 1, "strong", true);
    done(run, "0.10").gatesPass("a");

    assertThat(rungs(run))
        .containsExactly(new LadderReport.Rung(1, "mini", 1, 1, Money.usd("0.10"), false));
  }

  @Test
  void aLaunchThatWasCutOffCostsWhatWasPutAsideForItUntilItIsKnown() {
    Scenario run = climbs(started().dispatch("a"), 1, "small", false).crash();

    assertThat(rungs(run))
        .containsExactly(new LadderReport.Rung(1, "small", 1, 0, Money.usd("3.00"), true));
    done(run, "0.50");
    assertThat(rungs(run))
        .containsExactly(new LadderReport.Rung(1, "small", 1, 0, Money.usd("0.50"), false));
  }

  @Test
  void whatAQuotaTurnedAwayIsNoAttempt() {
    Scenario run = climbs(started().dispatch("a"), 1, "small", false);
    Trouble quota =
        new Trouble(
            Reason.QUOTA_EXHAUSTED,
            ErrorClass.TRANSIENT,
            "used up",
            "",
            run.now.plus(Duration.ofHours(1)));
    run.feed(run.ended("a", 1, new ActResult.Failed(quota, Usage.NONE, null)));

    assertThat(rungs(run))
        .containsExactly(new LadderReport.Rung(1, "small", 0, 0, Money.ZERO, false));
  }
}
