package dev.maestro.providers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.maestro.task.Money;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Understands a program that writes one JSON object a line.
 *
 * <p>Lines that are no whole JSON object are passed over: banners, warnings, a line that was cut,
 * after which no end counts that was told before. What tells a terminal something may stand before
 * one. What is missing in an object reads as empty, as 0, as false.
 */
public abstract class JsonReading implements Reading {

  private static final int DEEPEST = 200;

  /** What says a terminal something, such as its title, and a mark of the order of bytes. */
  private static final Pattern CONTROL =
      Pattern.compile(
          "[\\x00-\\x08\\x0b-\\x1a\\ufeff]"
              + "|\\x1b\\[[0-9;?]{0,20}[A-Za-z]"
              + "|\\x1b\\][^\\x07\\x1b]{0,500}(?:\\x07|\\x1b\\\\)");

  private static final ObjectReader JSON = JsonLine.reader(DEEPEST);

  /** Read a launch of its own. */
  protected JsonReading() {}

  @Override
  public final void line(String line, Account account) {
    String told = shown(line);
    Optional<JsonNode> event = object(told);
    if (event.isPresent()) {
      event(event.get(), account);
    } else if (told.stripLeading().startsWith("{")) {
      torn(account);
    }
  }

  /** {@return what a terminal would show of it, since somebody may have moved the cursor before} */
  private static String shown(String line) {
    int begin = line.lastIndexOf('\r', line.stripTrailing().length() - 1) + 1;
    Matcher control = CONTROL.matcher(line);
    while (control.region(begin, line.length()).lookingAt()) {
      begin = control.end();
    }
    return line.substring(begin);
  }

  /** Note that a line begins like an event and is none: what was told last is no end any more. */
  protected void torn(Account account) {
    account.goesOn();
  }

  /** Note what an object means; one of an unknown kind means nothing. */
  protected abstract void event(JsonNode event, Account account);

  /** {@return the JSON object that this text is, if it is one} */
  protected static Optional<JsonNode> object(String text) {
    int first = 0;
    while (first < text.length() && Character.isWhitespace(text.charAt(first))) {
      first++;
    }
    if (first == text.length() || text.charAt(first) != '{') {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(text)).filter(JsonNode::isObject);
    } catch (JsonProcessingException | NumberFormatException e) {
      // the latter is said of a number whose exponent nothing can hold
      return Optional.empty();
    }
  }

  /** {@return the text of a field, empty where it is none} */
  protected static String text(JsonNode object, String field) {
    JsonNode value = object.path(field);
    return value.isTextual() ? value.textValue() : "";
  }

  /** {@return a value as the JSON text that it is, and a text as itself} */
  protected static String json(JsonNode value) {
    return value.isTextual() ? value.textValue() : value.isMissingNode() ? "" : value.toString();
  }

  /** {@return the whole number of a field, 0 where it is none} */
  protected static long number(JsonNode object, String field) {
    JsonNode value = object.path(field);
    return value.isNumber() && value.canConvertToLong() ? value.longValue() : 0;
  }

  /** {@return the dollars of a field, none where it is no plausible amount} */
  protected static Money money(JsonNode object, String field) {
    JsonNode value = object.path(field);
    if (!value.isNumber()) {
      return Money.ZERO;
    }
    BigDecimal amount = value.decimalValue();
    return amount.signum() > 0 && JsonLine.isShort(amount) ? new Money(amount) : Money.ZERO;
  }
}
