package dev.maestro.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.json.Json;
import dev.maestro.store.BlobId;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a run is started with: named values, each text or JSON. Immutable.
 *
 * <p>Equal inputs have the same {@link #canonicalJson()} and the same {@link #hash()}, in whatever
 * order they were given. Inputs are journaled; a {@link Secret} is refused.
 */
public final class Inputs {

  /** The most bytes that all inputs together may have as JSON. */
  public static final int LARGEST = 1024 * 1024;

  private static final Inputs NONE = new Inputs(new TreeMap<>());

  private final Map<String, JsonNode> values;
  private final String canonical;

  private Inputs(TreeMap<String, JsonNode> values) {
    this.values = Collections.unmodifiableMap(values);
    this.canonical = write("inputs", JsonNodeFactory.instance.objectNode().setAll(values));
  }

  /** {@return no inputs} */
  public static Inputs none() {
    return NONE;
  }

  /** {@return this one input; see {@link #with}} */
  public static Inputs of(String name, Object value) {
    return NONE.with(name, value);
  }

  /**
   * {@return the same inputs and this one, which replaces one of the same name}
   *
   * @param name letters, digits, {@code _}, {@code .} and {@code -}; {@code item.} is reserved
   * @param value a text, a JSON tree, or anything that Jackson writes as JSON, but no secret
   * @throws InvalidDefinitionException when the name or the value cannot be used
   */
  public Inputs with(String name, Object value) {
    Objects.requireNonNull(value, "value");
    requireName(Objects.requireNonNull(name, "name"));
    TreeMap<String, JsonNode> more = new TreeMap<>(values);
    more.put(name, normalized(name, value));
    Inputs result = new Inputs(more);
    if (result.canonicalJson().length > LARGEST) {
      throw refused(name, "together the inputs are larger than " + LARGEST + " bytes");
    }
    return result;
  }

  /** {@return the inputs that this JSON object holds, as {@link #canonicalJson()} writes it} */
  public static Inputs fromJson(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    try {
      JsonNode tree = InputJson.read(text);
      if (!tree.isObject()) {
        throw refused("", "inputs are a JSON object, not " + tree.getNodeType());
      }
      TreeMap<String, JsonNode> values = new TreeMap<>();
      tree.properties().forEach(field -> values.put(field.getKey(), field.getValue()));
      values.keySet().forEach(Inputs::requireName);
      return new Inputs(values);
    } catch (JsonProcessingException e) {
      SyntaxTrouble at = SyntaxTrouble.of(e, text);
      String where = at.line() + ", column " + at.column();
      throw refused("", "inputs are a JSON object; " + at.message() + " (line " + where + ")");
    }
  }

  /** {@return the names, in alphabetical order} */
  public Set<String> names() {
    return values.keySet();
  }

  /** {@return the value of this name, if there is one} */
  public Optional<JsonNode> value(String name) {
    return Optional.ofNullable(values.get(name)).map(JsonNode::deepCopy);
  }

  /** {@return the value of this name as templates show it, if there is one} */
  public Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name)).map(Inputs::asText);
  }

  /** {@return a value as templates show it: text as it is, anything else as compact JSON} */
  public static String asText(JsonNode value) {
    return value.isTextual() ? value.textValue() : write("value", value);
  }

  /** {@return one JSON object in UTF-8; the same bytes for equal inputs} */
  public byte[] canonicalJson() {
    return canonical.getBytes(StandardCharsets.UTF_8);
  }

  /** {@return the SHA-256 of {@link #canonicalJson()}} */
  public BlobId hash() {
    return BlobId.of(canonicalJson());
  }

  private static void requireName(String name) {
    if (!Names.isVariable(name) || Names.isItem(name)) {
      throw refused(
          name,
          "the name of an input must be " + Names.VARIABLE_RULE + ", and not begin with 'item.'");
    }
  }

  /** What reading the written value gives, so that a value is the same before and after storage. */
  private static JsonNode normalized(String name, Object value) {
    if (value instanceof Secret secret) {
      throw refused(
          name,
          "inputs are journaled and "
              + secret
              + " must not be; hand it to the steps that need it with step.secret(..)");
    }
    if (value instanceof String text) {
      return TextNode.valueOf(requireClean(name, text));
    }
    try {
      return InputJson.read(requireClean(name, new JsonMapper().writeValueAsString(value)));
    } catch (JsonProcessingException e) {
      throw refused(name, "the value cannot be written as JSON: " + e.getOriginalMessage());
    }
  }

  private static String requireClean(String name, String text) {
    if (!Names.isCleanText(text)) {
      throw refused(name, Names.CLEAN_TEXT_RULE);
    }
    return text;
  }

  private static String write(String what, JsonNode value) {
    try {
      return Json.writeSorted(value);
    } catch (IllegalArgumentException e) {
      throw refused(what, "the value cannot be written as JSON: " + e.getMessage());
    }
  }

  private static InvalidDefinitionException refused(String name, String message) {
    String path = name.isEmpty() ? "inputs" : "inputs." + name;
    return new InvalidDefinitionException(
        "the set of inputs", List.of(new Problem("inputs", path, message)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Inputs that && that.canonical.equals(canonical);
  }

  @Override
  public int hashCode() {
    return canonical.hashCode();
  }

  /** {@return the names only; values may be long or private} */
  @Override
  public String toString() {
    return "Inputs" + names();
  }
}
