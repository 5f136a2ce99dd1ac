package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.json.Json;
import dev.maestro.pipeline.Template;
import dev.maestro.run.Element;
import dev.maestro.run.Item;
import dev.maestro.run.Value;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Inputs and outputs as templates and code see them; fetches blobs when they are asked for. */
final class Values implements Template.Values {

  private final Store store;
  private final Map<String, Value> values;
  private final Map<String, String> item;
  private final Map<String, Value> element;

  Values(Store store, Assignment a) {
    this.store = store;
    this.values = a.values();
    this.item = a.task().item().map(Item::values).orElse(Map.of());
    this.element = a.task().element().map(Element::values).orElse(Map.of());
  }

  @Override
  public Optional<String> find(String name) {
    String ofItem = element.containsKey(name) ? null : item.get(name);
    return ofItem != null ? Optional.of(ofItem) : json(name).map(Value::textOf);
  }

  @Override
  public Collection<String> names() {
    return Stream.of(
            values.keySet().stream().sorted(), item.keySet().stream(), element.keySet().stream())
        .flatMap(name -> name)
        .distinct()
        .toList();
  }

  Optional<JsonNode> json(String name) {
    return kept(name).map(this::load);
  }

  /** {@return the value of this name as it is kept, if there is one} */
  Optional<Value> kept(String name) {
    Value ofElement = element.get(name);
    return Optional.ofNullable(ofElement == null ? values.get(name) : ofElement);
  }

  JsonNode load(Value value) {
    return value instanceof Value.Inline inline ? inline.json() : fetch((Value.Stored) value);
  }

  private JsonNode fetch(Value.Stored stored) {
    byte[] bytes =
        store
            .blob(stored.blob())
            .orElseThrow(() -> new StoreException("the blob " + stored.blob() + " is missing"));
    try {
      return Json.read(bytes);
    } catch (IOException e) {
      throw new StoreException("the blob " + stored.blob() + " is no JSON", e);
    }
  }

  /** Keep an output: in the journal while it is small, otherwise as a blob. */
  static Value keep(JsonNode json, Store store) {
    String text = Json.write(json);
    if (Value.fitsInline(text)) {
      return new Value.Inline(json);
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Value.Stored(store.put(bytes), bytes.length);
  }

  static JsonNode text(String text) {
    return TextNode.valueOf(text);
  }
}
