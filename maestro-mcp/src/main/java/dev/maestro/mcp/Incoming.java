package dev.maestro.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;

/**
 * What a host writes, line by line, as far as it is messages.
 *
 * <p>The reader behind this ends at the first line that is none, and would leave the host without
 * an answer for ever. So such a line is answered here and does not get there; blank ones are passed
 * over.
 */
final class Incoming extends InputStream {

  private static final JsonMapper JSON = new JsonMapper();
  private static final int PARSE_ERROR = -32700;
  private static final int INVALID_REQUEST = -32600;
  // in UTF-8 a character takes four bytes at most
  private static final int LONGEST_LINE = 4 * StdioServer.LONGEST_MESSAGE;

  private final InputStream in;
  private final OutputStream out;
  private final McpJsonMapper mapper;
  private final Runnable atEnd;
  // the message that is being handed on, and how far that has come
  private byte[] message = new byte[0];
  private int given;

  /**
   * Listen.
   *
   * @param out where lines that are no messages are answered; only ever given whole lines, and
   *     locked meanwhile
   * @param atEnd is run when there is nothing more to read
   */
  Incoming(InputStream in, OutputStream out, McpJsonMapper mapper, Runnable atEnd) {
    this.in = new BufferedInputStream(in);
    this.out = out;
    this.mapper = mapper;
    this.atEnd = atEnd;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    if (given == message.length && !next()) {
      return -1;
    }
    int count = Math.min(length, message.length - given);
    System.arraycopy(message, given, bytes, offset, count);
    given += count;
    return count;
  }

  /** Go on to the next message; {@return whether there is one} */
  private boolean next() throws IOException {
    boolean more = false;
    try {
      more = find();
      return more;
    } finally {
      if (!more) {
        atEnd.run();
      }
    }
  }

  private boolean find() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (readLine(line)) {
      String text = line.toString(StandardCharsets.UTF_8);
      if (line.size() > LONGEST_LINE || text.length() > StdioServer.LONGEST_MESSAGE) {
        refuse(
            INVALID_REQUEST,
            "a message has at most %d characters".formatted(StdioServer.LONGEST_MESSAGE),
            JsonNodeFactory.instance.nullNode());
      } else if (!text.isBlank() && isMessage(text)) {
        message = (text + "\n").getBytes(StandardCharsets.UTF_8);
        given = 0;
        return true;
      }
      line.reset();
    }
    return false;
  }

  /** Read up to the end of a line, of which no more is kept than tells that it is too long. */
  private boolean readLine(ByteArrayOutputStream line) throws IOException {
    int next = in.read();
    boolean any = next >= 0;
    while (next >= 0 && next != '\n') {
      if (line.size() <= LONGEST_LINE) {
        line.write(next);
      }
      next = in.read();
    }
    return any;
  }

  private boolean isMessage(String text) throws IOException {
    try {
      McpSchema.deserializeJsonRpcMessage(mapper, text);
      return true;
    } catch (IOException | RuntimeException e) {
      answer(text);
      return false;
    }
  }

  private void answer(String text) throws IOException {
    JsonNode none = JsonNodeFactory.instance.nullNode();
    Optional<JsonNode> told = json(text);
    if (told.isEmpty()) {
      refuse(PARSE_ERROR, "a line is one JSON-RPC message, and this is no JSON", none);
      return;
    }
    JsonNode id = told.get().path("id");
    boolean named = id.isTextual() || id.isNumber();
    refuse(INVALID_REQUEST, "a line is one JSON-RPC message", named ? id : none);
  }

  private static Optional<JsonNode> json(String text) {
    try {
      return Optional.of(JSON.readTree(text));
    } catch (IOException e) {
      // it is told so
      return Optional.empty();
    }
  }

  private void refuse(int code, String why, JsonNode id) throws IOException {
    ObjectNode answer = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
    answer.set("id", id);
    answer.putObject("error").put("code", code).put("message", why);
    synchronized (out) {
      out.write((answer + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
