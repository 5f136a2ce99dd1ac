package dev.maestro.providers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the lines that {@link CommandAgent} documents.
 *
 * <p>Whatever is not such a line, or is one with a mistake anywhere in it, is a line of text: a
 * program's output is never an error, and half a report is none.
 */
final class ReportLine {

  static final String PREFIX = "@maestro ";

  private static final int LONGEST = 1 << 20;
  private static final int DEEPEST = 20;
  private static final int LONGEST_SESSION = 1_000;
  private static final long MOST = 1_000_000_000_000L;

  private static final ObjectReader JSON = JsonLine.reader(DEEPEST);

  private ReportLine() {}

  static Report read(String line) {
    if (!line.startsWith(PREFIX) || line.length() > LONGEST) {
      return Report.text(line);
    }
    try {
      return report(JSON.readTree(line.substring(PREFIX.length())));
    } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
      return Report.text(line);
    }
  }

  private static Report report(JsonNode object) {
    if (!object.isObject()) {
      throw new IllegalArgumentException("a report is an object");
    }
    return new Report(
        events(object),
        object.has("result") ? text(object.path("result")) : null,
        object.has("failure") ? failure(object.path("failure")) : null);
  }

  private static List<AgentEvent> events(JsonNode object) {
    List<AgentEvent> events = new ArrayList<>();
    if (object.has("session")) {
      events.add(new AgentEvent.SessionStarted(session(object.path("session"))));
    }
    if (object.has("thinking")) {
      events.add(new AgentEvent.Thinking(text(object.path("thinking"))));
    }
    if (object.has("text")) {
      events.add(new AgentEvent.Text(text(object.path("text")) + "\n"));
    }
    addTools(object, events);
    if (object.has("usage")) {
      events.add(new AgentEvent.UsageReported(usage(object.path("usage"))));
    }
    if (object.has("rateLimited")) {
      events.add(new AgentEvent.RateLimited(instant(object.path("rateLimited"))));
    }
    return events;
  }

  private static void addTools(JsonNode object, List<AgentEvent> events) {
    if (object.has("tool")) {
      JsonNode input = object.path("input");
      events.add(
          new AgentEvent.ToolUse(
              text(object.path("id")),
              text(object.path("tool")),
              input.isTextual() ? input.textValue() : input.toString()));
    }
    if (object.has("toolResult")) {
      events.add(
          new AgentEvent.ToolResult(
              text(object.path("id")),
              object.path("ok").asBoolean(true),
              text(object.path("toolResult"))));
    }
  }

  /** {@return the session, whose name must be fit to be handed to the program again} */
  private static SessionId session(JsonNode node) {
    String name = text(node);
    if (name.length() > LONGEST_SESSION || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("no name of a session");
    }
    return SessionId.of(name);
  }

  private static Usage usage(JsonNode usage) {
    if (!usage.isObject()) {
      throw new IllegalArgumentException("usage is an object");
    }
    return new Usage(
        number(usage.path("input")),
        number(usage.path("output")),
        number(usage.path("cached")),
        money(usage.path("cost")),
        count(usage.path("turns")),
        count(usage.path("toolCalls")),
        false);
  }

  private static Failure failure(JsonNode failure) {
    String code = text(failure.path("class"));
    return new Failure(
        ErrorClass.ofCode(code)
            .orElseThrow(() -> new IllegalArgumentException("no class of errors: " + code)),
        text(failure.path("message")),
        instant(failure.path("until")));
  }

  private static long number(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return 0;
    }
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() > MOST) {
      throw new IllegalArgumentException("not a plausible whole number: " + node);
    }
    return node.longValue();
  }

  private static int count(JsonNode node) {
    long number = number(node);
    if (number > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("too many: " + node);
    }
    return (int) number;
  }

  private static Money money(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return Money.ZERO;
    }
    BigDecimal amount = node.isNumber() ? node.decimalValue() : new BigDecimal(text(node));
    if (!JsonLine.isShort(amount)) {
      throw new IllegalArgumentException("no amount of money");
    }
    return new Money(amount);
  }

  private static @Nullable Instant instant(JsonNode node) {
    return node.isMissingNode() || node.isNull() ? null : Instant.parse(text(node));
  }

  private static String text(JsonNode node) {
    if (!node.isTextual()) {
      throw new IllegalArgumentException("not a text: " + node);
    }
    return node.textValue();
  }
}
