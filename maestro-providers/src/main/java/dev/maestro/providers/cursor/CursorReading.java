package dev.maestro.providers.cursor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.failure.ErrorSigns;
import dev.maestro.providers.Account;
import dev.maestro.providers.JsonReading;
import java.util.Map;

/**
 * Understands what {@code cursor-agent --output-format stream-json} writes.
 *
 * <p>A turn that fails ends without an event; what went wrong stands on stderr.
 */
final class CursorReading extends JsonReading {

  @Override
  protected void event(JsonNode event, Account account) {
    switch (text(event, "type")) {
      case "system" -> account.named(text(event, "session_id"));
      case "assistant" -> event.path("message").path("content").forEach(b -> said(b, account));
      case "thinking" -> account.thought(text(event, "text"));
      case "tool_call" -> tool(event, account);
      case "result" -> result(event, account);
      default -> {
        // of a kind that says nothing here
      }
    }
  }

  private static void said(JsonNode block, Account account) {
    if (text(block, "type").equals("text") && !text(block, "text").isEmpty()) {
      account.said(text(block, "text") + "\n");
    }
  }

  /** The one field of a call names the tool: {@code writeToolCall}. */
  private static void tool(JsonNode event, Account account) {
    String id = text(event, "call_id");
    for (Map.Entry<String, JsonNode> call : event.path("tool_call").properties()) {
      if (text(event, "subtype").equals("started")) {
        String tool = call.getKey().replaceFirst("ToolCall$", "");
        account.uses(id, tool, json(call.getValue().path("args")));
      } else if (text(event, "subtype").equals("completed")) {
        JsonNode result = call.getValue().path("result");
        account.answered(id, result.has("success"), json(result));
      }
      return;
    }
  }

  private static void result(JsonNode result, Account account) {
    account.named(text(result, "session_id"));
    boolean isError = result.path("is_error").booleanValue();
    if (text(result, "subtype").equals("success") && !isError) {
      account.completed(text(result, "result"));
    } else {
      account.failed(ErrorSigns.of(text(result, "result")).code(text(result, "subtype")));
    }
  }
}
