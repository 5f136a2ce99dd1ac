package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.insight.RecordedRun;
import dev.maestro.insight.RoutingRecommendation;
import dev.maestro.insight.ShadowRouting;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.task.Money;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What shadow routing says of recorded launches, which it cannot change. */
class ShadowRoutingTest {

  private static final Pipeline PIPELINE = Steps.pipeline(Steps.agent("a"));
  private static final String STEP = "test/a";

  private final ShadowRouting shadow = new ShadowRouting();

  private static RecordedRun launch(String model, String usd, boolean accepted) {
    Scenario run = Scenario.started(PIPELINE).dispatch("a");
    RunEvent.Intent intent =
        new RunEvent.Intent(run.now, TaskId.of("a"), 1, "claude", model, "c0", "p0", null, true);
    run.feed(new RunInput.Intend(intent)).launch("a");
    Usage usage = usd == null ? null : Usage.of(100, 10, Money.usd(usd));
    if (accepted) {
      run.feed(run.ended("a", 1, new ActResult.Done(Scenario.text("x"), usage, null)));
      run.verified("a");
    } else {
      Trouble trouble = Scenario.trouble(ErrorClass.PERMANENT);
      run.feed(run.ended("a", 1, new ActResult.Failed(trouble, usage, null)));
    }
    List<RunRecord> records = new ArrayList<>();
    run.run
        .journal()
        .forEach(e -> records.add(new RunRecord(Scenario.KEY, records.size() + 1L, e)));
    return RecordedRun.of(PIPELINE, records, id -> Optional.empty());
  }

  private void launches(int count, String model, String usd, int accepted) {
    for (int i = 0; i < count; i++) {
      shadow.take(launch(model, usd, i < accepted));
    }
  }

  private RoutingRecommendation next(String model) {
    shadow.take(launch(model, "0.10", true));
    List<RoutingRecommendation> history = shadow.history(STEP);
    return history.get(history.size() - 1);
  }

  /** Launches and accepted ones of the other route, its cost, and what comes of that. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0.01, claude/opus, 100, true",
    "4, 4, 0.01, claude/opus, 100, true",
    "5, 5, 0.01, claude/haiku, 57, false",
    "20, 20, 0.01, claude/haiku, 84, false",
    "5, 4, 0.01, claude/opus, 100, false",
    "5, 5, 0.50, claude/opus, 100, false",
    "5, 0, 0.01, claude/opus, 100, false"
  })
  void aCheaperRouteThatIsAcceptedAsOftenIsRecommended(
      int launches, int accepted, String usd, String recommended, int most, boolean fallback) {
    launches(6, "opus", "0.10", 6);
    launches(launches, "haiku", usd, accepted);

    RoutingRecommendation said = next("opus");
    assertThat(said.current()).isEqualTo("claude/opus");
    assertThat(said.recommended()).isEqualTo(recommended);
    assertThat(said.fallback()).isEqualTo(fallback);
    assertThat(said.confidence()).isLessThanOrEqualTo(most);
    assertThat(said.samples()).isEqualTo(said.differs() ? launches : 6);
    assertThat(said.step()).isEqualTo(STEP);
  }

  @Test
  void theFirstLaunchFallsBackToWhatIsUsed() {
    RoutingRecommendation first = next("opus");

    assertThat(first.differs()).isFalse();
    assertThat(first.fallback()).isTrue();
    assertThat(first.samples()).isZero();
    assertThat(first.confidence()).isZero();
  }

  @Test
  void aRouteWhoseCostIsNotKnownIsNotRecommended() {
    launches(6, "opus", "0.10", 6);
    launches(6, "haiku", null, 6);

    assertThat(next("opus").differs()).isFalse();
  }

  @Test
  void whatFollowingItWouldHaveSavedIsSummedByStep() {
    launches(6, "opus", "0.10", 6);
    launches(5, "haiku", "0.01", 5);
    next("opus");
    next("opus");

    assertThat(shadow.saved()).containsOnlyKeys(STEP);
    assertThat(shadow.saved().get(STEP)).isEqualByComparingTo(new BigDecimal("0.18"));
    assertThat(shadow.routes(STEP)).extracting(r -> r.launches()).containsExactly(8, 5);
    assertThat(Map.copyOf(shadow.saved())).hasSize(1);
  }
}
