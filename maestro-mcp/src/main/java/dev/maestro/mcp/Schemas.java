package dev.maestro.mcp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes JSON Schemas of what tools take. */
final class Schemas {

  private Schemas() {}

  /** {@return an object with these fields and no others, of which these are required} */
  static Map<String, Object> object(Map<String, Object> fields, String... required) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", fields);
    schema.put("required", List.of(required));
    schema.put("additionalProperties", false);
    return schema;
  }

  /** {@return a field of this type} */
  static Map<String, Object> field(String type, String description) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", type);
    schema.put("description", description);
    return schema;
  }

  /** {@return a whole number that is at least this} */
  static Map<String, Object> atLeast(int least, String description) {
    Map<String, Object> schema = field("integer", description);
    schema.put("minimum", least);
    return schema;
  }

  /** {@return one of these words} */
  static Map<String, Object> oneOf(String description, String... words) {
    Map<String, Object> schema = field("string", description);
    schema.put("enum", List.of(words));
    return schema;
  }

  /** {@return the fields in this order: name, schema, name, schema …} */
  static Map<String, Object> fields(Object... namesAndSchemas) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndSchemas.length; i += 2) {
      fields.put((String) namesAndSchemas[i], namesAndSchemas[i + 1]);
    }
    return fields;
  }
}
