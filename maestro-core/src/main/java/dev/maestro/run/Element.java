package dev.maestro.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import dev.maestro.pipeline.Action.ForEach;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One element of a list that a step goes over, as the task that is made for it knows it.
 *
 * @param name what it is called there
 * @param index its number in the list, counted from 1
 * @param value what it is
 * @param values everything the task knows of it, by name
 */
public record Element(String name, int index, JsonNode value, Map<String, Value> values) {

  /** Copy the map, keeping its order. */
  public Element {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, "value");
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  static Element of(ForEach each, int index, JsonNode value) {
    Map<String, Value> values = new LinkedHashMap<>();
    value
        .properties()
        .forEach(
            field ->
                values.put(each.as() + "." + field.getKey(), new Value.Inline(field.getValue())));
    values.put(each.as(), new Value.Inline(value));
    values.put(each.index(), new Value.Inline(IntNode.valueOf(index)));
    return new Element(each.as(), index, value, values);
  }
}
