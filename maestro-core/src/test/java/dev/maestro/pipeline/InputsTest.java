package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.PermanentException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputsTest {

  record Report(int score, List<String> findings) {}

  @Test
  void holdsTextAndJson() {
    Inputs inputs =
        Inputs.of("task", "Add limits").with("report", new Report(3, List.of("a", "b")));

    assertThat(inputs.text("task")).contains("Add limits");
    assertThat(inputs.text("report")).contains("{\"findings\":[\"a\",\"b\"],\"score\":3}");
    assertThat(inputs.value("missing")).isEmpty();
  }

  @Test
  void hasOneHashInWhateverOrderItWasGiven() {
    Inputs one = Inputs.of("a", Map.of("x", 1)).with("b", "2");
    Inputs other =
        Inputs.of("b", "2").with("a", JsonNodeFactory.instance.objectNode().put("x", 1L));

    assertThat(one).isEqualTo(other);
    assertThat(one.hash()).isEqualTo(other.hash());
    assertThat(one.hash()).isNotEqualTo(Inputs.of("a", Map.of("x", 1)).hash());
    assertThat(new String(one.canonicalJson(), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":{\"x\":1},\"b\":\"2\"}");
  }

  @Test
  void doesNotChangeWhenAGivenOrTakenTreeDoes() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode().put("x", 1);
    Inputs inputs = Inputs.of("a", tree);

    tree.put("x", 2);
    ((ObjectNode) inputs.value("a").orElseThrow()).put("x", 3);

    assertThat(inputs.text("a")).contains("{\"x\":1}");
  }

  @Test
  void isTheSameAfterStorage() {
    Inputs inputs =
        Inputs.of("task", "x\n\"").with("n", LongNode.valueOf(3)).with("d", 1.50).with("t", true);

    assertThat(Inputs.fromJson(inputs.canonicalJson())).isEqualTo(inputs);
    assertThat(Inputs.fromJson(Inputs.none().canonicalJson())).isEqualTo(Inputs.none());
  }

  @Property
  void keepsEveryTextItTakes(@ForAll String text) {
    if (Names.isCleanText(text)) {
      Inputs inputs = Inputs.of("x", text);

      assertThat(Inputs.fromJson(inputs.canonicalJson()).text("x")).contains(text);
    }
  }

  @Test
  void refusesASecret() {
    assertThatThrownBy(() -> Inputs.of("token", Secret.named("TOKEN")))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("step.secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "1x", "item.id", "item", "é"})
  void refusesNamesThatTemplatesCannotUse(String name) {
    assertThatThrownBy(() -> Inputs.of(name, "x")).isInstanceOf(InvalidDefinitionException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "\ud800", "\udc00x"})
  void refusesTextThatCannotBeStored(String text) {
    assertThatThrownBy(() -> Inputs.of("x", text)).isInstanceOf(InvalidDefinitionException.class);
  }

  @Test
  void refusesMoreThanAMebibyte() {
    assertThatThrownBy(() -> Inputs.of("x", "y".repeat(Inputs.LARGEST)))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("larger than");
  }

  @Test
  void refusesNestingWithoutEnd() {
    List<Object> deep = List.of();
    for (int i = 0; i < 5000; i++) {
      deep = List.of(deep);
    }
    List<Object> tooDeep = deep;

    assertThatThrownBy(() -> Inputs.of("x", tooDeep))
        .isInstanceOf(InvalidDefinitionException.class);
  }

  @Test
  void refusesANumberThatNothingCanHold() {
    byte[] json = "{\"x\":1e99999999999}".getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> Inputs.fromJson(json)).hasMessageContaining("exponent");
  }

  @Test
  void showsNoValues() {
    assertThat(Inputs.of("task", "private")).hasToString("Inputs[task]");
  }

  @Test
  void convertsOutputsToTheirType() {
    Output<Report> report = Output.json("report", Report.class);
    ObjectNode value =
        JsonNodeFactory.instance.objectNode().put("score", 4).put("unknown", "ignored");

    assertThat(report.convert(value)).isEqualTo(new Report(4, null));
    assertThat(Output.text("tests").convert(JsonNodeFactory.instance.textNode("x"))).isEqualTo("x");
    assertThat(Output.text("tests").convert(value)).isEqualTo(Inputs.asText(value));
    assertThatThrownBy(() -> report.convert(JsonNodeFactory.instance.textNode("no report")))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("output 'report' is no Report");
    assertThatThrownBy(() -> report.convert(JsonNodeFactory.instance.nullNode()))
        .isInstanceOf(PermanentException.class);
  }
}
