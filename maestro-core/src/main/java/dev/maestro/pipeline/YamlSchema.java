package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Makes the schema of YAML files from that of JSON files.
 *
 * <p>In YAML nobody quotes {@code version: 2} or {@code command: [sleep, 5]}, so the reader takes a
 * number or a truth value as the text it is written as. Here each place for a text takes them too,
 * if what they are written as is a text that may stand there.
 */
final class YamlSchema {

  private static final String TYPE = "type";
  private static final String TEXT = "string";

  private YamlSchema() {}

  static String of(byte[] jsonSchema) throws IOException {
    JsonMapper mapper = new JsonMapper();
    ObjectNode schema = (ObjectNode) mapper.readTree(jsonSchema);
    widen(schema);
    schema.put("$id", schema.path("$id").asText() + ":yaml");
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(schema) + "\n";
  }

  private static void widen(JsonNode schema) {
    schema.forEach(YamlSchema::widen);
    if (schema instanceof ObjectNode object && allowsText(object.path(TYPE))) {
      widenText(object);
    }
  }

  private static boolean allowsText(JsonNode type) {
    if (type.isArray()) {
      for (JsonNode one : type) {
        if (allowsText(one)) {
          return true;
        }
      }
    }
    return type.asText().equals(TEXT);
  }

  private static void widenText(ObjectNode schema) {
    Predicate<String> fits =
        schema.has("pattern")
            ? Pattern.compile(schema.path("pattern").asText()).asPredicate()
            : text -> true;
    ArrayNode types = types(schema);
    if (fits.test("5")) {
      types.add("number");
      if (!fits.test("-5")) {
        schema.put("minimum", 0);
      }
    }
    if (fits.test("true")) {
      types.add("boolean");
    }
  }

  private static ArrayNode types(ObjectNode schema) {
    if (schema.path(TYPE) instanceof ArrayNode many) {
      return many;
    }
    return schema.putArray(TYPE).add(TEXT);
  }
}
