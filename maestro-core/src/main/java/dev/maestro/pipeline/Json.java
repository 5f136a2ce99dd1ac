package dev.maestro.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON trees as compact text, with the names of objects in alphabetical order. */
final class Json {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final ObjectWriter WRITER = MAPPER.writerFor(JsonNode.class);
  private static final ObjectReader READER = MAPPER.readerFor(JsonNode.class);

  private Json() {}

  static String write(JsonNode value) throws JsonProcessingException {
    return WRITER.writeValueAsString(value);
  }

  static JsonNode read(String json) throws JsonProcessingException {
    return READER.readValue(json);
  }
}
