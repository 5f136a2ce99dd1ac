package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The child sees what is allowed, what is set, and the marker. */
class EnvironmentTest {

  private static final Map<String, String> HOST =
      Map.of("PATH", "/bin", "LC_TIME", "C", "LCX", "no", "API_KEY", "secret", "PATHS", "no");

  @Test
  void onlyAllowedVariablesAreInherited() {
    assertThat(Environment.of(spec().build(), HOST, "m"))
        .isEqualTo(Map.of("PATH", "/bin", "LC_TIME", "C", "MAESTRO_MARKER", "m"));
  }

  @Test
  void aNamedVariableIsInherited() {
    assertThat(Environment.of(spec().inherit("API_KEY").build(), HOST, "m"))
        .containsEntry("API_KEY", "secret")
        .containsKey("PATH");
  }

  @Test
  void theDefaultsCanBeLeftOut() {
    assertThat(Environment.of(spec().inheritOnly("LC*").build(), HOST, "m"))
        .containsOnlyKeys("LC_TIME", "LCX", "MAESTRO_MARKER");
  }

  @Test
  void aSetVariableWinsButNotOverTheMarker() {
    ProcessSpec spec =
        spec().variable("PATH", "/mine").variable("MAESTRO_MARKER", "forged").build();

    assertThat(Environment.of(spec, HOST, "m"))
        .containsEntry("PATH", "/mine")
        .containsEntry("MAESTRO_MARKER", "m");
  }

  @Test
  void anOuterMarkerIsPassedOn() {
    Map<String, String> environment =
        Environment.of(spec().build(), Map.of("MAESTRO_MARKER", "outer"), "m");

    assertThat(environment).containsEntry("MAESTRO_MARKER", "outer,m");
    assertThat(Environment.markersIn("A=b\0MAESTRO_MARKER=outer,m\0C=d\0"))
        .isEqualTo(List.of("outer", "m"));
  }

  @Test
  void aMarkerInTheMiddleOfAValueIsNone() {
    assertThat(Environment.markersIn("A=MAESTRO_MARKER=m\0NOT_MAESTRO_MARKER=m\0")).isEmpty();
  }

  private static ProcessSpec.Builder spec() {
    return ProcessSpec.builder(Path.of("."), List.of("true"));
  }
}
