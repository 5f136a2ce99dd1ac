package dev.maestro.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stored runs were read by Jackson's mapper, so whatever is read must be what it would read. */
class JsonTest {

  private static final JsonMapper JACKSON = new JsonMapper();
  // what texts are made of; hardly any sequence of them is JSON, and some are
  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"a\"",
          "\"b\"",
          "\"\\u00e9\\n\"",
          "\"\uD83D\uDE00\"",
          "0",
          "-1",
          "2147483648",
          "9223372036854775808",
          "1.5",
          "-0.0",
          "1e400",
          "01",
          "NaN",
          "true",
          "false",
          "null",
          "nul",
          " ",
          "\n",
          "/**/");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "null",
        "true",
        "\"text\"",
        "{\"a\":1,\"a\":2}",
        "{\"b\":[],\"a\":{\"b\":[null,false]}}",
        "[0,-0,2147483647,2147483648,-2147483649,9223372036854775807,9223372036854775808]",
        "[1.0,-0.0,1e3,1E-400,1e400,0.1,123456789012345678901234567890.5]",
        "1 2",
        "{} trailing",
        "[\"\\ud83d\\ude00\\u0000\\/\"]"
      })
  void readsWhatJacksonReads(String text) throws IOException {
    JsonNode expected = JACKSON.readTree(text);

    assertThat(Json.read(text)).isEqualTo(expected);
    assertThat(Json.read(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(expected);
  }

  @Property(tries = 2_000)
  void readsOrRefusesAnySequenceAsJacksonDoes(@ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "[" : "{\"a\":");
    for (int i = random.nextInt(8); i > 0; i--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    text.append(random.nextBoolean() ? "]" : "}");

    JsonNode expected;
    try {
      expected = JACKSON.readTree(text.toString());
    } catch (JsonProcessingException e) {
      assertThatThrownBy(() -> Json.read(text.toString()))
          .isInstanceOf(JsonProcessingException.class);
      return;
    }

    assertThat(read(text.toString())).isEqualTo(expected);
  }

  @Test
  void refusesNestingWithoutEnd() {
    String deep = "[".repeat(1_001) + "]".repeat(1_001);

    assertThatThrownBy(() -> Json.read(deep)).isInstanceOf(JsonProcessingException.class);
  }

  private static JsonNode read(String text) {
    try {
      return Json.read(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }
}
