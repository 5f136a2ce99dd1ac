package dev.maestro.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.json.Json;

/**
 * JSON as reading its text gives it, so that a run sees the same value before and after a restart.
 */
final class PlainJson {

  private PlainJson() {}

  static JsonNode of(JsonNode json) {
    if (isPlain(json)) {
      return json;
    }
    try {
      return Json.read(Json.write(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a value that JSON cannot hold", e);
    }
  }

  private static boolean isPlain(JsonNode json) {
    return switch (json.getNodeType()) {
      case OBJECT, ARRAY -> hasOnlyPlain(json);
      case NUMBER -> isPlainNumber(json);
      case POJO, BINARY, MISSING -> false;
      default -> true;
    };
  }

  private static boolean hasOnlyPlain(JsonNode container) {
    for (JsonNode element : container) {
      if (!isPlain(element)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlainNumber(JsonNode number) {
    return switch (number.numberType()) {
      case INT -> !number.isShort();
      case LONG -> !number.canConvertToInt();
      case BIG_INTEGER -> !number.canConvertToLong();
      case DOUBLE -> Double.isFinite(number.doubleValue());
      default -> false;
    };
  }
}
