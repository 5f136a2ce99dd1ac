package dev.maestro.failure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ErrorVectorTest {

  private static final Instant NOW = Instant.parse("2026-11-20T20:00:00Z");

  private static final Map<String, Set<ErrorClass>> TYPES =
      Map.of(
          "authentication", Set.of(ErrorClass.AUTHENTICATION),
          "quota_exhausted", Set.of(ErrorClass.QUOTA_EXHAUSTED),
          "rate_limit", Set.of(ErrorClass.RATE_LIMITED),
          "abort", Set.of(ErrorClass.CANCELLED),
          "cancellation", Set.of(ErrorClass.CANCELLED),
          // all that is none of those above; what may be gone next time is a class of its own here
          "execution", EnumSet.of(ErrorClass.PERMANENT, ErrorClass.TRANSIENT),
          "unknown", Set.of(ErrorClass.PERMANENT));

  @TestFactory
  Stream<DynamicTest> cases() {
    return Vectors.cases("error_classification.json", ErrorVectorTest::check);
  }

  private static void check(JsonNode sample) {
    ErrorSigns signs = ErrorSigns.of(sample.path("message").asText());
    if (sample.has("exceptionName")) {
      signs = signs.code(sample.path("exceptionName").textValue());
    }

    Failure failure = signs.classify(NOW, ZoneOffset.UTC);

    JsonNode expected = sample.path("expected");
    assertThat(TYPES.get(expected.path("type").textValue())).contains(failure.errorClass());
    JsonNode seconds = expected.path("retryAfterSeconds");
    assertThat(failure.knownEnd().map(end -> Duration.between(NOW, end).toSeconds()).orElse(null))
        .isEqualTo(seconds.isNull() || seconds.isMissingNode() ? null : seconds.longValue());
  }
}
