package dev.maestro.providers.codex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.failure.ErrorSigns;
import dev.maestro.providers.Account;
import dev.maestro.providers.JsonReading;
import dev.maestro.task.Money;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Understands what {@code codex exec --json} writes.
 *
 * <p>An {@code error} may be one that it gets over ({@code Reconnecting... 1/5}); only a turn that
 * failed is a failure. An item of the type {@code error} is a warning.
 */
final class CodexReading extends JsonReading {

  // items whose begin was told; a short one may only be told when it has ended
  private final Set<String> begun = new HashSet<>();

  @Override
  protected void event(JsonNode event, Account account) {
    switch (text(event, "type")) {
      case "thread.started" -> account.named(text(event, "thread_id"));
      case "turn.started" -> account.goesOn();
      case "item.started" -> begin(event.path("item"), account);
      case "item.completed" -> end(event.path("item"), account);
      case "turn.completed" -> {
        usage(event.path("usage"), account);
        account.completed();
      }
      case "turn.failed" -> account.failed(ErrorSigns.of(text(event.path("error"), "message")));
      case "error" -> error(text(event, "message"), account);
      default -> {
        // of a kind that says nothing here
      }
    }
  }

  private static void error(String message, Account account) {
    account.suspects(ErrorSigns.of(message));
    if (message.startsWith("Reconnecting")) {
      account.waits(null);
    }
  }

  private void begin(JsonNode item, Account account) {
    String id = text(item, "id");
    switch (text(item, "type")) {
      case "command_execution" -> use(id, "command", item, "command", account);
      case "file_change" -> use(id, "file_change", item, "changes", account);
      case "web_search" -> use(id, "web_search", item, "query", account);
      case "mcp_tool_call" -> {
        begun.add(id);
        String tool = "mcp__" + text(item, "server") + "__" + text(item, "tool");
        account.uses(id, tool, json(item.path("arguments")));
      }
      default -> {
        // no tool
      }
    }
  }

  /** The input of a tool of its own is the one field of the item that says what it is to do. */
  private void use(String id, String tool, JsonNode item, String field, Account account) {
    begun.add(id);
    ObjectNode input = JsonNodeFactory.instance.objectNode();
    input.set(field, item.path(field));
    account.uses(id, tool, input.toString());
  }

  private void end(JsonNode item, Account account) {
    String type = text(item, "type");
    switch (type) {
      case "agent_message" -> {
        if (!text(item, "text").isEmpty()) {
          account.said(text(item, "text") + "\n");
        }
      }
      case "reasoning" -> account.thought(text(item, "text"));
      case "command_execution", "file_change", "web_search", "mcp_tool_call" -> {
        if (!begun.contains(text(item, "id"))) {
          begin(item, account);
        }
        account.answered(text(item, "id"), isOk(item), output(type, item));
      }
      default -> {
        // warnings, lists of things to do
      }
    }
  }

  private static boolean isOk(JsonNode item) {
    String status = text(item, "status");
    return (status.isEmpty() || status.equals("completed")) && number(item, "exit_code") == 0;
  }

  private static String output(String type, JsonNode item) {
    return switch (type) {
      case "command_execution" -> text(item, "aggregated_output");
      case "mcp_tool_call" ->
          item.path("error").isObject()
              ? text(item.path("error"), "message")
              : words(item.path("result").path("content"));
      default -> "";
    };
  }

  private static String words(JsonNode blocks) {
    return StreamSupport.stream(blocks.spliterator(), false)
        .map(block -> text(block, "text"))
        .filter(words -> !words.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  /** Cached tokens are among the input tokens, those of reasoning among the output tokens. */
  private static void usage(JsonNode usage, Account account) {
    if (usage.isObject()) {
      long cached = number(usage, "cached_input_tokens");
      account.usedByConversation(
          account.usage(
              number(usage, "input_tokens") - cached,
              number(usage, "output_tokens"),
              cached,
              Money.ZERO,
              0));
    }
  }
}
