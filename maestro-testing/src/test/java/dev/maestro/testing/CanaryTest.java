package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.RunResult;
import dev.maestro.attempt.Transcripts;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.providers.CliAgent;
import dev.maestro.providers.acp.QwenAcp;
import dev.maestro.providers.claude.ClaudeCode;
import dev.maestro.providers.codex.Codex;
import dev.maestro.store.FileStore;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A secret that an agent repeats wherever it can say something is found nowhere afterwards: not in
 * the store, not in the log.
 */
@Timeout(300)
@EnabledOnOs({OS.LINUX, OS.MAC})
class CanaryTest {

  /** Known to the pipeline as a secret of its steps. */
  private static final String DECLARED = "canary\"declared-0123";

  /** Known to the agent only, as its key. */
  private static final String KEY = "canary\\key-4567";

  private static final String CLAUDE =
      """
      quoted() { printf '%s %s' "$CANARY" "$ANTHROPIC_API_KEY" | sed 's/\\\\/\\\\\\\\/g; s/"/\\\\"/g'; }
      both=$(quoted); prompt=$(cat)
      case "$prompt" in *canary*) echo told > told.txt;; esac
      echo "$CANARY and $ANTHROPIC_API_KEY" >&2
      printf '{"type":"system","subtype":"init","session_id":"s-1"}\\n'
      printf '{"type":"assistant","message":{"content":[{"type":"thinking","thinking":"%s"},' "$both"
      printf '{"type":"text","text":"%s"},' "$both"
      printf '{"type":"tool_use","id":"1","name":"Bash","input":{"command":"echo %s"}}]}}\\n' "$both"
      printf '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"1",'
      printf '"content":"%s"}]}}\\n' "$both"
      """;

  private static final String SUCCEEDS =
      CLAUDE
          + "printf '{\"type\":\"result\",\"subtype\":\"success\",\"result\":\"%s\"}\\n"
          + "' \"$both\"\n";

  private static final String FAILS =
      CLAUDE
          + "printf '{\"type\":\"result\",\"subtype\":\"error_during_execution\",\"is_error\":true,"
          + "\"errors\":[\"bad key %s\"]}\\n' \"$both\"; exit 1\n";

  private static final String DIES =
      "cat > /dev/null; echo \"$CANARY $CODEX_API_KEY\" >&2; exit 1\n";

  /** Over the protocol, where words come in pieces: the key is spelled out in two. */
  private static final String TALKS =
      """
      update() {
        printf '{"method":"session/update","params":{"sessionId":"s-2","update":{"sessionUpdate":'
        printf '%s}}}\\n' "$1"
      }
      chunk() { update '"agent_message_chunk","content":{"type":"text","text":"'"$1"'"}'; }
      key=$(printf %s "$OPENAI_API_KEY" | sed 's/\\\\/\\\\\\\\/g')
      canary=$(printf %s "$CANARY" | sed 's/"/\\\\"/g')
      echo "$CANARY and $OPENAI_API_KEY" >&2
      read -r line; echo '{"id":1,"result":{}}'
      read -r line; echo '{"id":2,"result":{"sessionId":"s-2"}}'
      read -r line; echo '{"id":3,"result":{}}'
      read -r line
      chunk "${key%4567}"; chunk 4567
      update '"agent_thought_chunk","content":{"type":"text","text":"'"$key"'"}'
      printf '{"id":0,"method":"session/request_permission","params":{"sessionId":"s-2","toolCall":'
      printf '{"toolCallId":"1","kind":"execute","rawInput":{"command":"echo %s %s"}}}}\\n' "$key" "$canary"
      read -r line
      printf '{"id":4,"error":{"code":-32603,"message":"bad key %s %s"}}\\n' "$key" "$canary"
      cat > /dev/null
      """;

  @TempDir Path directory;

  @Test
  void isFoundNowhere() throws Exception {
    Path work = Files.createDirectories(directory.resolve("work"));
    Pipeline pipeline =
        Pipeline.named("canary")
            .step("says", s -> s.agent("claude").prompt("go").secret("CANARY").output("said"))
            .step("hears", s -> s.agent("claude").after("says").prompt("Use {{ said }}"))
            .step("fails", s -> s.agent("failing").prompt("go").secret("CANARY"))
            .step("talks", s -> s.agent("qwen-acp").prompt("go").secret("CANARY"))
            .step("dies", s -> s.agent("codex").prompt("go").secret("CANARY"))
            .build();
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (Maestro maestro =
        Maestro.builder()
            .store(FileStore.at(directory.resolve("store")))
            .workspaces(DirectoryWorkspaces.at(work))
            .transcripts(Transcripts.ON)
            .secrets(name -> Optional.of(DECLARED))
            .provider(agent(ClaudeCode.builder(), SUCCEEDS, "ANTHROPIC_API_KEY"))
            .provider(agent(ClaudeCode.builder().id("failing"), FAILS, "ANTHROPIC_API_KEY"))
            .provider(agent(QwenAcp.builder(), TALKS, "OPENAI_API_KEY"))
            .provider(agent(Codex.builder(), DIES, "CODEX_API_KEY"))
            .build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(result.snapshot().task(TaskId.of("talks")).orElseThrow().detail().orElse(""))
          .contains("bad key *** ***");
      assertThat(result.text("said")).contains("*** ***");
    } finally {
      System.setErr(before);
    }

    assertThat(work.resolve("told.txt")).doesNotExist();
    assertFree("the log", log.toByteArray());
    try (Stream<Path> files = Files.walk(directory.resolve("store"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFree(file.toString(), Files.readAllBytes(file));
      }
    }
  }

  private static CliAgent agent(
      CliAgent.Builder<? extends CliAgent> builder, String script, String key) {
    return builder.program("sh", "-c", script, "agent").variable(key, KEY).build();
  }

  private static void assertFree(String where, byte[] content) throws IOException {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    assertThat(List.of("declared-0123", "key-4567")).as("in %s", where).noneMatch(text::contains);
  }
}
