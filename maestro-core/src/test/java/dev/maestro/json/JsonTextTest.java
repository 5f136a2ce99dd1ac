package dev.maestro.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The hashes of pipelines and inputs rest on these bytes, so they must be Jackson's. */
class JsonTextTest {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper JACKSON = new JsonMapper();
  private static final JsonMapper SORTING =
      JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  @Property(tries = 500)
  void writesTreesAsJacksonDoes(@ForAll long seed) throws JsonProcessingException {
    JsonNode tree = tree(new Random(seed), 4);

    assertThat(Json.write(tree)).isEqualTo(JACKSON.writeValueAsString(tree));
    assertThat(Json.writeSorted(tree)).isEqualTo(SORTING.writeValueAsString(tree));
    assertThat(Json.bytes(tree)).isEqualTo(JACKSON.writeValueAsBytes(tree));
    assertThat(Json.read(Json.write(tree))).isEqualTo(JACKSON.readTree(Json.write(tree)));
  }

  @Test
  void writesEveryCharacterAsJacksonDoes() throws JsonProcessingException {
    StringBuilder all = new StringBuilder();
    for (char c = 0; c < Character.MIN_SURROGATE; c++) {
      all.append(c);
    }
    all.append("\uE000\uFFFF").appendCodePoint(0x10000).appendCodePoint(0x10FFFF);
    JsonNode text = NODES.textNode(all.toString());

    assertThat(Json.write(text)).isEqualTo(JACKSON.writeValueAsString(text));
    assertThat(Json.bytes(text)).isEqualTo(JACKSON.writeValueAsBytes(text));
  }

  @Test
  void escapesHalfOfAPairSoThatItIsReadAsItWas() throws JsonProcessingException {
    JsonNode half = NODES.textNode("a\uD83D");

    assertThat(Json.read(Json.write(half))).isEqualTo(half);
  }

  @Test
  void refusesNestingWithoutEnd() throws JsonProcessingException {
    JsonNode deepest = Json.read("[".repeat(1000) + "]".repeat(1000));
    ArrayNode deeper = NODES.arrayNode().add(deepest);

    assertThat(Json.write(deepest)).hasSize(2000);
    assertThatThrownBy(() -> Json.write(deeper)).isInstanceOf(IllegalArgumentException.class);
  }

  private static JsonNode tree(Random random, int depth) {
    int kinds = depth == 0 ? 12 : 14;
    return switch (random.nextInt(kinds)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> NODES.numberNode(random.nextInt());
      case 3 -> NODES.numberNode(random.nextLong());
      case 4 -> NODES.numberNode((short) random.nextInt());
      case 5 -> NODES.numberNode(oddNumber(random));
      case 6 -> NODES.numberNode((float) oddNumber(random));
      case 7 -> NODES.numberNode(new BigInteger(200, random));
      case 8 ->
          NODES.numberNode(new BigDecimal(new BigInteger(90, random), random.nextInt(900) - 450));
      case 9 -> NODES.binaryNode(text(random).getBytes(StandardCharsets.UTF_8));
      case 10, 11 -> NODES.textNode(text(random));
      case 12 -> array(random, depth - 1);
      default -> object(random, depth - 1);
    };
  }

  private static double oddNumber(Random random) {
    List<Double> odd = List.of(0.0, -0.0, 1e-7, 1e21, Double.NaN, Double.NEGATIVE_INFINITY);
    int at = random.nextInt(2 * odd.size());
    return at < odd.size() ? odd.get(at) : random.nextGaussian() * Math.pow(10, at);
  }

  private static ArrayNode array(Random random, int depth) {
    ArrayNode array = NODES.arrayNode();
    for (int i = random.nextInt(5); i > 0; i--) {
      array.add(tree(random, depth));
    }
    return array;
  }

  private static ObjectNode object(Random random, int depth) {
    ObjectNode object = NODES.objectNode();
    for (int i = random.nextInt(5); i > 0; i--) {
      object.set(text(random), tree(random, depth));
    }
    return object;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      int point = random.nextInt(random.nextBoolean() ? 0x80 : 0x20000);
      text.appendCodePoint(Character.isBmpCodePoint(point) && isSurrogate(point) ? 'x' : point);
    }
    return text.toString();
  }

  private static boolean isSurrogate(int point) {
    return Character.isSurrogate((char) point);
  }
}
