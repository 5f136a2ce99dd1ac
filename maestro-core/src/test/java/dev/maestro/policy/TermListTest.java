package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TermListTest {

  @TestFactory
  Stream<DynamicTest> cases() {
    return Vectors.cases("reliability.json", TermListTest::check);
  }

  private static void check(JsonNode sample) {
    JsonNode expected = sample.path("expected");
    switch (sample.path("op").asText()) {
      case "guardrail" -> {
        // switched off means that nobody asks the rule
        if (sample.path("enabled").asBoolean(true)) {
          String prompt = sample.path("rendered_prompt").asText();
          assertThat(TermList.DESTRUCTIVE.firstIn(prompt))
              .isEqualTo(Optional.ofNullable(expected.path("term").textValue()));
          Finding finding = Guardrail.terms().check(new Subject.Prompt(prompt)).orElseThrow();
          assertThat(finding.verdict() instanceof Verdict.Refuse)
              .isEqualTo(expected.path("decision").asText().equals("block"));
        }
      }
      case "confidence" ->
          assertThat(TermList.LOW_CONFIDENCE.firstIn(sample.path("output").asText()).isPresent())
              .isEqualTo(expected.path("escalate").booleanValue());
      case "degrade" ->
          assertThat(
                  new Shortened(sample.path("chars").intValue()).of(sample.path("text").asText()))
              .isEqualTo(expected.textValue());
      default -> throw Vectors.unknownOp(sample);
    }
  }

  @Test
  void otherBlanksAreBlanksToo() {
    assertThat(TermList.DESTRUCTIVE.firstIn("RM\u00a0\t-RF x")).contains("rm -rf");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"result\": 1,\n \"confidence\": \"low\"}",
        "{\"confidence\":\"low\"}",
        "**Confidence:** low",
        "**Confidence**: low",
        "*Confidence:* Low",
        "Confidence: **low**",
        "`confidence`: `low`",
        "confidence = low",
        "Confidence level: low",
        "confidence:\n  low",
        "| Confidence | Low |"
      })
  void lowConfidenceIsFoundHoweverItIsPrinted(String output) {
    assertThat(TermList.LOW_CONFIDENCE.firstIn(output)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"confidence\": \"high\"}",
        "**Confidence:** high, low risk",
        "confidence is high; the risk: low"
      })
  void otherConfidenceIsNotLow(String output) {
    assertThat(TermList.LOW_CONFIDENCE.firstIn(output)).isEmpty();
  }

  @Test
  void anEmptyTermIsRefused() {
    assertThatThrownBy(() -> new TermList(List.of("a", " \n"))).hasMessageContaining("everywhere");
  }

  @Property
  void findsInAsciiWhatItFindsInAnyText(
      @ForAll("texts") String text, @ForAll("texts") @StringLength(min = 1) String term) {
    Assume.that(!term.isBlank());
    TermList list = new TermList(List.of(term));

    assertThat(list.firstIn(text)).isEqualTo(list.firstIn(text + "\u00e9"));
    assertThat(list.firstIn("x" + term + "x")).isPresent();
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings().withChars("aB \t\n\u000b\u001c\u007f-").ofMaxLength(6);
  }
}
