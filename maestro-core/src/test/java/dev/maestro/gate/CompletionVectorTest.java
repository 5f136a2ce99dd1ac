package dev.maestro.gate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class CompletionVectorTest {

  @TestFactory
  Stream<DynamicTest> cases() {
    return Vectors.cases("completion_gate.json", CompletionVectorTest::check);
  }

  private static void check(JsonNode sample) {
    Optional<Completion> read = signal(sample).read(answer(sample.path("agent_output")));
    JsonNode expected = sample.path("expected");
    assertThat(read.filter(Completion::ready).isPresent())
        .isEqualTo(expected.path("complete").booleanValue());
    if (expected.has("found")) {
      assertThat(read.isPresent()).isEqualTo(expected.path("found").booleanValue());
    }
    if (expected.has("blockers")) {
      assertThat(read)
          .contains(
              new Completion(
                  expected.path("ready").booleanValue(),
                  Optional.ofNullable(expected.path("reason").textValue()),
                  Optional.ofNullable(expected.path("progress").textValue()),
                  StreamSupport.stream(expected.path("blockers").spliterator(), false)
                      .map(JsonNode::textValue)
                      .toList()));
    }
  }

  private static CompletionSignal signal(JsonNode sample) {
    return switch (sample.path("family").asText()) {
      case "completion_gate" -> CompletionSignal.block();
      case "promise" -> CompletionSignal.promise();
      default -> throw Vectors.unknownOp(sample);
    };
  }

  private static String answer(JsonNode output) {
    if (output.isObject()) {
      return output.path("repeat").asText().repeat(output.path("times").intValue())
          + output.path("then").asText();
    }
    return output.isNull() ? "" : output.textValue();
  }
}
