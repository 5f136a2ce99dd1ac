package dev.maestro.attempt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.failure.PermanentException;
import dev.maestro.json.Json;
import dev.maestro.pipeline.Step;

/** Reads what agents and programs return, by one rule. */
final class Replies {

  private Replies() {}

  /** {@return the text as the step wants it: itself, or the JSON it holds} */
  static JsonNode read(Step step, String text) {
    if (!step.json()) {
      return Values.text(text);
    }
    try {
      JsonNode json = Json.read(unfenced(text));
      if (json == null || json.isMissingNode()) {
        throw new PermanentException("the output of " + step.id() + " is empty and should be JSON");
      }
      return json;
    } catch (JsonProcessingException e) {
      throw new PermanentException(
          "the output of " + step.id() + " should be JSON and is not: " + e.getOriginalMessage(),
          e);
    }
  }

  /** Agents like to wrap JSON into a fenced block. */
  private static String unfenced(String text) {
    String stripped = text.strip();
    int start = stripped.indexOf('\n');
    boolean fenced = stripped.startsWith("```") && stripped.endsWith("```") && start > 0;
    return fenced ? stripped.substring(start, stripped.length() - 3) : stripped;
  }
}
