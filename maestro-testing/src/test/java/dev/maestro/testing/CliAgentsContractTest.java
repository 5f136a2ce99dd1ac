package dev.maestro.testing;

import dev.maestro.agent.AgentProvider;
import dev.maestro.providers.CliAgent;
import dev.maestro.providers.claude.Amp;
import dev.maestro.providers.claude.ClaudeCode;
import dev.maestro.providers.claude.QwenCode;
import dev.maestro.providers.codex.Codex;
import dev.maestro.providers.cursor.Cursor;
import dev.maestro.providers.gemini.GeminiCli;
import dev.maestro.providers.opencode.OpenCode;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Every CLI agent does what every provider does, with a script in the place of its program. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class CliAgentsContractTest {

  private static final HurriedTime TIME = new HurriedTime();

  private static final String CLAUDE_BEGIN =
      "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"%s\"}";
  private static final String CLAUDE_SAY =
      "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"%s\"}]}}";
  private static final String CLAUDE_END =
      "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"num_turns\":1,"
          + "\"usage\":{\"input_tokens\":10,\"output_tokens\":2}}";

  @AfterAll
  static void closeTime() {
    TIME.close();
  }

  private static String after(String argument) {
    return "[ \"$1\" = " + argument + " ]";
  }

  private static Optional<AgentProvider> fake(
      CliAgent.Builder<? extends CliAgent> builder, Optional<String> script) {
    return script.map(text -> builder.program("sh", "-c", text, "agent").time(TIME).build());
  }

  @Nested
  class OfClaudeCode extends AgentProviderContract {

    /** The real program stops at the cap; this one shows that it is told and believed. */
    private static final String OVERSPEND =
        """
        cap=; while [ $# -gt 0 ]; do [ "$1" = --max-budget-usd ] && cap=$2; shift; done
        cat > /dev/null
        test "$cap" = 0.01 || exit 9
        echo '{"type":"result","subtype":"error_max_budget_usd","is_error":true,\
        "total_cost_usd":0.0101,"errors":["Reached maximum budget ($0.01)"]}'
        exit 1
        """;

    @Override
    protected Optional<AgentProvider> provider(Errand errand) {
      FakeCli cli = new FakeCli(CLAUDE_BEGIN, CLAUDE_SAY, CLAUDE_END, after("--resume"), false);
      return fake(
          ClaudeCode.builder(),
          errand == Errand.OVERSPEND ? Optional.of(OVERSPEND) : cli.script(errand));
    }
  }

  @Nested
  class OfQwenCode extends AgentProviderContract {

    @Override
    protected Optional<AgentProvider> provider(Errand errand) {
      FakeCli cli = new FakeCli(CLAUDE_BEGIN, CLAUDE_SAY, CLAUDE_END, after("--resume"), false);
      return fake(QwenCode.builder(), cli.script(errand));
    }
  }

  @Nested
  class OfAmp extends AgentProviderContract {

    @Override
    protected Optional<AgentProvider> provider(Errand errand) {
      FakeCli cli = new FakeCli(CLAUDE_BEGIN, CLAUDE_SAY, CLAUDE_END, after("continue"), false);
      return fake(Amp.builder(), cli.script(errand));
    }
  }

  @Nested
  class OfCodex extends AgentProviderContract {

    @Override
    protected Optional<AgentProvider> provider(Errand errand) {
      FakeCli cli =
          new FakeCli(
              "{\"type\":\"thread.started\",\"thread_id\":\"%s\"}",
              "{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\",\"text\":\"%s\"}}",
              "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":10,\"output_tokens\":2}}",
              "[ \"$word\" = yes ] && [ \"$3\" = - ]",
              false);
      return fake(Codex.builder(), cli.script(errand));
    }
  }

  @Nested
  class OfGeminiCli extends AgentProviderContract {

    @Override
    protected Optional<AgentProvider> provider(Errand errand) {
      FakeCli cli =
          new FakeCli(
              "{\"type\":\"init\",\"session_id\":\"%s\"}",
              "{\"type\":\"message\",\"role\":\"assistant\",\"content\":\"%s\",\"delta\":true}",
              "{\"type\":\"result\",\"status\":\"success\",\"stats\":{\"input_tokens\":10}}",
              after("--resume"),
              false);
      return fake(GeminiCli.builder(), cli.script(errand));
    }
  }

  @Nested
  class OfOpenCode extends AgentProviderContract {

    @Override
    protected Optional<AgentProvider> provider(Errand errand) {
      FakeCli cli =
          new FakeCli(
              "{\"type\":\"step_start\",\"sessionID\":\"%s\"}",
              "{\"type\":\"text\",\"part\":{\"text\":\"%s\"}}",
              "{\"type\":\"step_finish\",\"part\":{\"reason\":\"stop\",\"tokens\":{\"input\":10}}}",
              after("--session"),
              false);
      return fake(OpenCode.builder(), cli.script(errand));
    }
  }

  @Nested
  class OfCursor extends AgentProviderContract {

    @Override
    protected Optional<AgentProvider> provider(Errand errand) {
      FakeCli cli =
          new FakeCli(
              CLAUDE_BEGIN,
              CLAUDE_SAY,
              "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false}",
              after("--resume"),
              true);
      return fake(Cursor.builder(), cli.script(errand));
    }
  }
}
