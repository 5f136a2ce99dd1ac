package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Installation;
import dev.maestro.providers.claude.ClaudeCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs({OS.LINUX, OS.MAC})
class DetectionTest {

  @TempDir Path directory;

  @Test
  void saysHowToInstallWhatIsNotThere() {
    CliAgent agent = ClaudeCode.builder().program(directory.resolve("none").toString()).build();

    Installation found = agent.detect();

    assertThat(agent.isAtHand()).isFalse();
    assertThat(found.present()).isFalse();
    assertThat(found.help()).contains("npm install -g @anthropic-ai/claude-code");
  }

  @Test
  void tellsTheVersionAndThatAKeyIsThere() throws IOException {
    CliAgent agent =
        ClaudeCode.builder()
            .program(program("test \"$1\" = --version && echo '2.1.329 (Claude Code)'"))
            .variable("ANTHROPIC_API_KEY", "key")
            .build();

    Installation found = agent.detect();

    assertThat(agent.isAtHand()).isTrue();
    assertThat(found.knownVersion()).contains("2.1.329 (Claude Code)");
    assertThat(found.knownSignIn()).contains(true);
    assertThat(found.help()).isEmpty();
  }

  @Test
  void looksAtAProgramWithTheVariablesThatItIsLaunchedWith() throws IOException {
    CliAgent agent =
        new Stranger(
            new CliAgent.Builder<>(Stranger::new)
                .program(program("echo \"at $STRANGER_HOME\""))
                .variable("STRANGER_HOME", "home"));

    assertThat(agent.detect().knownVersion()).contains("at home");
  }

  @Test
  void aKeyThatIsEmptySignsNobodyIn() throws IOException {
    CliAgent agent =
        new Stranger(
            new CliAgent.Builder<>(Stranger::new)
                .program(program("echo 1"))
                .variable("STRANGER_KEY_4711", " "));

    assertThat(agent.detect().knownSignIn()).isEmpty();
  }

  @Test
  void saysHowToSignInWhereNobodyCanTellWhetherAnyoneHas() throws IOException {
    CliAgent agent = new Stranger(new CliAgent.Builder<>(Stranger::new).program(program("exit 3")));

    Installation found = agent.detect();

    assertThat(found.present()).isTrue();
    assertThat(found.knownVersion()).isEmpty();
    assertThat(found.knownSignIn()).isEmpty();
    assertThat(found.help()).isEqualTo("sign in: stranger login");
    assertThat(found.isUsable()).isTrue();
  }

  @Test
  void aProgramThatSaysALotHasAVersionAllTheSame() throws IOException {
    String flood = "echo 1.2.3; i=0; while [ $i -lt 2000 ]; do echo more; i=$((i+1)); done";
    CliAgent agent = new Stranger(new CliAgent.Builder<>(Stranger::new).program(program(flood)));

    assertThat(agent.detect().knownVersion()).contains("1.2.3");
  }

  private String program(String script) throws IOException {
    Path program = directory.resolve("program");
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program.toString();
  }

  /** An agent whose key and credentials are on no machine. */
  private static final class Stranger extends CliAgent {

    private static final Profile PROFILE =
        Profile.of("stranger", "stranger")
            .keys("STRANGER_KEY_4711")
            .credentials(".stranger-4711/credentials")
            .help("install it: stranger.sh", "sign in: stranger login");

    Stranger(Setup setup) {
      super(PROFILE, setup);
    }

    Stranger(Builder<Stranger> builder) {
      this(builder.setup());
    }

    @Override
    protected List<String> arguments(AgentRequest request) {
      return List.of();
    }

    @Override
    protected Reading reading(AgentRequest request) {
      return (line, account) -> account.said(line);
    }
  }
}
