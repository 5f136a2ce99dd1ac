package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import java.io.IOException;
import java.time.Instant;

/** Failures as cassettes and report lines write them. */
final class FailureJson {

  private FailureJson() {}

  static Failure read(Node failure) {
    return new Failure(
        failure.get("class").as(FailureJson::errorClass),
        failure.get("message").text(),
        failure.optional("until", FailureJson::instant));
  }

  private static ErrorClass errorClass(Node node) {
    return ErrorClass.ofCode(node.text()).orElseThrow(() -> node.wrong("is no class of errors"));
  }

  static Instant instant(Node node) {
    return node.as(text -> Instant.parse(text.text()));
  }

  static void write(JsonGenerator json, Failure failure) throws IOException {
    json.writeStartObject();
    json.writeStringField("class", failure.errorClass().code());
    json.writeStringField("message", failure.message());
    if (failure.until() != null) {
      json.writeStringField("until", failure.until().toString());
    }
    json.writeEndObject();
  }
}
