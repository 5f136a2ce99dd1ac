package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.task.Actor;
import dev.maestro.task.Priority;
import dev.maestro.task.Tenant;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunOptionsTest {

  private static final RunOptions OPTIONS = RunOptions.of(Tenant.DEFAULT, Actor.of("anna"));

  @Test
  void keepsWhatWasSaidBefore() {
    RunOptions all =
        OPTIONS.label("a", "1").priority(Priority.of(1)).timeLimit(Duration.ofHours(1));

    assertThat(all.label("b", "2").labels()).containsEntry("a", "1").containsEntry("b", "2");
    assertThat(all.terms().priority()).isEqualTo(Priority.of(1));
    assertThat(all.terms().timeLimit()).isEqualTo(Duration.ofHours(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "-a", "a b", "a:b", "ü", "a\nb"})
  void refusesNamesOfLabelsThatCannotBeTypedEverywhere(String name) {
    assertThatThrownBy(() -> OPTIONS.label(name, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the name of a label");
  }

  @ParameterizedTest
  @ValueSource(strings = {"team", "acme.org/team", "A_1-b", "0"})
  void takesNamesOfLabelsAsOthersUseThem(String name) {
    assertThat(OPTIONS.label(name, "").labels()).containsEntry(name, "");
  }

  @Test
  void refusesValuesThatAreTooLongOrHaveLines() {
    OPTIONS.label("a", "ü".repeat(RunOptions.LONGEST_LABEL));
    for (String value : new String[] {"x".repeat(RunOptions.LONGEST_LABEL + 1), "a\nb", "\0"}) {
      assertThatThrownBy(() -> OPTIONS.label("a", value))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the value of label 'a'");
    }
  }

  @Test
  void refusesTooManyLabels() {
    RunOptions full = OPTIONS;
    for (int i = 0; i < RunOptions.MOST_LABELS; i++) {
      full = full.label("a" + i, "x");
    }
    RunOptions last = full;

    assertThat(last.label("a0", "y").labels()).hasSize(RunOptions.MOST_LABELS);
    assertThatThrownBy(() -> last.label("one-more", "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a run has at most 32 labels");
  }
}
