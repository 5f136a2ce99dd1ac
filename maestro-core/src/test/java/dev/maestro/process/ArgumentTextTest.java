package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentTextTest {

  @Test
  void whatHasNoBytesInTheLocaleIsNotKept() {
    List<String> german = List.of("sh", "-c", "echo \u00e4");

    assertThat(ArgumentText.isKept(german, StandardCharsets.UTF_8)).isTrue();
    assertThat(ArgumentText.isKept(german, StandardCharsets.ISO_8859_1)).isTrue();
    assertThat(ArgumentText.isKept(german, StandardCharsets.US_ASCII)).isFalse();
    assertThat(ArgumentText.isKept(List.of("sh", "\u20ac"), StandardCharsets.ISO_8859_1)).isFalse();
    assertThat(ArgumentText.isKept(List.of("sh", "-c", "echo"), StandardCharsets.US_ASCII))
        .isTrue();
  }

  /** Half a character has no bytes in any locale. */
  @Test
  void aProgramIsNotToldSomethingElse() {
    ProcessRunner runner = new ProcessRunner(new HandTime());
    ProcessSpec spec =
        ProcessSpec.builder(Path.of("").toAbsolutePath(), List.of("echo", "half \ud83d")).build();

    assertThatThrownBy(() -> runner.run(spec, identity -> {}, Cancellation.never()))
        .isInstanceOf(ProcessStartException.class)
        .hasMessageStartingWith("cannot start 'echo': an argument has characters")
        .hasMessageNotContaining("half");
  }
}
