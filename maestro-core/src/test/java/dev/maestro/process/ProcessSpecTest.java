package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What cannot be run is refused before it is tried. */
class ProcessSpecTest {

  private static final Path HERE = Path.of(".");

  @Test
  void showsNeitherArgumentsNorVariablesNorInput() {
    ProcessSpec spec =
        ProcessSpec.builder(HERE, List.of("agent", "--key=canary"))
            .variable("TOKEN", "canary")
            .input("canary")
            .build();

    assertThat(spec).hasToString("ProcessSpec[agent with 1 arguments in .]");
  }

  @Test
  void refusesWhatNoSystemCanRun() {
    assertThatIllegalArgumentException().isThrownBy(() -> ProcessSpec.of(HERE));
    assertThatIllegalArgumentException().isThrownBy(() -> ProcessSpec.of(HERE, ""));
    assertThatIllegalArgumentException().isThrownBy(() -> ProcessSpec.of(HERE, "a", "b\0c"));
    assertThatIllegalArgumentException().isThrownBy(() -> builder().variable("A=B", "c").build());
    assertThatIllegalArgumentException().isThrownBy(() -> builder().variable("A", "\0").build());
  }

  @Test
  void refusesLimitsThatLeaveNoRoom() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().timeLimit(Duration.ZERO).build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().inactivityLimit(Duration.ofSeconds(-1)).build());
    assertThatIllegalArgumentException().isThrownBy(() -> builder().lineLimit(0).build());
    assertThatIllegalArgumentException().isThrownBy(() -> builder().errorTail(-1).build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().grace(Duration.ofSeconds(-1)).build());
  }

  @Test
  void hasTheDocumentedDefaults() {
    assertThat(builder().build().limits()).isEqualTo(ProcessLimits.DEFAULTS);
    assertThat(builder().build().inherited()).isEqualTo(ProcessSpec.INHERITED_BY_DEFAULT);
  }

  private static ProcessSpec.Builder builder() {
    return ProcessSpec.builder(HERE, List.of("true"));
  }
}
