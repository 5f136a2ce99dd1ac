package dev.maestro.providers.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.failure.ErrorSigns;
import dev.maestro.providers.Account;
import dev.maestro.providers.JsonReading;
import dev.maestro.task.Money;
import org.jspecify.annotations.Nullable;

/**
 * Understands what {@code gemini -o stream-json} writes.
 *
 * <p>It calls it a success, too, when it was stopped: by what it takes for a loop, by a hook, by
 * the number of its turns. That is told as an error, after which nothing comes but the end.
 */
final class GeminiReading extends JsonReading {

  // the latest error, as long as it has done nothing since
  private @Nullable String stopped;

  @Override
  protected void event(JsonNode event, Account account) {
    switch (text(event, "type")) {
      case "init" -> account.named(text(event, "session_id"));
      case "message" -> message(event, account);
      case "tool_use" -> {
        stopped = null;
        account.uses(
            text(event, "tool_id"), text(event, "tool_name"), json(event.path("parameters")));
      }
      case "tool_result" ->
          account.answered(
              text(event, "tool_id"),
              text(event, "status").equals("success"),
              text(event, "output"));
      case "error" -> {
        stopped = text(event, "message");
        account.suspects(ErrorSigns.of(stopped));
      }
      case "result" -> result(event, account);
      default -> {
        // of a kind that says nothing here
      }
    }
  }

  private void message(JsonNode event, Account account) {
    String content = text(event, "content");
    if (text(event, "role").equals("assistant") && !content.isEmpty()) {
      stopped = null;
      account.said(event.path("delta").booleanValue() ? content : content + "\n");
    }
  }

  private void result(JsonNode result, Account account) {
    usage(result.path("stats"), account);
    JsonNode error = result.path("error");
    if (error.isObject()) {
      account.failed(ErrorSigns.of(text(error, "message")).code(text(error, "type")));
    } else if (stopped != null) {
      account.failed(ErrorSigns.of(stopped));
    } else if (text(result, "status").equals("success")) {
      account.completed();
    } else {
      account.failed(ErrorSigns.NONE);
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
