package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs about people and their rules keep what they promise. */
@Timeout(300)
class PeopleStoriesTest {

  @TempDir Path directory;

  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8);

  @Test
  void anApprovalOutlivesTheProcessThatAsked() throws Exception {
    assertThat(ApprovalMain.tell(out, directory)).as("%s", told).isTrue();
    assertThat(told.toString(StandardCharsets.UTF_8)).contains("is refused", "+It is faster now.");
  }

  @Test
  void aBackTestTellsWhatAGuardrailWouldHaveStopped() throws Exception {
    assertThat(BackTestMain.tell(out)).as("%s", told).isTrue();
    assertThat(told.toString(StandardCharsets.UTF_8)).contains("clean BLOCKED by terms");
  }
}
