package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs about lying agents and about ladders keep what they promise. */
@Timeout(300)
class AgentStoriesTest {

  @TempDir Path directory;

  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8);

  @Test
  void onlyTheHonestAgentIsDone() throws Exception {
    assertThat(LyingAgentsMain.tell(out, directory)).as("%s", told).isTrue();
    assertThat(told.toString(StandardCharsets.UTF_8))
        .contains("claims    FAILED    gate-failed, tests do not pass")
        .contains("deletes   FAILED    gate-failed, tests do not pass")
        .contains("quotes    FAILED    not-done, tests pass")
        .contains("honest    COMPLETED succeeded, tests pass");
  }

  @Test
  void aLadderTellsWhatAnAcceptedChangeCostOnEachRung() throws Exception {
    assertThat(LadderMain.tell(out, directory)).as("%s", told).isTrue();
    assertThat(told.toString(StandardCharsets.UTF_8))
        .contains("small  3 attempts, 1 accepted, $0.03 in all, $0.03 for an accepted change")
        .contains("large  2 attempts, 1 accepted, $0.20 in all, $0.20 for an accepted change");
  }
}
