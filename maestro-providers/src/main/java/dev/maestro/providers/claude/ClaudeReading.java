package dev.maestro.providers.claude;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.ErrorSigns;
import dev.maestro.failure.Failure;
import dev.maestro.providers.Account;
import dev.maestro.providers.JsonReading;
import dev.maestro.task.Usage;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Understands the stream of JSON that Claude Code writes, and those that are like it.
 *
 * <p>Its {@code result} is the end of a turn. One that says {@code success} and is an error all the
 * same is a call of the model that failed, and one that tells of a refusal, of a length that was
 * reached or of another end than completion is none. Several events share one message, each with
 * numbers of its own that are not final, so usage is what the result tells.
 */
final class ClaudeReading extends JsonReading {

  private final Counting counting;
  // the latest usage of each message, where it is counted by message
  private final Map<String, JsonNode> messages = new LinkedHashMap<>();
  // the latest message of the conversation itself, not of a helper's
  private @Nullable JsonNode latest;
  private @Nullable String errorCode;
  // whether the plan was used up when that was told last, and until when
  private boolean rejected;
  private @Nullable Instant resetsAt;

  ClaudeReading(Counting counting) {
    this.counting = counting;
  }

  @Override
  protected void event(JsonNode event, Account account) {
    switch (text(event, "type")) {
      case "system" -> system(event, account);
      case "assistant" -> assistant(event, account);
      case "user" -> results(event.path("message").path("content"), account);
      case "rate_limit_event" -> rateLimit(event.path("rate_limit_info"), account);
      case "result" -> result(event, account);
      default -> {
        // of a kind that says nothing here
      }
    }
  }

  private static void system(JsonNode event, Account account) {
    switch (text(event, "subtype")) {
      case "init" -> account.named(text(event, "session_id"));
      case "api_retry" -> {
        account.suspects(signs(event.path("error"), event.path("error_status")));
        account.waitsFor(number(event, "retry_delay_ms"));
      }
      case "retry" -> account.waitsFor(number(event.path("data"), "delayMs"));
      default -> {
        // nothing that matters here
      }
    }
  }

  private void assistant(JsonNode event, Account account) {
    JsonNode message = event.path("message");
    if (counting == Counting.BY_MESSAGE && message.path("usage").isObject()) {
      String id = text(message, "id");
      messages.put(id.isEmpty() ? "#" + messages.size() : id, message.path("usage"));
    }
    String code = text(event, "error");
    if (!code.isEmpty()) {
      errorCode = code;
      account.suspects(signs(event.path("error"), event.path("")).text(words(message)));
      return;
    }
    account.goesOn();
    boolean ofAHelper = event.path("parent_tool_use_id").isTextual();
    if (!ofAHelper && !message.path("usage").isMissingNode()) {
      latest = message;
    }
    message.path("content").forEach(block -> block(block, ofAHelper, account));
  }

  private static void block(JsonNode block, boolean ofAHelper, Account account) {
    switch (text(block, "type")) {
      case "text" -> {
        if (!ofAHelper && !text(block, "text").isEmpty()) {
          account.said(text(block, "text") + "\n");
        }
      }
      case "thinking" -> account.thought(text(block, "thinking"));
      case "tool_use" ->
          account.uses(text(block, "id"), text(block, "name"), json(block.path("input")));
      default -> {
        // images and the like
      }
    }
  }

  private static void results(JsonNode content, Account account) {
    for (JsonNode block : content) {
      if (text(block, "type").equals("tool_result")) {
        account.answered(
            text(block, "tool_use_id"),
            !block.path("is_error").booleanValue(),
            block.path("content").isArray() ? words(block) : json(block.path("content")));
      }
    }
  }

  /** {@return the texts among the blocks of a message} */
  private static String words(JsonNode message) {
    return StreamSupport.stream(message.path("content").spliterator(), false)
        .map(block -> text(block, "text"))
        .filter(words -> !words.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  private void rateLimit(JsonNode info, Account account) {
    rejected = text(info, "status").equals("rejected");
    resetsAt = rejected ? instant(number(info, "resetsAt")) : null;
    if (rejected) {
      account.waits(resetsAt);
    }
  }

  private static @Nullable Instant instant(long seconds) {
    try {
      return seconds <= 0 ? null : Instant.ofEpochSecond(seconds);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private void result(JsonNode result, Account account) {
    account.named(text(result, "session_id"));
    usage(result, account);
    filled(result.path("modelUsage"), account);
    String kind = text(result, "subtype");
    if (kind.equals("success") && !isError(result)) {
      Optional<Failure> early = early(result);
      early.ifPresent(account::failed);
      if (early.isEmpty()) {
        account.completed(text(result, "result"));
      }
    } else if (kind.equals("error_max_turns")) {
      account.failed(Failure.of(ErrorClass.LIMIT_REACHED, why(result, kind)));
    } else if (kind.equals("error_max_budget_usd")) {
      account.failed(Failure.of(ErrorClass.BUDGET_EXCEEDED, why(result, kind)));
    } else {
      account.failed(failed(result, kind));
    }
  }

  /** Where the end does not say it, because its key was spoilt, what was told before does. */
  private boolean isError(JsonNode result) {
    JsonNode told = result.path("is_error");
    return told.isBoolean()
        ? told.booleanValue()
        : errorCode != null || rejected || result.hasNonNull("api_error_status");
  }

  private ErrorSigns failed(JsonNode result, String kind) {
    ErrorSigns signs =
        signs(result.path("error").path("code"), result.path("api_error_status"))
            .text(why(result, kind));
    if (errorCode != null) {
      signs = signs.code(errorCode);
    }
    if (rejected) {
      signs = signs.code("usage_limit_reached");
    }
    return resetsAt == null ? signs : signs.resetsAt(resetsAt);
  }

  /** {@return why an end that is called a success is none, if it is none} */
  private static Optional<Failure> early(JsonNode result) {
    String reason = text(result, "stop_reason");
    String end = text(result, "terminal_reason");
    return switch (reason) {
      case "refusal" -> early(ErrorClass.REFUSED, "the model refused to go on");
      case "max_tokens" -> early(ErrorClass.TRANSIENT, "the answer was cut off at its length");
      case "model_context_window_exceeded" ->
          early(ErrorClass.CONTEXT_OVERFLOW, "the conversation no longer fits");
      default ->
          switch (end) {
            case "", "completed" -> Optional.empty();
            case "prompt_too_long" -> early(ErrorClass.CONTEXT_OVERFLOW, end);
            case "max_turns" -> early(ErrorClass.LIMIT_REACHED, end);
            default -> early(ErrorClass.TRANSIENT, "it ended early: " + end);
          };
    };
  }

  private static Optional<Failure> early(ErrorClass kind, String message) {
    return Optional.of(Failure.of(kind, message));
  }

  private static String why(JsonNode result, String kind) {
    String errors =
        StreamSupport.stream(result.path("errors").spliterator(), false)
            .map(JsonReading::json)
            .collect(Collectors.joining("; "));
    String message = text(result.path("error"), "message");
    String words = text(result, "result");
    return !errors.isBlank()
        ? errors
        : !message.isBlank() ? message : words.isBlank() ? kind : words;
  }

  private static ErrorSigns signs(JsonNode code, JsonNode status) {
    ErrorSigns signs = ErrorSigns.NONE;
    if (code.isTextual()) {
      signs = signs.code(code.textValue());
    }
    return status.isInt() ? signs.status(status.intValue()) : signs;
  }

  /** The numbers of one message are not final, but what was sent for it stood in the context. */
  private void filled(JsonNode models, Account account) {
    if (latest != null) {
      JsonNode usage = latest.path("usage");
      Tokens tokens =
          counting == Counting.BY_CONVERSATION ? Tokens.together(usage) : Tokens.apart(usage);
      account.filled(
          tokens.input() + tokens.output() + tokens.cached(),
          number(models.path(text(latest, "model")), "contextWindow"));
    }
  }

  private void usage(JsonNode result, Account account) {
    JsonNode usage = result.path("usage");
    JsonNode models = result.path("modelUsage");
    if (counting == Counting.BY_CONVERSATION && usage.isObject()) {
      account.usedByConversation(Tokens.together(usage).usage(result, account));
    } else if (counting == Counting.BY_MODEL && !models.isEmpty()) {
      account.used(Tokens.sum(models, Tokens::ofModel).usage(result, account));
    } else if (counting == Counting.BY_MODEL && usage.isObject()) {
      account.used(Tokens.apart(usage).usage(result, account));
    } else if (!messages.isEmpty()) {
      account.used(Tokens.sum(messages.values(), Tokens::apart).usage(result, account));
    }
  }

  private record Tokens(long input, long output, long cached) {

    static Tokens sum(Iterable<JsonNode> parts, Function<JsonNode, Tokens> each) {
      Tokens sum = new Tokens(0, 0, 0);
      for (JsonNode part : parts) {
        Tokens more = each.apply(part);
        sum =
            new Tokens(sum.input + more.input, sum.output + more.output, sum.cached + more.cached);
      }
      return sum;
    }

    static Tokens ofModel(JsonNode model) {
      return new Tokens(
          number(model, "inputTokens") + number(model, "cacheCreationInputTokens"),
          number(model, "outputTokens"),
          number(model, "cacheReadInputTokens"));
    }

    static Tokens apart(JsonNode usage) {
      return new Tokens(
          number(usage, "input_tokens") + number(usage, "cache_creation_input_tokens"),
          number(usage, "output_tokens"),
          number(usage, "cache_read_input_tokens"));
    }

    static Tokens together(JsonNode usage) {
      long cached = number(usage, "cache_read_input_tokens");
      return new Tokens(
          number(usage, "input_tokens") - cached, number(usage, "output_tokens"), cached);
    }

    Usage usage(JsonNode result, Account account) {
      return account.usage(
          input, output, cached, money(result, "total_cost_usd"), number(result, "num_turns"));
    }
  }
}
