package dev.maestro.pipeline;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Reads inputs: numbers exactly as they stand, and nothing behind the value. */
final class InputJson {

  private static final ObjectReader READER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class);

  private InputJson() {}

  static JsonNode read(String json) throws JsonProcessingException {
    try {
      return READER.readValue(json);
    } catch (NumberFormatException e) {
      throw new JsonParseException(null, "a number has an exponent that is too large", e);
    }
  }
}
