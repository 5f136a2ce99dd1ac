package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandOffTest {

  @ParameterizedTest(name = "{0} of {1} at {2} %: {3}")
  @CsvSource({
    "91, 100, 90, true",
    "90, 100, 90, true",
    "89, 100, 90, false",
    "0, 100, 1, false",
    "250000, 200000, 100, true",
    "199999, 200000, 100, false",
  })
  void isReachedAtTheShareAndNotBefore(long used, long window, int percent, boolean reached) {
    assertThat(HandOff.at(percent).isReached(used, window)).isEqualTo(reached);
  }

  @Property
  void agreesWithTheExactShare(
      @ForAll @LongRange(min = 0, max = 10_000_000) long used,
      @ForAll @LongRange(min = 1, max = 10_000_000) long window,
      @ForAll @IntRange(min = 1, max = 100) int percent) {
    assertThat(HandOff.at(percent).isReached(used, window))
        .isEqualTo(used * 100 >= window * percent);
  }

  @Test
  void refusesSharesThatAreNone() {
    assertThatThrownBy(() -> HandOff.at(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HandOff.at(101)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void fallingBackNeedsARouteThatIsNamed() {
    assertThat(Fallback.to("codex", "opus").routes()).containsExactly("codex", "opus");
    assertThatThrownBy(() -> Fallback.to(" ")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theStepsOwnGoesBeforeWhatIsAroundIt() {
    Policies around = Policies.NONE.fallback(Fallback.to("codex")).handOff(HandOff.at(90));
    Policies own = Policies.NONE.handOff(HandOff.at(50));

    Policies both = around.and(own);

    assertThat(both.fallbacks()).containsExactly("codex");
    assertThat(both.handOffRule()).contains(HandOff.at(50));
  }
}
