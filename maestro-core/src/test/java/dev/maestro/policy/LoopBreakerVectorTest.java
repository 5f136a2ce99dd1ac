package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import dev.maestro.gate.CompletionSignal;
import dev.maestro.task.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class LoopBreakerVectorTest {

  private static final Map<String, Reason> REASONS =
      Map.of(
          "no_changes", LoopBreaker.NO_CHANGES,
          "same_error", LoopBreaker.SAME_ERROR,
          "max_iterations", Reason.MAX_ITERATIONS,
          "single_task", CompletionPolicy.SINGLE_TASK);

  private static final String READY = "<COMPLETION_GATE>\nready: true\n</COMPLETION_GATE>";

  @TestFactory
  Stream<DynamicTest> cases() {
    return Vectors.cases(
        "circuit_breaker.json",
        sample -> {
          if (sample.has("events")) {
            events(sample);
          } else {
            loop(sample.path("given"), sample.path("expected"));
          }
        });
  }

  private static void events(JsonNode sample) {
    JsonNode limits = sample.path("thresholds");
    LoopBreaker breaker =
        new LoopBreaker(
            limits.path("runs_without_changes").intValue(),
            limits.path("same_error").intValue(),
            limits.path("iterations").intValue());
    LoopBreaker.Seen seen = breaker.closed();
    Integer tripped = null;
    for (int i = 0; i < sample.path("events").size(); i++) {
      JsonNode event = sample.path("events").get(i);
      seen = breaker.after(seen, event.path("changes").intValue(), error(event));
      assertThat(new int[] {seen.idle(), seen.sameError(), seen.iterations()})
          .containsExactly(counters(sample.path("counters_after_each").get(i)));
      if (tripped == null && seen.isOpen()) {
        tripped = i + 1;
      }
    }
    JsonNode at = sample.path("trips_at");
    assertThat(tripped).isEqualTo(at.isNull() ? null : at.intValue());
    assertThat(seen.opened())
        .isEqualTo(Optional.ofNullable(sample.path("reason").textValue()).map(REASONS::get));
  }

  private static Optional<String> error(JsonNode event) {
    return Optional.ofNullable(event.path("error").textValue());
  }

  private static int[] counters(JsonNode numbers) {
    return new int[] {
      numbers.get(0).intValue(), numbers.get(1).intValue(), numbers.get(2).intValue()
    };
  }

  private static void loop(JsonNode given, JsonNode expected) {
    CompletionPolicy policy =
        new CompletionPolicy(
            CompletionSignal.block(),
            LoopBreaker.DEFAULT,
            given.path("single_task").booleanValue());
    LoopBreaker.Seen seen = policy.breaker().closed();
    for (int run = 1; run < given.path("run").asInt(1); run++) {
      seen = policy.breaker().after(seen, 1, Optional.empty());
    }
    String answer = given.path("gate").path("ready").booleanValue() ? READY : "not yet";
    CompletionPolicy.Next next = policy.after(seen, answer, 1, Optional.empty());
    switch (expected.path("outcome").asText()) {
      case "complete" -> assertThat(next).isInstanceOf(CompletionPolicy.Next.Complete.class);
      case "continue" -> assertThat(next).isInstanceOf(CompletionPolicy.Next.Continue.class);
      case "stop" ->
          assertThat(next)
              .isEqualTo(
                  new CompletionPolicy.Next.Stop(
                      REASONS.get(expected.path("reason").asText()), Optional.empty()));
      default -> throw new AssertionError(expected);
    }
  }
}
