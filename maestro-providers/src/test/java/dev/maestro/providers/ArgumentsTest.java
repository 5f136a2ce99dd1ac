package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Thinking;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.providers.claude.Amp;
import dev.maestro.providers.claude.ClaudeCode;
import dev.maestro.providers.claude.QwenCode;
import dev.maestro.providers.codex.Codex;
import dev.maestro.providers.cursor.Cursor;
import dev.maestro.providers.gemini.GeminiCli;
import dev.maestro.providers.opencode.OpenCode;
import dev.maestro.task.Cap;
import dev.maestro.task.Usage;
import dev.maestro.workspace.PathGlobs;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {

  private static final AgentRequest PLAIN = Requests.in(Path.of("/nowhere"), "do it");
  private static final AgentRequest FULL =
      Requests.full(Path.of("/nowhere"), "You test.", "some-model", "s-1");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "claude; -p --output-format stream-json --verbose --permission-mode acceptEdits",
        "qwen; -o stream-json --approval-mode auto-edit",
        "amp; -x --stream-json",
        "codex; exec --skip-git-repo-check --json -c sandbox_mode=\"workspace-write\" -",
        "gemini; -o stream-json --approval-mode auto_edit",
        "opencode; run --format json",
      })
  void startsAConversation(String agent, String arguments) {
    assertThat(line(agents(agent).arguments(PLAIN))).isEqualTo(arguments);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "claude; -p --output-format stream-json --verbose --permission-mode acceptEdits --model"
            + " some-model --resume s-1",
        "qwen; -o stream-json --approval-mode auto-edit -m some-model --resume s-1",
        "amp; threads continue s-1 -x --stream-json",
        "codex; exec --skip-git-repo-check resume --json -c sandbox_mode=\"workspace-write\" -m"
            + " some-model s-1 -",
        "gemini; -o stream-json --approval-mode auto_edit -m some-model --resume s-1",
        "opencode; run --format json --model some-model --session s-1",
      })
  void goesOnWithAConversationOnAModel(String agent, String arguments) {
    assertThat(line(agents(agent).arguments(FULL))).isEqualTo(arguments);
  }

  @Test
  void ampIsNotLaunchedOnAModelThatItWouldNotTake() throws Exception {
    RecordingListener listener = new RecordingListener();

    AgentReply reply = agents("amp").run(FULL, listener, Cancellation.never());

    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.PERMANENT);
    assertThat(reply.problem().map(Failure::message).orElse("")).contains("`some-model`");
    assertThat(reply.knownUsage()).contains(Usage.NONE);
    assertThat(listener.events()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"claude", "qwen", "amp", "codex", "gemini", "opencode"})
  void handsThePromptsOverOnStdin(String agent) {
    assertThat(agents(agent).input(PLAIN)).isEqualTo("do it");
    assertThat(agents(agent).input(FULL)).isEqualTo("You test.\n\nthe prompt");
  }

  @Test
  void handsThePromptToCursorAsItsLastArgument() {
    CliAgent cursor = agents("cursor");

    assertThat(cursor.arguments(FULL))
        .containsExactly(
            "-p",
            "--output-format",
            "stream-json",
            "--model",
            "some-model",
            "--resume",
            "s-1",
            "You test.\n\nthe prompt");
    assertThat(cursor.input(FULL)).isEmpty();
  }

  @Test
  void handsNoPromptOverThatLooksLikeAnOptionOrHoldsANul() {
    List<String> arguments =
        agents("cursor").arguments(Requests.in(Path.of("/nowhere"), "--force\0x"));

    assertThat(arguments).endsWith(" --force x").doesNotContain("--force");
  }

  @Test
  void tellsClaudeWhatItMayUseUp() {
    AgentRequest capped = capped(Cap.ofUsd("0.50").turns(7));

    assertThat(agents("claude").arguments(capped))
        .endsWith("--max-turns", "7", "--max-budget-usd", "0.5");
    assertThat(agents("qwen").arguments(capped)).endsWith("--max-session-turns", "7");
  }

  private static AgentRequest capped(Cap cap) {
    return PLAIN.cap(cap);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "READ; --permission-mode default; --approval-mode default; --approval-mode default;"
            + " sandbox_mode=\"read-only\"; --mode ask; deny deny",
        "EDIT; --permission-mode acceptEdits; --approval-mode auto-edit; --approval-mode auto_edit;"
            + " sandbox_mode=\"workspace-write\"; ; allow deny",
        "ALL; --permission-mode bypassPermissions; --approval-mode yolo; --approval-mode yolo;"
            + " sandbox_mode=\"danger-full-access\"; --force; allow allow",
      })
  void letsAnAgentDoWhatItMay(
      Rights rights,
      String claude,
      String qwen,
      String gemini,
      String codex,
      String cursor,
      String opencode) {
    assertThat(with(ClaudeCode.builder(), rights)).contains(claude);
    assertThat(with(QwenCode.builder(), rights)).contains(qwen);
    assertThat(with(GeminiCli.builder(), rights)).contains(gemini);
    assertThat(with(Codex.builder(), rights)).contains(codex);
    assertThat(with(Cursor.builder(), rights)).contains(Objects.requireNonNullElse(cursor, ""));
    assertThat(with(Amp.builder(), rights).contains("--dangerously-allow-all"))
        .isEqualTo(rights == Rights.ALL);
    String[] answers = opencode.split(" ");
    CliAgent openCode = OpenCode.builder().rights(rights).build();
    assertThat(openCode.variables(PLAIN))
        .containsEntry(
            "OPENCODE_PERMISSION",
            "{\"edit\":\"%s\",\"bash\":\"%s\",\"external_directory\":\"%s\"}"
                .formatted(answers[0], answers[1], answers[1]));
  }

  private static String with(CliAgent.Builder<? extends CliAgent> builder, Rights rights) {
    return line(builder.rights(rights).build().arguments(PLAIN));
  }

  @Test
  void letsAPersonaThatWritesOnlyCertainFilesRunNoCommands() {
    CliAgent agent = ClaudeCode.builder().rights(Rights.ALL).build();

    assertThat(agent.arguments(PLAIN.writes(PathGlobs.of("src/test/**")))).contains("acceptEdits");
    assertThat(agent.arguments(PLAIN)).contains("bypassPermissions");
  }

  @ParameterizedTest
  @CsvSource({"NONE, 0, none", "LOW, 1024, low", "HIGH, 16000, high", "MAX, 32000, xhigh"})
  void tellsHowMuchToThink(Thinking level, String tokens, String effort) {
    AgentRequest request = PLAIN.thinking(level);

    assertThat(agents("claude").variables(request)).containsEntry("MAX_THINKING_TOKENS", tokens);
    assertThat(agents("codex").arguments(request))
        .contains("model_reasoning_effort=\"" + effort + "\"");
  }

  @Test
  void saysNothingOfThinkingWhereNobodyDid() {
    assertThat(agents("claude").variables(PLAIN)).doesNotContainKey("MAX_THINKING_TOKENS");
    assertThat(line(agents("codex").arguments(PLAIN))).doesNotContain("effort");
  }

  @Test
  void addsTheArgumentsItWasBuiltWith() {
    CliAgent agent = ClaudeCode.builder().arguments("--mcp-config", "tools.json").build();

    assertThat(agent.arguments(PLAIN)).endsWith("--mcp-config", "tools.json");
  }

  @Test
  void tellsProgramsThatStartThemselvesAnewNotTo() {
    assertThat(agents("gemini").variables(PLAIN)).containsEntry("GEMINI_CLI_NO_RELAUNCH", "true");
    assertThat(agents("qwen").variables(PLAIN)).containsEntry("QWEN_CODE_NO_RELAUNCH", "true");
  }

  private static CliAgent agents(String name) {
    return Objects.requireNonNull(Replay.agents().get(name));
  }

  private static String line(List<String> arguments) {
    return String.join(" ", arguments);
  }
}
