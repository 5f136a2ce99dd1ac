package dev.maestro.langchain4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/** What a model hands to a tool. */
record Arguments(JsonNode json) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** {@return the arguments in this text, which a model has written} */
  static Arguments read(String text) throws ToolFailure {
    try {
      JsonNode json = JSON.readTree(text == null || text.isBlank() ? "{}" : text);
      if (json.isObject()) {
        return new Arguments(json);
      }
    } catch (JsonProcessingException e) {
      // told as everything that is no object
    }
    throw new ToolFailure("the arguments are no JSON object; write them again");
  }

  /** {@return a text that has to be there} */
  String text(String name) throws ToolFailure {
    JsonNode value = json.path(name);
    if (!value.isTextual()) {
      throw new ToolFailure("`" + name + "` has to be a text");
    }
    return value.textValue();
  }

  /** {@return a text, or nothing where there is none} */
  String textOrEmpty(String name) throws ToolFailure {
    return json.path(name).isMissingNode() || json.path(name).isNull() ? "" : text(name);
  }

  /** {@return a whole number of at least 1, or the given one where there is none} */
  int number(String name, int otherwise) throws ToolFailure {
    JsonNode value = json.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.canConvertToInt() || value.intValue() < 1) {
      throw new ToolFailure("`" + name + "` has to be a whole number of at least 1");
    }
    return value.intValue();
  }

  /** {@return whether a switch is on} */
  boolean isOn(String name) {
    return json.path(name).asBoolean(false);
  }

  /** {@return words, of which there has to be one at least} */
  List<String> words(String name) throws ToolFailure {
    List<String> words = new ArrayList<>();
    for (JsonNode each : json.path(name)) {
      words.add(each.asText());
    }
    if (!json.path(name).isArray() || words.isEmpty() || words.get(0).isBlank()) {
      throw new ToolFailure(
          "`%s` has to be a list of words, such as [\"ls\", \"-l\"]; no shell reads it"
              .formatted(name));
    }
    return words;
  }
}
