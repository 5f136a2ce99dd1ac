package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.policy.Baseline.Score;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BaselineTest {

  private static final Baseline NOTHING = Baseline.of(Tenant.DEFAULT, "tdd", "green", "coverage");
  private static final TaskId TASK = TaskId.of("green");

  private static Baseline.Score score(int run, int attempt) {
    return new Baseline.Score(RunId.of("r" + run), TASK, attempt, run / 100.0);
  }

  private static Baseline after(List<Integer> runs, int atMost) {
    Baseline baseline = NOTHING;
    for (int run : runs) {
      baseline = baseline.with(score(run, 1), atMost);
    }
    return baseline;
  }

  @Property
  void holdsTheNewestScoresOnceForEachTask(
      @ForAll @Size(max = 60) List<@IntRange(max = 30) Integer> runs,
      @ForAll @IntRange(min = 1, max = 40) int atMost) {
    Baseline baseline = after(runs, atMost);

    assertThat(baseline.scores()).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(atMost + 1);
    if (!runs.isEmpty()) {
      assertThat(baseline.scores()).contains(score(runs.get(runs.size() - 1), 1));
    }
  }

  @Property
  void isNotChangedByAScoreThatIsNotedAgain(
      @ForAll @Size(min = 1, max = 30) List<@IntRange(max = 30) Integer> runs) {
    Baseline baseline = after(runs, 40);

    assertThat(after(runs.subList(runs.size() - 1, runs.size()), 40).scores())
        .isSubsetOf(baseline.scores());
    assertThat(baseline.with(score(runs.get(0), 1), 40)).isEqualTo(baseline);
  }

  @Test
  void aLaterAttemptTakesThePlaceOfAnEarlierOne() {
    Baseline baseline = after(List.of(1, 2, 3), 20).with(score(2, 2), 20);

    assertThat(baseline.scores()).containsExactly(score(1, 1), score(3, 1), score(2, 2));
  }

  @Test
  void aRunIsNotComparedWithItself() {
    Score sibling = new Score(RunId.of("r2"), TaskId.of("red"), 1, 0.5);
    Baseline baseline = after(List.of(1, 2, 3), 20).with(sibling, 20);

    assertThat(baseline.without(RunId.of("r2"))).containsExactly(0.01, 0.03);
    assertThat(baseline.without(RunId.of("r4"))).containsExactly(0.01, 0.02, 0.03, 0.5);
  }

  @Test
  void aLongListDoesNotPushOutWhatItIsComparedWith() {
    Baseline baseline = after(List.of(1, 2, 3), 2);
    for (int i = 1; i <= 9; i++) {
      baseline = baseline.with(new Score(RunId.of("long"), TaskId.of("each/" + i), 1, 0.5), 2);
    }

    assertThat(baseline.without(RunId.of("long"))).containsExactly(0.02, 0.03);
    assertThat(baseline.scores()).hasSize(4);
  }

  @Test
  void onlyTheTwentyNewestScoresCount() {
    List<Double> oldest = List.of(0.0);
    List<Double> newest = IntStream.range(0, 20).mapToObj(i -> 0.9).toList();
    List<Double> all = IntStream.range(0, 21).mapToObj(i -> i == 0 ? 0.0 : 0.9).toList();
    EvalGate gate = EvalGate.scoredBy("coverage");

    assertThat(all).containsAll(oldest);
    assertThat(gate.judge(all, 0.9)).isEqualTo(gate.judge(newest, 0.9));
    assertThat(gate.judge(all, 0.9).scoreDrop().orElseThrow()).isZero();
  }

  @Test
  void fourScoresAreTooFewAndFiveAreEnough() {
    EvalGate gate = EvalGate.scoredBy("coverage");

    EvalDecision four = gate.judge(List.of(1.0, 1.0, 1.0, 1.0), 0.0);
    EvalDecision five = gate.judge(List.of(1.0, 1.0, 1.0, 1.0, 1.0), 0.0);

    assertThat(four.decision()).isEqualTo(EvalDecision.Outcome.PASS);
    assertThat(four.reasonCodes()).containsExactly(EvalGate.INSUFFICIENT_BASELINE);
    assertThat(five.decision()).isEqualTo(EvalDecision.Outcome.BLOCK);
  }

  @Test
  void whatWasBlockedForADropDoesNotBecomeUsual() {
    EvalGate gate = EvalGate.scoredBy("coverage");
    List<Double> usual = List.of(1.0, 1.0, 1.0, 1.0, 1.0);

    assertThat(gate.judge(usual, 0.0).counts()).isFalse();
    assertThat(gate.judge(usual, 0.8).counts()).isTrue();
    assertThat(gate.failingClosed().judge(List.of(), 0.8).decision())
        .isEqualTo(EvalDecision.Outcome.BLOCK);
    assertThat(gate.failingClosed().judge(List.of(), 0.8).counts()).isTrue();
  }
}
