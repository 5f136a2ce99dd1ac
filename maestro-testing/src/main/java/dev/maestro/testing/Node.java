package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.maestro.failure.PermanentException;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value that knows its place, for sentences about what is wrong with it.
 *
 * <p>Read with the streaming parser alone: a recorded agent that runs as a process must start
 * quickly, and data binding takes longer to load than everything else together.
 */
final class Node {

  private final String place;
  private final Object value;

  private Node(String place, Object value) {
    this.place = place;
    this.value = value;
  }

  /** Read the whole input as one value. */
  static Node read(JsonParser parser, String place) throws IOException {
    parser.nextToken();
    Node root = new Node(place, value(parser));
    if (parser.nextToken() != null) {
      throw root.wrong("must be one JSON value and nothing after it");
    }
    return root;
  }

  // The parser limits how deep values may be nested, so this recursion is bounded.
  private static Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, Object> members = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        members.put(name, value(parser));
      }
      return members;
    }
    if (token == JsonToken.START_ARRAY) {
      List<Object> items = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(value(parser));
      }
      return items;
    }
    return scalar(parser, token);
  }

  private static Object scalar(JsonParser parser, @Nullable JsonToken token) throws IOException {
    if (token == JsonToken.VALUE_STRING) {
      return parser.getText();
    }
    if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
      return parser.getBooleanValue();
    }
    return token != null && token.isNumeric() ? number(parser) : Missing.VALUE;
  }

  private static BigDecimal number(JsonParser parser) throws IOException {
    try {
      return parser.getDecimalValue();
    } catch (NumberFormatException e) {
      throw new JsonParseException(parser, "a number has an exponent that is too large", e);
    }
  }

  /** Stands for null, which maps and lists of this package never hold. */
  private enum Missing {
    VALUE
  }

  PermanentException wrong(String what) {
    return new PermanentException(place + " " + what);
  }

  boolean isMissing() {
    return value == Missing.VALUE;
  }

  boolean has(String name) {
    return value instanceof Map<?, ?> members && members.containsKey(name);
  }

  Node get(String name) {
    if (!(value instanceof Map<?, ?> members)) {
      throw wrong("must be an object");
    }
    Object member = members.get(name);
    return new Node(place + "." + name, member == null ? Missing.VALUE : member);
  }

  <T> @Nullable T optional(String name, Function<Node, T> reading) {
    Node member = get(name);
    return member.isMissing() ? null : reading.apply(member);
  }

  <T> T optional(String name, Function<Node, T> reading, T otherwise) {
    Node member = get(name);
    return member.isMissing() ? otherwise : reading.apply(member);
  }

  List<Node> items() {
    if (!(value instanceof List<?> items)) {
      throw wrong("must be a list");
    }
    List<Node> nodes = new ArrayList<>();
    for (Object item : items) {
      nodes.add(new Node(place + "[" + nodes.size() + "]", item));
    }
    return nodes;
  }

  String text() {
    if (value instanceof String text) {
      return text;
    }
    throw wrong("must be text");
  }

  /** {@return a text, or lines joined into one} */
  String lines() {
    return value instanceof List<?>
        ? String.join("\n", items().stream().map(Node::text).toList())
        : text();
  }

  /** {@return a text, or lines that each end with a line feed} */
  String content() {
    boolean list = value instanceof List<?> items && !items.isEmpty();
    return list ? lines() + "\n" : lines();
  }

  boolean bool() {
    if (value instanceof Boolean bool) {
      return bool;
    }
    throw wrong("must be true or false");
  }

  long number() {
    if (value instanceof BigDecimal number
        && number.precision() < 19
        && Math.abs(number.scale()) < 19) {
      try {
        return number.longValueExact();
      } catch (ArithmeticException e) {
        throw wrong("must be a whole number");
      }
    }
    throw wrong("must be a whole number");
  }

  int integer() {
    long number = number();
    if (number != (int) number) {
      throw wrong("must be a smaller number");
    }
    return (int) number;
  }

  /** {@return what the reading makes of it; an argument it refuses is told with the place} */
  <T> T as(Function<Node, T> reading) {
    try {
      return reading.apply(this);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw wrong("is not right: " + e.getMessage());
    }
  }
}
