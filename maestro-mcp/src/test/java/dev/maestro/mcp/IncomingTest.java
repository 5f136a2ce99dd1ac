package dev.maestro.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IncomingTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final AtomicInteger ends = new AtomicInteger();

  /** {@return what gets through of what a host writes} */
  private String heard(byte[] written) throws IOException {
    try (Incoming incoming =
        new Incoming(
            new ByteArrayInputStream(written),
            out,
            new JacksonMcpJsonMapper(JSON),
            ends::incrementAndGet)) {
      return new String(incoming.readAllBytes(), UTF_8);
    }
  }

  private String heard(String written) throws IOException {
    return heard(written.getBytes(UTF_8));
  }

  private List<JsonNode> answers() throws IOException {
    List<JsonNode> answers = new ArrayList<>();
    for (String line : out.toString(UTF_8).lines().toList()) {
      answers.add(JSON.readTree(line));
    }
    return answers;
  }

  @Test
  void messagesGetThroughAsTheyAreAndTheEndIsTold() throws IOException {
    String note = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}";
    String reply = "{\"jsonrpc\":\"2.0\",\"id\":\"ä\",\"result\":{}}";

    assertThat(heard(PING + "\n" + note + "\r\n\n  \n" + reply))
        .isEqualTo(PING + "\n" + note + "\r\n" + reply + "\n");
    assertThat(answers()).isEmpty();
    assertThat(ends).hasPositiveValue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "this is no JSON | -32700 | null",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi | -32700 | null",
        "[{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\"}] | -32600 | null",
        "{\"jsonrpc\":\"2.0\"} | -32600 | null",
        "{\"jsonrpc\":\"2.0\",\"id\":\"a\"} | -32600 | \"a\"",
        "{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"ping\"} | -32600 | null",
        "7 | -32600 | null"
      })
  void whatIsNoMessageIsAnsweredAndTheNextOneGetsThrough(String line, int code, String id)
      throws IOException {
    assertThat(heard(line + "\n" + PING + "\n")).isEqualTo(PING + "\n");

    assertThat(answers()).hasSize(1);
    assertThat(answers().get(0).at("/error/code").intValue()).isEqualTo(code);
    assertThat(answers().get(0).path("id")).isEqualTo(JSON.readTree(id));
  }

  @Test
  void bytesThatAreNoTextAndNestingWithoutEndAreNoMessages() throws IOException {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    written.write(new byte[] {(byte) 0xC3, (byte) 0x28, 0, (byte) 0xFF, '\n'});
    written.write(("[".repeat(100_000) + "\n" + PING + "\n").getBytes(UTF_8));

    assertThat(heard(written.toByteArray())).isEqualTo(PING + "\n");
    assertThat(answers()).hasSize(2);
  }
}
