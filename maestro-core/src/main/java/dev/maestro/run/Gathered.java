package dev.maestro.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the output of a task is made from that has others inside.
 *
 * @param form what becomes of the values
 * @param names the fields of an object, one for each value; otherwise nothing
 * @param values in order
 */
public record Gathered(Form form, List<String> names, List<Value> values) {

  static final Gathered NOTHING = new Gathered(Form.VALUE, List.of(), List.of());

  /** What becomes of the values. */
  public enum Form {
    /** There is one at most, and it is the output. */
    VALUE,
    /** They are fields of an object. */
    OBJECT,
    /** They are the elements of a list. */
    LIST
  }

  /** Copy the lists. */
  public Gathered {
    Objects.requireNonNull(form, "form");
    names = List.copyOf(names);
    values = List.copyOf(values);
  }

  static Gathered named(List<String> names, List<Value> values) {
    return new Gathered(names.size() < 2 ? Form.VALUE : Form.OBJECT, names, values);
  }

  static Gathered list(List<Value> values) {
    return new Gathered(Form.LIST, List.of(), values);
  }

  /** {@return the output, when it can be told without fetching anything; it may be none} */
  public Optional<Optional<Value>> asItIs() {
    if (form == Form.VALUE) {
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
    return switch (form) {
      case VALUE -> loaded.isEmpty() ? JsonNodeFactory.instance.nullNode() : loaded.get(0);
      case OBJECT -> object(loaded);
      case LIST -> array(loaded);
    };
  }

  private JsonNode object(List<JsonNode> loaded) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < names.size(); i++) {
      object.set(names.get(i), loaded.get(i));
    }
    return object;
  }

  private static JsonNode array(List<JsonNode> loaded) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    loaded.forEach(list::add);
    return list;
  }
}
