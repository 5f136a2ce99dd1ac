package dev.maestro.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThinkingTest {

  @ParameterizedTest
  @CsvSource({"none,0", "low,1024", "medium,10000", "high,16000", "max,32000"})
  void eachLevelStandsForSoManyTokens(String label, int tokens) {
    assertThat(Thinking.ofLabel(label).orElseThrow().tokens()).isEqualTo(tokens);
  }

  @Test
  void knowsNoOtherNames() {
    assertThat(Thinking.ofLabel("HIGH")).isEmpty();
    assertThat(Thinking.ofLabel("")).isEmpty();
  }

  @Test
  void thinkingNotAtAllNeedsNoAbility() {
    assertThat(Thinking.NONE.isOn()).isFalse();
    assertThat(Thinking.LOW.isOn()).isTrue();
  }
}
