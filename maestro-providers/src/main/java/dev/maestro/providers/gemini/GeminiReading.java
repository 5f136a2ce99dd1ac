package dev.maestro.providers.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.failure.ErrorSigns;
import dev.maestro.providers.Account;
import dev.maestro.providers.JsonReading;
import dev.maestro.task.Money;

/** Understands what {@code gemini -o stream-json} writes. */
final class GeminiReading extends JsonReading {

  @Override
  protected void event(JsonNode event, Account account) {
    switch (text(event, "type")) {
      case "init" -> account.named(text(event, "session_id"));
      case "message" -> message(event, account);
      case "tool_use" ->
          account.uses(
              text(event, "tool_id"), text(event, "tool_name"), json(event.path("parameters")));
      case "tool_result" ->
          account.answered(
              text(event, "tool_id"),
              text(event, "status").equals("success"),
              text(event, "output"));
      case "error" -> account.suspects(ErrorSigns.of(text(event, "message")));
      case "result" -> result(event, account);
      default -> {
        // of a kind that says nothing here
      }
    }
  }

  private static void message(JsonNode event, Account account) {
    String content = text(event, "content");
    if (text(event, "role").equals("assistant") && !content.isEmpty()) {
      account.said(event.path("delta").booleanValue() ? content : content + "\n");
    }
  }

  private static void result(JsonNode result, Account account) {
    usage(result.path("stats"), account);
    if (text(result, "status").equals("success")) {
      account.completed();
    } else {
      JsonNode error = result.path("error");
      account.failed(ErrorSigns.of(text(error, "message")).code(text(error, "type")));
    }
  }

  /** {@code input} are the tokens that were not taken from the cache. */
  private static void usage(JsonNode stats, Account account) {
    if (stats.isObject()) {
      account.used(
          account.usage(
              number(stats, "input_tokens") - number(stats, "cached"),
              number(stats, "output_tokens"),
              number(stats, "cached"),
              Money.ZERO,
              0));
    }
  }
}
