package dev.maestro.json;

import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes the text of JSON as UTF-8, the way Jackson does.
 *
 * <p>An event is written for every step of every run. A general generator spends more on buffers
 * and contexts for each than on the few hundred bytes it then writes.
 */
public final class JsonText {

  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_CHARACTER = 6;
  private static final int ROOM = 256;
  private static final int MOST_KEPT = 64 * 1024;
  private static final int DEEPEST = StreamWriteConstraints.DEFAULT_MAX_DEPTH;

  private final boolean sorts;
  private final boolean escapesPairs;
  private byte[] bytes = new byte[ROOM];
  private int length;
  // whether what comes next in this object or array stands behind something
  private boolean continued;

  private JsonText(boolean sorts, boolean escapesPairs) {
    this.sorts = sorts;
    this.escapesPairs = escapesPairs;
  }

  /** {@return an empty text} */
  public static JsonText plain() {
    return new JsonText(false, false);
  }

  /** {@return an empty text in which trees have the names of objects in alphabetical order} */
  static JsonText sorted() {
    return new JsonText(true, false);
  }

  /** {@return an empty text in which characters beyond 16 bits are escaped} */
  static JsonText escaping() {
    return new JsonText(false, true);
  }

  /** Begin anew, in the room that was taken already unless that is much. */
  public void clear() {
    if (bytes.length > MOST_KEPT) {
      bytes = new byte[ROOM];
    }
    length = 0;
    continued = false;
  }

  /** {@return what has been written so far, in UTF-8} */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** {@return what has been written so far} */
  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  // ------------------------------------------------------------------ field by field

  /** Open an object. */
  public void writeStartObject() {
    next();
    put('{');
    continued = false;
  }

  /** Close the object. */
  public void writeEndObject() {
    put('}');
    continued = true;
  }

  /** Close the array. */
  public void writeEndArray() {
    put(']');
    continued = true;
  }

  /** Begin a field; its value comes next. */
  public void writeFieldName(String name) {
    next();
    quote(name);
    put(':');
    continued = false;
  }

  /** Open an object as the value of a field. */
  public void writeObjectFieldStart(String name) {
    writeFieldName(name);
    writeStartObject();
  }

  /** Open an array as the value of a field. */
  public void writeArrayFieldStart(String name) {
    writeFieldName(name);
    put('[');
    continued = false;
  }

  /** Write a field that holds a text. */
  public void writeStringField(String name, String value) {
    writeFieldName(name);
    writeString(value);
  }

  /** Write a field that holds a whole number. */
  public void writeNumberField(String name, long value) {
    writeFieldName(name);
    if (value >= 0 && value < 10) {
      put((char) ('0' + value));
    } else {
      ascii(Long.toString(value));
    }
    continued = true;
  }

  /** Write a field that holds a truth value. */
  public void writeBooleanField(String name, boolean value) {
    writeFieldName(name);
    ascii(value ? "true" : "false");
    continued = true;
  }

  /** Write a text. */
  public void writeString(String value) {
    next();
    quote(value);
    continued = true;
  }

  // ------------------------------------------------------------------ trees

  /**
   * Write a tree.
   *
   * @throws IllegalArgumentException when it is nested too deeply, or holds an object of Java that
   *     cannot be written
   */
  public void writeTree(JsonNode value) {
    next();
    tree(value, 1);
    continued = true;
  }

  private void tree(JsonNode value, int depth) {
    switch (value.getNodeType()) {
      case OBJECT -> object(value, depth);
      case ARRAY -> array(value, depth);
      case STRING -> quote(value.textValue());
      case NUMBER -> number(value);
      case BOOLEAN -> ascii(value.booleanValue() ? "true" : "false");
      case NULL -> ascii("null");
      default -> raw(Json.mapped(value));
    }
  }

  private void object(JsonNode object, int depth) {
    requireDepth(depth);
    put('{');
    boolean first = true;
    for (Map.Entry<String, JsonNode> field : fields(object)) {
      if (!first) {
        put(',');
      }
      first = false;
      quote(field.getKey());
      put(':');
      tree(field.getValue(), depth + 1);
    }
    put('}');
  }

  private Set<Map.Entry<String, JsonNode>> fields(JsonNode object) {
    Set<Map.Entry<String, JsonNode>> fields = object.properties();
    if (!sorts || fields.size() < 2) {
      return fields;
    }
    Map<String, JsonNode> inOrder = new TreeMap<>();
    fields.forEach(field -> inOrder.put(field.getKey(), field.getValue()));
    return inOrder.entrySet();
  }

  private void array(JsonNode array, int depth) {
    requireDepth(depth);
    put('[');
    for (int i = 0; i < array.size(); i++) {
      if (i > 0) {
        put(',');
      }
      tree(array.get(i), depth + 1);
    }
    put(']');
  }

  private static void requireDepth(int depth) {
    if (depth > DEEPEST) {
      throw new IllegalArgumentException("JSON that is nested deeper than " + DEEPEST);
    }
  }

  /** Infinity and what is no number are no JSON; they are written as texts. */
  private void number(JsonNode number) {
    boolean binary = number.isDouble() || number.isFloat();
    if (binary && !Double.isFinite(number.doubleValue())) {
      quote(number.asText());
    } else {
      ascii(number.asText());
    }
  }

  // ------------------------------------------------------------------ characters

  private void next() {
    if (continued) {
      put(',');
    }
  }

  private void quote(String text) {
    put('"');
    room(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x80 && c != '"' && c != '\\') {
        bytes[length++] = (byte) c;
      } else {
        i += escape(text, i);
        room(text.length() - i);
      }
    }
    put('"');
  }

  /**
   * Write a character that cannot stand for itself as one byte.
   *
   * @return how many more characters of the text it took
   */
  private int escape(String text, int at) {
    room(LONGEST_CHARACTER);
    char c = text.charAt(at);
    if (c == '"' || c == '\\') {
      bytes[length++] = '\\';
      bytes[length++] = (byte) c;
    } else if (c < ' ') {
      control(c);
    } else if (Character.isSurrogate(c)) {
      return surrogate(text, at);
    } else if (c < 0x800) {
      bytes[length++] = (byte) (0xC0 | c >> 6);
      bytes[length++] = (byte) (0x80 | c & 0x3F);
    } else {
      bytes[length++] = (byte) (0xE0 | c >> 12);
      bytes[length++] = (byte) (0x80 | c >> 6 & 0x3F);
      bytes[length++] = (byte) (0x80 | c & 0x3F);
    }
    return 0;
  }

  private void control(char c) {
    switch (c) {
      case '\b' -> ascii("\\b");
      case '\t' -> ascii("\\t");
      case '\n' -> ascii("\\n");
      case '\f' -> ascii("\\f");
      case '\r' -> ascii("\\r");
      default -> unicode(c);
    }
  }

  /** Half a pair stands in no UTF-8; escaped, it is read as it was. */
  private int surrogate(String text, int at) {
    int point = text.codePointAt(at);
    if (escapesPairs || !Character.isSupplementaryCodePoint(point)) {
      unicode(text.charAt(at));
      return 0;
    }
    bytes[length++] = (byte) (0xF0 | point >> 18);
    bytes[length++] = (byte) (0x80 | point >> 12 & 0x3F);
    bytes[length++] = (byte) (0x80 | point >> 6 & 0x3F);
    bytes[length++] = (byte) (0x80 | point & 0x3F);
    return 1;
  }

  private void unicode(char c) {
    bytes[length++] = '\\';
    bytes[length++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[length++] = HEX[c >> shift & 0xF];
    }
  }

  private void ascii(String text) {
    room(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[length++] = (byte) text.charAt(i);
    }
  }

  private void raw(byte[] text) {
    room(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
  }

  private void put(char c) {
    room(1);
    bytes[length++] = (byte) c;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(length, more)));
    }
  }
}
