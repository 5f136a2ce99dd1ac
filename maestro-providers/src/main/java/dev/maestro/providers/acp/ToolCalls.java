package dev.maestro.providers.acp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.providers.Account;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tools that an agent uses in one turn.
 *
 * <p>Each is told once, and once more when it hands something else to its tool than was told: a
 * rule has to see what is done, not what was announced or allowed before. With an agent that asks,
 * that is when it has asked, and for what it does not ask about when that is over: it announces
 * tools before it asks, and what is announced has not been done. With one that does not ask it is
 * when the tool is at work.
 */
final class ToolCalls {

  private final boolean asks;
  private final Map<String, ToolCall> calls = new LinkedHashMap<>();

  ToolCalls(boolean asks) {
    this.asks = asks;
  }

  /** Take an update, and note what has come of it; {@return what it is about} */
  ToolCall told(JsonNode update, Account account) {
    ToolCall call = learned(update);
    if (call.isOver() || !asks && call.isAtWork()) {
      uses(call, account);
    }
    if (call.isOver() && call.tellAnswer()) {
      account.answered(call.id(), call.wentWell(), call.output());
    }
    return call;
  }

  /** {@return the use of a tool that a question is about} */
  ToolCall asked(JsonNode toolCall) {
    return learned(toolCall);
  }

  /** Note that it is used, or was to be. */
  void uses(ToolCall call, Account account) {
    if (call.tell()) {
      account.uses(call.id(), call.tool(), call.input());
    }
  }

  /** Note those of which no end was told. */
  void end(Account account) {
    calls.values().forEach(call -> uses(call, account));
  }

  private ToolCall learned(JsonNode update) {
    String id = update.path("toolCallId").asText("");
    ToolCall call = calls.computeIfAbsent(id.isBlank() ? "tool" : id, ToolCall::new);
    call.learn(update);
    return call;
  }
}
