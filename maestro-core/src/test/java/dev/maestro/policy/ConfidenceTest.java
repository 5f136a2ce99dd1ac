package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import dev.maestro.task.Reason;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ConfidenceTest {

  private static final Observed GOOD = new Observed(2, 3, 0, false, 0, false, List.of(), "done");

  private static double score(Observed seen) {
    return Confidence.DEFAULT.score(seen);
  }

  /** What an agent says about itself, alone, as the sources have it. */
  @TestFactory
  Stream<DynamicTest> vectors() {
    return Vectors.cases("reliability.json", ConfidenceTest::check);
  }

  private static void check(JsonNode sample) {
    if (sample.path("op").asText().equals("confidence")) {
      Observed seen = Observed.saying(sample.path("output").asText());
      Finding finding = Confidence.DEFAULT.judge(seen, true, "of a");
      assertThat(finding.verdict() instanceof Verdict.Ask)
          .isEqualTo(sample.path("expected").path("escalate").booleanValue());
    }
  }

  @Test
  void whatCanBeSeenCountsFirst() {
    assertThat(score(GOOD)).isCloseTo(0.9, within(1e-9));
    assertThat(score(new Observed(0, 3, 0, false, 0, false, List.of(), "all is well")))
        .isCloseTo(0.6, within(1e-9));
    assertThat(score(new Observed(2, 3, 1, true, 0, false, List.of(), "")))
        .isCloseTo(0.55, within(1e-9));
    assertThat(score(new Observed(2, 3, 2, false, 2, false, List.of(), "")))
        .isCloseTo(0.5, within(1e-9));
    assertThat(score(new Observed(2, 51, 0, false, 0, false, List.of(), "")))
        .isCloseTo(0.8, within(1e-9));
  }

  @Test
  void whatAnAgentWasDeniedCountsAgainstItAndMostWhereNothingChecksItsWork() {
    Observed gated = new Observed(1, 1, 0, false, 0, true, List.of(), "done");
    Observed unchecked = new Observed(0, 1, 0, false, 0, true, List.of(), "done");

    assertThat(score(gated)).isCloseTo(0.7, within(1e-9));
    assertThat(Confidence.DEFAULT.judge(gated, true, "of a").verdict())
        .isInstanceOf(Verdict.Proceed.class);
    assertThat(Confidence.DEFAULT.judge(unchecked, true, "of a").verdict())
        .isInstanceOfSatisfying(
            Verdict.Ask.class, ask -> assertThat(ask.question()).contains("was denied a tool"));
  }

  @Test
  void judgesHaveHalfOfItAndLessWhenTheyDisagree() {
    assertThat(score(new Observed(1, 1, 0, false, 0, false, List.of(0.5, 0.7), "")))
        .isCloseTo(0.75, within(1e-9));
    assertThat(score(new Observed(1, 1, 0, false, 0, false, List.of(0.2, 1.0), "")))
        .isCloseTo(0.65, within(1e-9));
  }

  @Test
  void anAgentThatIsNotSureIsBelievedAndOneThatIsSureIsNot() {
    assertThat(score(new Observed(2, 1, 0, false, 0, false, List.of(), "Low  confidence, sorry")))
        .isCloseTo(0.4, within(1e-9));
    assertThat(score(new Observed(0, 1, 3, true, 3, false, List.of(), "confidence: high")))
        .isLessThan(0.1);
  }

  @Test
  void tooLittleIsTriedAgainAndInTheEndAPersonIsAsked() {
    Observed doubtful = Observed.saying("confidence: low");

    Verdict again = Confidence.DEFAULT.judge(doubtful, false, "of a").verdict();
    Verdict last = Confidence.DEFAULT.judge(doubtful, true, "of a").verdict();

    assertThat(again)
        .isInstanceOfSatisfying(
            Verdict.Refuse.class,
            refuse -> {
              assertThat(refuse.reason()).isEqualTo(Reason.LOW_CONFIDENCE);
              assertThat(refuse.recoverable()).isFalse();
            });
    assertThat(last).isInstanceOf(Verdict.Ask.class);
    assertThat(Confidence.DEFAULT.judge(doubtful, true, "of a").numbers())
        .hasToString("score 0.4, atLeast 0.5");
  }

  @Property(tries = 200)
  void whatAnAgentSaysNeverRaisesIt(
      @ForAll @IntRange(max = 3) int gates,
      @ForAll @IntRange(max = 100) int files,
      @ForAll @IntRange(max = 9) int failed,
      @ForAll boolean same,
      @ForAll @DoubleRange(max = 1) double judge,
      @ForAll String says) {
    Observed silent = new Observed(gates, files, failed, same, failed, false, List.of(judge), "");
    Observed speaking =
        new Observed(gates, files, failed, same, failed, false, List.of(judge), says);

    assertThat(score(speaking)).isBetween(0.0, score(silent));
  }

  // ------------------------------------------------------------------ ladders

  @Test
  void anAttemptThatDidNotPassACheckClimbs() {
    Ladder ladder = Ladder.of("small", "large").each(2).thenPerson();

    assertThat(ladder.rung(0)).hasValue(1);
    assertThat(ladder.rung(1)).hasValue(1);
    assertThat(ladder.rung(2)).hasValue(2);
    assertThat(ladder.rung(9)).hasValue(2);
    assertThat(ladder.isUsedUp(3)).isFalse();
    assertThat(ladder.isUsedUp(4)).isTrue();
    assertThat(Ladder.toPerson().rung(0)).isEmpty();
    assertThat(Ladder.toPerson().isUsedUp(100)).isFalse();
  }

  @Test
  void aLadderWithoutRungsAndPersonIsNone() {
    assertThatThrownBy(() -> new Ladder(List.of(), 1, false)).hasMessageContaining("needs a rung");
    assertThatThrownBy(() -> Ladder.of("a").each(0)).hasMessageContaining("at least 1");
  }
}
