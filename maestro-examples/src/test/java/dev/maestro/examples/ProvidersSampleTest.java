package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Maestro;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.ErrorSigns;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.providers.Account;
import dev.maestro.providers.CliAgent;
import dev.maestro.providers.JsonReading;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Reading;
import dev.maestro.providers.Rights;
import dev.maestro.providers.acp.AcpAgent;
import dev.maestro.providers.acp.OpenCodeAcp;
import dev.maestro.providers.claude.ClaudeCode;
import dev.maestro.providers.opencode.OpenCode;
import dev.maestro.store.FileStore;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/providers.md. */
class ProvidersSampleTest {

  @TempDir Path directory;

  @Test
  void takesTheProvidersThatItIsHanded() {
    try (Maestro maestro =
        // sample: choose
        Maestro.builder()
            .store(FileStore.at(directory.resolve(".maestro")))
            .provider(ClaudeCode.create())
            .provider(OpenCode.builder().rights(Rights.ALL).inherit("ANTHROPIC_API_KEY").build())
            .build()
    // sample: end
    ) {
      assertThat(maestro.providers().providers())
          .hasAtLeastOneElementOfType(ClaudeCode.class)
          .hasAtLeastOneElementOfType(OpenCode.class);
    }
  }

  @Test
  void takesProvidersThatAreTalkedTo() {
    try (Maestro maestro =
        // sample: acp
        Maestro.builder()
            .store(FileStore.at(directory.resolve(".maestro")))
            .provider(OpenCodeAcp.create())
            .provider(AcpAgent.of("mine", "my-agent", "--acp").build())
            .build()
    // sample: end
    ) {
      assertThat(maestro.providers().find(OpenCodeAcp.create().id())).isPresent();
      assertThat(maestro.providers().find(ProviderId.of("mine")))
          .containsInstanceOf(AcpAgent.class);
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aProviderOfOnesOwnCarriesAStepOut() throws Exception {
    Path program = directory.resolve("my-agent");
    Files.writeString(
        program,
        """
        #!/bin/sh
        cat > /dev/null
        echo '{"kind":"begin","session":"s-1"}'
        echo 'a line that is no JSON'
        echo '{"kind":"words","text":"It is done."}'
        echo '{"kind":"end"}'
        """);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Pipeline pipeline =
        Pipeline.named("one").step("do", s -> s.agent("engineer").prompt("Do it")).build();

    try (Maestro maestro =
        Maestro.builder()
            .store(FileStore.at(directory.resolve(".maestro")))
            .provider(MyAgent.builder().program(program.toString()).build())
            .discoverNothing()
            .build()) {
      RunResult result = maestro.start(pipeline, RunId.of("run-1"), Inputs.none()).await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  // sample: own
  static final class MyAgent extends CliAgent {

    private static final Profile PROFILE =
        Profile.of("mine", "my-agent")
            .can(Capability.PROMPT_AFTER_START, Capability.SESSIONS)
            .keys("MY_AGENT_KEY")
            .help("install it: npm install -g my-agent", "sign in: my-agent login");

    private MyAgent(Setup setup) {
      super(PROFILE, setup);
    }

    static Builder<MyAgent> builder() {
      return new Builder<>(MyAgent::new);
    }

    @Override
    protected List<String> arguments(AgentRequest request) {
      return session(request)
          .map(session -> List.of("run", "--json", "--resume", session))
          .orElse(List.of("run", "--json"));
    }

    @Override
    protected Reading reading(AgentRequest request) {
      return new JsonReading() {
        @Override
        protected void event(JsonNode event, Account account) {
          switch (text(event, "kind")) {
            case "begin" -> account.named(text(event, "session"));
            case "words" -> account.said(text(event, "text") + "\n");
            case "error" -> account.failed(ErrorSigns.of(text(event, "message")));
            case "end" -> account.completed();
            default -> {}
          }
        }
      };
    }
  }
  // sample: end
}
