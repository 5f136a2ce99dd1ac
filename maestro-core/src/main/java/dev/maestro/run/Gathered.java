package dev.maestro.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the output of a task is made from that has others inside.
 *
 * @param names the fields of an object, one for each value
 * @param values what becomes of them
 */
public record Gathered(List<String> names, List<Value> values) {

  /** Copy the lists. */
  public Gathered {
    names = List.copyOf(names);
    values = List.copyOf(values);
  }

  /** {@return the output, when it can be told without fetching anything; it may be none} */
  Optional<Optional<Value>> asItIs() {
    if (values.size() < 2) {
      return Optional.of(values.stream().findFirst());
    }
    if (values.stream().anyMatch(value -> !(value instanceof Value.Inline))) {
      return Optional.empty();
    }
    JsonNode json = assemble(value -> ((Value.Inline) value).json());
    return Value.fitsInline(json.toString())
        ? Optional.of(Optional.of(new Value.Inline(json)))
        : Optional.empty();
  }

  /** {@return the output as JSON; {@code load} fetches each value} */
  public JsonNode assemble(Function<Value, JsonNode> load) {
    List<JsonNode> loaded = new ArrayList<>();
    values.forEach(value -> loaded.add(load.apply(value)));
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < names.size(); i++) {
      object.set(names.get(i), loaded.get(i));
    }
    return object;
  }
}
