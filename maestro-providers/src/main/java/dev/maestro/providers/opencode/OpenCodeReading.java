package dev.maestro.providers.opencode;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.failure.ErrorSigns;
import dev.maestro.providers.Account;
import dev.maestro.providers.JsonReading;
import dev.maestro.task.Money;

/**
 * Understands what {@code opencode run --format json} writes.
 *
 * <p>There is no event for the end of a turn: it has come to its end when the last step stopped of
 * itself and the program ended. An error may be one that it gets over by compacting.
 */
final class OpenCodeReading extends JsonReading {

  private long input;
  private long output;
  private long cached;
  private long steps;
  private Money cost = Money.ZERO;

  @Override
  protected void event(JsonNode event, Account account) {
    account.named(text(event, "sessionID"));
    JsonNode part = event.path("part");
    switch (text(event, "type")) {
      case "step_start" -> account.goesOn();
      case "text" -> {
        if (!text(part, "text").isEmpty()) {
          account.said(text(part, "text") + "\n");
        }
      }
      case "reasoning" -> account.thought(text(part, "text"));
      case "tool_use" -> tool(part, account);
      case "step_finish" -> finish(part, account);
      case "error" -> error(event.path("error"), account);
      default -> {
        // of a kind that says nothing here
      }
    }
  }

  /** A tool is told when it has ended. */
  private static void tool(JsonNode part, Account account) {
    String id = text(part, "callID");
    JsonNode state = part.path("state");
    boolean ok = text(state, "status").equals("completed");
    account.uses(id, text(part, "tool"), json(state.path("input")));
    account.answered(id, ok, text(state, ok ? "output" : "error"));
    if (!ok && text(state, "error").contains("rejected permission")) {
      String message = "it may not use " + text(part, "tool") + ": " + text(state, "error");
      account.suspects(ErrorSigns.of(message).code("refusal"));
    }
  }

  private void finish(JsonNode part, Account account) {
    JsonNode tokens = part.path("tokens");
    input += number(tokens, "input") + number(tokens.path("cache"), "write");
    output += number(tokens, "output") + number(tokens, "reasoning");
    cached += number(tokens.path("cache"), "read");
    cost = cost.plus(money(part, "cost"));
    steps++;
    account.used(account.usage(input, output, cached, cost, steps));
    account.filled(number(tokens, "total"), 0);
    if (text(part, "reason").equals("stop")) {
      account.completed();
    } else {
      account.goesOn();
    }
  }

  private static void error(JsonNode error, Account account) {
    JsonNode data = error.path("data");
    ErrorSigns signs = ErrorSigns.of(text(data, "message")).code(text(error, "name"));
    if (data.path("statusCode").isInt()) {
      signs = signs.status(data.path("statusCode").intValue());
    }
    String header = text(data.path("responseHeaders"), "retry-after");
    if (!header.isEmpty()) {
      signs = signs.retryAfter(header);
    }
    account.goesOn();
    account.suspects(withBody(signs, text(data, "responseBody")));
  }

  private static ErrorSigns withBody(ErrorSigns signs, String body) {
    JsonNode inner = object(body).map(each -> each.path("error")).orElse(null);
    return inner == null
        ? signs.text(body)
        : signs.code(text(inner, "code")).code(text(inner, "type")).text(body);
  }
}
