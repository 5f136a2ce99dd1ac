package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import dev.maestro.task.Reason;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class EvalGateVectorTest {

  @TestFactory
  Stream<DynamicTest> cases() {
    return Vectors.cases("eval_gate.json", EvalGateVectorTest::check);
  }

  private static void check(JsonNode sample) {
    JsonNode config = sample.path("config");
    EvalGate gate =
        new EvalGate(
            "score",
            config.path("min_baseline_runs").intValue(),
            config.path("baseline_window").intValue(),
            config.path("warn_threshold").doubleValue(),
            config.path("block_threshold").doubleValue(),
            false);
    List<Double> baseline =
        StreamSupport.stream(sample.path("baseline_scores_oldest_first").spliterator(), false)
            .map(JsonNode::doubleValue)
            .toList();
    EvalDecision decision = gate.judge(baseline, sample.path("current_score").doubleValue());
    JsonNode expected = sample.path("expected");
    assertThat(decision.decision().name().toLowerCase(Locale.ROOT))
        .isEqualTo(expected.path("decision").asText());
    assertThat(decision.baselineSampleSize())
        .isEqualTo(expected.path("baseline_sample_size").intValue());
    assertThat(decision.reasonCodes().stream().map(Reason::code).toList())
        .isEqualTo(
            StreamSupport.stream(expected.path("reason_codes").spliterator(), false)
                .map(JsonNode::textValue)
                .toList());
    assertThat(decision.verdict() instanceof Verdict.Refuse)
        .isEqualTo(expected.path("halts_step").booleanValue());
    if (expected.has("score_drop")) {
      assertThat(decision.baselineScore().orElseThrow())
          .isCloseTo(expected.path("baseline_score").doubleValue(), within(1e-9));
      assertThat(decision.scoreDrop().orElseThrow())
          .isCloseTo(expected.path("score_drop").doubleValue(), within(1e-9));
    }
  }
}
