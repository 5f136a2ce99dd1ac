package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.InvalidDefinitionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class TemplateTest {

  @Test
  void putsValuesInTheirPlaces() {
    Template template = Template.of("Make {{tests}} pass for {{ task }}.");

    assertThat(template.render("green", Map.of("tests", "T1", "task", "limits")))
        .isEqualTo("Make T1 pass for limits.");
    assertThat(template.variables()).containsExactly("tests", "task");
  }

  @Test
  void neverReadsAValueAgain() {
    Template template = Template.of("{{ a }} and {{ b }}");

    assertThat(template.render("s", Map.of("a", "{{ b }}", "b", "{{ '{{' }}")))
        .isEqualTo("{{ b }} and {{ '{{' }}");
  }

  @Test
  void writesQuotedTextAsItIs() {
    Template template = Template.of("{{ '{{' }} name }} {{\"{%\"}} {{ '}}' }} {{ \"it's\" }}");

    assertThat(template.render("s", Map.of())).isEqualTo("{{ name }} {% }} it's");
  }

  @Test
  void leavesSingleAndClosingBracesAlone() {
    assertThat(Template.of("{ a: {b: {c: 1}}} }} %} {# x").render("s", Map.of()))
        .isEqualTo("{ a: {b: {c: 1}}} }} %} {# x");
  }

  @Test
  void saysWhichStepUsesWhichUnknownNameAndWhatIsKnown() {
    assertThatThrownBy(() -> Template.of("{{ tsets }}").render("green", Map.of("tests", "x")))
        .isInstanceOfSatisfying(
            UnknownVariableException.class,
            e -> {
              assertThat(e.step()).isEqualTo("green");
              assertThat(e.variable()).isEqualTo("tsets");
              assertThat(e.known()).containsExactly("tests");
            })
        .hasMessageContaining("did you mean 'tests'?");
  }

  @Test
  void reportsEveryFaultWithItsPosition() {
    assertThatThrownBy(() -> Template.of("{{ a b }}\n{% if x %}\n {{ x | upper }} {{"))
        .isInstanceOfSatisfying(
            InvalidDefinitionException.class,
            e ->
                assertThat(e.problems())
                    .extracting(problem -> problem.message().replaceAll(".*at line", "at line"))
                    .containsExactly(
                        "at line 1, column 1 of the text",
                        "at line 2, column 1 of the text",
                        "at line 3, column 2 of the text",
                        "at line 3, column 18 of the text"));
  }

  @Test
  void refusesToRenderWithoutLimit() {
    String large = "x".repeat(Template.LONGEST / 2);

    assertThat(Template.of("{{ a }}{{ a }}").render("s", Map.of("a", large)))
        .hasSize(Template.LONGEST);
    assertThatThrownBy(() -> Template.of("{{ a }}{{ a }}.").render("s", Map.of("a", large)))
        .isInstanceOf(RenderingException.class)
        .hasMessageContaining("'s'");
  }

  @Test
  void parsesHugeTextsInLinearTime() {
    for (String piece : List.of("{{", "{%", "{{ '", "{{ x }}", "{{ \"'", "}}", "{{ 'a' ")) {
      Template.parse(piece.repeat(500_000 / piece.length()), new ArrayList<>());
    }
  }

  @Test
  void looksUpOnlyWhatItUses() {
    Template.Values values =
        new Template.Values() {
          @Override
          public Optional<String> find(String name) {
            return Optional.of(name.toUpperCase(Locale.ROOT));
          }

          @Override
          public List<String> names() {
            return List.of();
          }
        };

    assertThat(Template.of("{{ a }}").render("s", values)).isEqualTo("A");
  }

  @Property
  void throwsNothingButItsOwnProblems(@ForAll("nearlyTemplates") String text) {
    try {
      Template template = Template.of(text);
      template.variables().forEach(name -> assertThat(Names.isVariable(name)).isTrue());
    } catch (InvalidDefinitionException e) {
      assertThat(e.problems()).isNotEmpty();
    }
  }

  @Property
  void keepsTextThatOpensNothing(@ForAll String text) {
    String plain = text.replace("{{", "").replace("{%", "").replace("{", "");

    assertThat(Template.of(plain).render("s", Map.of())).isEqualTo(plain);
  }

  @Property
  void keepsWhateverAValueHolds(@ForAll("nearlyTemplates") String value) {
    assertThat(Template.of("<{{ x }}>").render("s", Map.of("x", value)))
        .isEqualTo("<" + value + ">");
  }

  @Provide
  Arbitrary<String> nearlyTemplates() {
    return Arbitraries.of("{", "{{", "}}", "}", "{%", "%}", "'", "\"", " ", "x", "a.b", "\n", "|")
        .list()
        .ofMaxSize(20)
        .map(pieces -> String.join("", pieces));
  }
}
