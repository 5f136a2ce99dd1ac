package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.pipeline.Condition.Comparison;
import dev.maestro.pipeline.Condition.Operator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {

  @Test
  void readsTheThreeComparisons() {
    assertThat(Condition.parse("{{ x }} contains 'y'"))
        .isEqualTo(new Comparison("x", Operator.CONTAINS, "y"));
    assertThat(Condition.parse(" {{a.b}}   not_contains 'it''s' "))
        .isEqualTo(new Comparison("a.b", Operator.NOT_CONTAINS, "it's"));
    assertThat(Condition.parse("{{ x }} equals ''"))
        .isEqualTo(new Comparison("x", Operator.EQUALS, ""));
  }

  @Test
  void comparesWithoutRegardToCase() {
    assertThat(Condition.parse("{{ x }} contains 'PASS'").test("all passed")).isTrue();
    assertThat(Condition.parse("{{ x }} not_contains 'PASS'").test("all passed")).isFalse();
    assertThat(Condition.parse("{{ x }} equals 'Yes'").test("yes")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x contains 'y'",
        "{{ x }} contains y",
        "{{ x }} contains '",
        "{{ x }} contains 'a'b'",
        "{{ x }} is 'y'",
        "{{ x }} CONTAINS 'y'",
        "{{ x y }} contains 'y'",
        "{{ x }} contains 'y' or true"
      })
  void refusesEverythingElse(String expression) {
    assertThatThrownBy(() -> Condition.parse(expression))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("contains|not_contains|equals");
  }

  @Property
  void readsWhatItWrote(@ForAll Operator operator, @ForAll String text) {
    Comparison comparison = new Comparison("name", operator, text);

    assertThat(Condition.parse(comparison.expression())).isEqualTo(comparison);
  }

  @Test
  void readsLongTextsWithoutRecursion() {
    String text = "'".repeat(200_000);
    Comparison comparison = new Comparison("x", Operator.EQUALS, text);

    assertThat(Condition.parse(comparison.expression())).isEqualTo(comparison);
  }
}
