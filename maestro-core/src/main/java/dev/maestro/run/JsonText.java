package dev.maestro.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the text of JSON as UTF-8.
 *
 * <p>An event is written for every step of every run. A general generator spends more on buffers
 * and contexts for each than on the few hundred bytes it then writes.
 */
final class JsonText {

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_CHARACTER = 6;

  private final ObjectMapper mapper;
  private byte[] bytes = new byte[256];
  private int length;
  // whether what comes next in this object or array stands behind something
  private boolean continued;

  /** Make an empty text; the mapper is for values that are JSON already. */
  JsonText(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  void writeStartObject() {
    next();
    put('{');
    continued = false;
  }

  void writeEndObject() {
    put('}');
    continued = true;
  }

  void writeEndArray() {
    put(']');
    continued = true;
  }

  void writeFieldName(String name) {
    next();
    quote(name);
    put(':');
    continued = false;
  }

  void writeObjectFieldStart(String name) {
    writeFieldName(name);
    writeStartObject();
  }

  void writeArrayFieldStart(String name) {
    writeFieldName(name);
    put('[');
    continued = false;
  }

  void writeStringField(String name, String value) {
    writeFieldName(name);
    writeString(value);
  }

  void writeNumberField(String name, long value) {
    writeFieldName(name);
    ascii(Long.toString(value));
    continued = true;
  }

  void writeBooleanField(String name, boolean value) {
    writeFieldName(name);
    ascii(value ? "true" : "false");
    continued = true;
  }

  void writeString(String value) {
    next();
    quote(value);
    continued = true;
  }

  void writeTree(JsonNode value) throws IOException {
    next();
    byte[] text = mapper.writeValueAsBytes(value);
    room(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
    continued = true;
  }

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
      unicode(c);
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

  /** Half a pair stands in no UTF-8; escaped, it is read as it was. */
  private int surrogate(String text, int at) {
    int point = text.codePointAt(at);
    if (!Character.isSupplementaryCodePoint(point)) {
      unicode((char) point);
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
