package dev.maestro.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.UnaryOperator;

/**
 * Trees of JSON, read and written.
 *
 * <p>Neither needs a mapper. Jackson's takes longer to load than a short run takes to end, so there
 * is one for all, made when an object of Java is converted for the first time.
 */
public final class Json {

  private Json() {}

  private static final class Mapper {
    static final ObjectMapper SHARED = new ObjectMapper();
  }

  private static final class Parsers {
    static final JsonFactory SHARED = new JsonFactory();
  }

  /** {@return the tree that this text holds} */
  public static JsonNode read(byte[] json) throws IOException {
    return read(Parsers.SHARED, json);
  }

  /** {@return the tree that this text holds, within the limits of these parsers} */
  public static JsonNode read(JsonFactory parsers, byte[] json) throws IOException {
    try (JsonParser parser = parsers.createParser(json)) {
      return new TreeReader(parser).read();
    }
  }

  /** {@return the tree that this text holds} */
  public static JsonNode read(String json) throws JsonProcessingException {
    try (JsonParser parser = Parsers.SHARED.createParser(json)) {
      return new TreeReader(parser).read();
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  /** {@return what Jackson makes of any object} */
  public static JsonNode treeOf(Object value) {
    return Mapper.SHARED.valueToTree(value);
  }

  /**
   * {@return the tree as compact text}
   *
   * @throws IllegalArgumentException when it is nested too deeply, or holds an object of Java that
   *     cannot be written
   */
  public static String write(JsonNode tree) {
    return written(JsonText.plain(), tree).toString();
  }

  /** {@return the tree as compact text, with the names of objects in alphabetical order} */
  public static String writeSorted(JsonNode tree) {
    return written(JsonText.sorted(), tree).toString();
  }

  /**
   * {@return the tree as compact UTF-8 in which characters beyond 16 bits are escaped}
   *
   * <p>These are the bytes that Jackson writes into arrays.
   */
  public static byte[] bytes(JsonNode tree) {
    return written(JsonText.escaping(), tree).toBytes();
  }

  /** {@return the same with something else in place of each text, the names of objects included} */
  public static JsonNode withTexts(JsonNode tree, UnaryOperator<String> change) {
    if (tree.isTextual()) {
      return TextNode.valueOf(change.apply(tree.textValue()));
    } else if (tree.isArray()) {
      ArrayNode all = JsonNodeFactory.instance.arrayNode(tree.size());
      tree.forEach(one -> all.add(withTexts(one, change)));
      return all;
    } else if (tree.isObject()) {
      ObjectNode all = JsonNodeFactory.instance.objectNode();
      tree.properties()
          .forEach(one -> all.set(change.apply(one.getKey()), withTexts(one.getValue(), change)));
      return all;
    }
    return tree;
  }

  private static JsonText written(JsonText text, JsonNode tree) {
    text.writeTree(tree);
    return text;
  }

  /** Write what only the mapper knows how to write: binary values and objects of Java. */
  static byte[] mapped(JsonNode value) {
    try {
      return Mapper.SHARED.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON can be made of this value", e);
    }
  }
}
