package dev.maestro.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** Makes the least that a JSON schema accepts: true, false, numbers and words of no meaning. */
final class Schemas {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int DEEPEST = 20;

  private Schemas() {}

  /** {@return the object, with what the schema requires besides} */
  static ObjectNode completed(ObjectNode object, JsonNode schema) {
    for (JsonNode name : schema.path("required")) {
      if (!object.has(name.asText())) {
        object.set(name.asText(), least(schema.path("properties").path(name.asText()), 0));
      }
    }
    return object;
  }

  /** {@return the least value that the schema accepts} */
  static JsonNode least(JsonNode schema) {
    return least(schema, 0);
  }

  private static JsonNode least(JsonNode schema, int depth) {
    if (schema.path("enum").size() > 0) {
      return schema.path("enum").get(0);
    }
    return switch (type(schema)) {
      case "object" -> object(schema, depth);
      case "array" -> NODES.arrayNode();
      case "boolean" -> NODES.booleanNode(false);
      case "integer", "number" -> NODES.numberNode(0);
      case "null" -> NODES.nullNode();
      default -> NODES.textNode("scripted");
    };
  }

  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    String name = type.isArray() ? type.path(0).asText() : type.asText();
    return name.isEmpty() && schema.has("properties") ? "object" : name.toLowerCase(Locale.ROOT);
  }

  private static JsonNode object(JsonNode schema, int depth) {
    ObjectNode object = NODES.objectNode();
    if (depth < DEEPEST) {
      schema
          .path("properties")
          .properties()
          .forEach(each -> object.set(each.getKey(), least(each.getValue(), depth + 1)));
    }
    return object;
  }
}
