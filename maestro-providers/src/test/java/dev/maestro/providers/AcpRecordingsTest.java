package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.task.Usage;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of turns of real agents over the Agent Client Protocol, as they were recorded. */
class AcpRecordingsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          opencode/write   | -                | unknown          | Done: the fake model finished after 1 tool result(s).
          opencode/slow    | -                | unknown          | tick14
          opencode/auth    | AUTHENTICATION   | none             | Incorrect API key provided
          opencode/context | CONTEXT_OVERFLOW | unknown          | too large to compact
          gemini/write     | -                | 2400/68/0/0/1    | Done: the fake model finished after 1 tool result(s).
          gemini/slow      | -                | 1200/34/0/0/0    | tick14
          gemini/auth      | AUTHENTICATION   | none             | API key not valid
          gemini/context   | CONTEXT_OVERFLOW | unknown          | exceeds the maximum number of tokens
          qwen/write       | -                | 2000/68/400/2/1  | Done: the fake model finished after 1 tool result(s).
          qwen/shell       | -                | 2000/68/400/2/1  | Done: the fake model finished after 1 tool result(s).
          qwen/auth        | AUTHENTICATION   | none             | 401 Incorrect API key provided
          qwen/context     | CONTEXT_OVERFLOW | unknown          | maximum context length
          codex/write      | -                | 2000/68/400/0/1  | Done: the fake model finished after 1 tool result(s).
          codex/slow       | -                | 1000/34/200/0/0  | tick14
          codex/auth       | AUTHENTICATION   | none             | Authentication required
          """)
  void endsAsItDid(String recording, String kind, String usage, String words) {
    AcpReplay replay = AcpReplay.of(recording, Rights.ALL, null);

    AgentReply reply = replay.reply();
    assertThat(replay.isOver()).isTrue();
    assertThat(reply.problem().map(f -> f.errorClass().name()).orElse("-")).isEqualTo(kind);
    assertThat(usage(reply.usage())).isEqualTo(usage);
    assertThat(reply.problem().map(Failure::message).orElse(reply.text())).contains(words);
  }

  private static String usage(@Nullable Usage usage) {
    if (usage == null) {
      return "unknown";
    }
    return usage == Usage.NONE
        ? "none"
        : "%d/%d/%d/%d/%d"
            .formatted(
                usage.inputTokens(),
                usage.outputTokens(),
                usage.cachedTokens(),
                usage.turns(),
                usage.toolCalls());
  }

  @ParameterizedTest
  @CsvSource({
    "opencode/write, initialize session/new session/prompt",
    "gemini/write, initialize session/new session/set_mode session/prompt",
    "qwen/write, initialize session/new session/set_mode session/prompt",
    "codex/write, initialize session/new session/set_mode session/prompt"
  })
  void greetsItsAgentAndSaysHowItHasToAskBeforeItsPrompt(String recording, String methods) {
    AcpReplay replay = AcpReplay.of(recording, Rights.EDIT, null);

    JsonNode greeting = replay.said().get(0).path("params").path("clientCapabilities");
    assertThat(String.join(" ", replay.methods())).isEqualTo(methods);
    assertThat(greeting.path("fs").path("readTextFile").booleanValue()).isFalse();
    assertThat(greeting.path("fs").path("writeTextFile").booleanValue()).isFalse();
    assertThat(greeting.path("terminal").booleanValue()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"opencode/write", "gemini/write", "qwen/write", "qwen/shell", "codex/write"})
  void tellsOfEachToolOnceAndOfItsAnswer(String recording) {
    AcpReplay replay = AcpReplay.of(recording, Rights.ALL, null);

    List<String> used = replay.all(AgentEvent.ToolUse.class).stream().map(e -> e.id()).toList();
    List<AgentEvent.ToolResult> answers = replay.all(AgentEvent.ToolResult.class);
    assertThat(used).hasSize(1);
    assertThat(answers).singleElement().matches(AgentEvent.ToolResult::ok);
    assertThat(answers.get(0).id()).isEqualTo(used.get(0));
    assertThat(replay.all(AgentEvent.SessionStarted.class)).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"opencode/write", "gemini/write", "qwen/write"})
  void asksForWhatItThenTellsItsToolIsUsedWith(String recording) {
    AcpReplay replay = AcpReplay.of(recording, Rights.ALL, null);

    PermissionRequest question = replay.asked().get(0);
    assertThat(replay.asked()).hasSize(1);
    assertThat(question.granted()).isTrue();
    assertThat(replay.all(AgentEvent.ToolUse.class))
        .singleElement()
        .matches(use -> use.tool().equals(question.tool()) && use.input().equals(question.input()));
    assertThat(question.tool()).isEqualTo("edit");
    assertThat(question.input()).contains("/home/dev/work");
  }

  @ParameterizedTest
  @CsvSource({"opencode/write, once", "gemini/write, proceed_once", "qwen/write, proceed_once"})
  void allowsNoMoreThanOnce(String recording, String option) {
    assertThat(outcomes(AcpReplay.of(recording, Rights.ALL, null))).containsExactly(option);
  }

  @ParameterizedTest
  @CsvSource({"opencode/denied, reject", "gemini/denied, cancel", "qwen/denied, cancel"})
  void refusesWhatIsNotSeenToStayInItsWorkspace(String recording, String option) {
    AcpReplay replay = AcpReplay.of(recording, Rights.EDIT, null);

    assertThat(replay.asked()).singleElement().matches(question -> !question.granted());
    assertThat(outcomes(replay)).containsExactly(option);
  }

  private static List<String> outcomes(AcpReplay replay) {
    return replay.said().stream()
        .map(each -> each.path("result").path("outcome").path("optionId"))
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue)
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"opencode/denied", "qwen/denied"})
  void doesNotTakeAnEndWhereItWasRefusedForItsEnd(String recording) {
    AgentReply reply = AcpReplay.of(recording, Rights.EDIT, null).reply();

    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.REFUSED);
    assertThat(reply.problem().orElseThrow().message()).startsWith("it may not use edit: ");
  }

  @Test
  void takesTheEndOfAnAgentThatWentOnAfterItWasRefused() {
    assertThat(AcpReplay.of("gemini/denied", Rights.EDIT, null).reply().problem()).isEmpty();
  }

  @Test
  void answersWhatItDoesNotOfferWithAnError() {
    AcpReplay replay = AcpReplay.of("opencode/write", Rights.ALL, null);

    assertThat(replay.said())
        .filteredOn(each -> each.path("error").path("code").intValue() == -32601)
        .hasSize(1);
    assertThat(replay.reply().isCompleted()).isTrue();
  }

  @Test
  void hearsNothingOfTheHistoryOfASessionThatItLoads() {
    AcpReplay replay =
        AcpReplay.of("qwen/load", Rights.ALL, "56b2e471-664f-4540-b039-078047bd309a");

    assertThat(replay.methods()).contains("session/load").doesNotContain("session/new");
    assertThat(replay.all(AgentEvent.ToolUse.class)).isEmpty();
    assertThat(replay.reply().text()).startsWith("tick0").doesNotContain("Done");
    assertThat(replay.reply().knownSession())
        .contains(SessionId.of("56b2e471-664f-4540-b039-078047bd309a"));
  }

  @ParameterizedTest
  @CsvSource({"opencode/load-missing", "qwen/load-missing"})
  void losesASessionThatIsNotThere(String recording) {
    AgentReply reply = AcpReplay.of(recording, Rights.ALL, "gone").reply();

    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.SESSION_LOST);
    assertThat(reply.knownSession()).isEmpty();
    assertThat(reply.usage()).isEqualTo(Usage.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "refusal, REFUSED",
    "max_tokens, TRANSIENT",
    "max_turn_requests, LIMIT_REACHED",
    "cancelled, TRANSIENT",
    "something_new, TRANSIENT",
    "'', TRANSIENT"
  })
  void takesNoOtherEndThanThatOfATurnForOne(String reason, ErrorClass kind) {
    AcpReplay replay = inATurn();

    replay.line("{\"id\":4,\"result\":{\"stopReason\":\"" + reason + "\"}}");

    assertThat(replay.reply().problem().map(Failure::errorClass)).contains(kind);
  }

  @Test
  void asksItToStopOnceAndTakesItsWordForIt() {
    AcpReplay replay = inATurn();

    replay.stop();
    replay.stop();
    replay.line("{\"id\":4,\"result\":{\"stopReason\":\"cancelled\"}}");

    assertThat(replay.said())
        .filteredOn(each -> each.path("method").asText().equals("session/cancel"))
        .hasSize(1);
    assertThat(replay.reply().problem().map(Failure::errorClass)).contains(ErrorClass.CANCELLED);
  }

  @Test
  void handsNoPromptToOneThatIsToStop() {
    AcpReplay replay = new AcpReplay("opencode", Rights.EDIT, null);
    replay.line("{\"id\":1,\"result\":{\"protocolVersion\":1}}");

    replay.stop();
    replay.line("{\"id\":2,\"result\":{\"sessionId\":\"s\"}}");

    assertThat(replay.methods()).doesNotContain("session/prompt");
  }

  @Test
  void isToldAtOnceThatItsAgentDied() {
    AgentReply reply = inATurn().reply();

    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.TRANSIENT);
    assertThat(reply.problem().orElseThrow().message()).contains("exit code 137");
  }

  @Test
  void speaksOneVersionOfTheProtocol() {
    AcpReplay replay = new AcpReplay("opencode", Rights.EDIT, null);

    replay.line("{\"id\":1,\"result\":{\"protocolVersion\":2}}");

    assertThat(replay.reply().problem().map(Failure::errorClass)).contains(ErrorClass.PERMANENT);
  }

  @Test
  void doesNotWorkInAModeThatItCouldNotSet() {
    AcpReplay replay = new AcpReplay("qwen", Rights.EDIT, null);
    replay.line("{\"id\":1,\"result\":{}}");
    replay.line("{\"id\":2,\"result\":{\"sessionId\":\"s\"}}");

    replay.line("{\"id\":3,\"error\":{\"code\":-32601,\"message\":\"no such method\"}}");

    assertThat(replay.reply().problem().map(Failure::errorClass)).contains(ErrorClass.PERMANENT);
    assertThat(replay.methods()).doesNotContain("session/prompt");
  }

  @Test
  void resumesASessionWhereItsAgentCanDoThatAndNotLoadIt() {
    AcpReplay replay = new AcpReplay("claude", Rights.EDIT, "s-1");
    replay.line(
        """
        {"id":1,"result":{"protocolVersion":1,"agentCapabilities":{"loadSession":false,\
        "sessionCapabilities":{"resume":{}}}}}\
        """);
    replay.line("{\"id\":2,\"result\":{}}");
    replay.line("{\"id\":3,\"result\":{}}");

    assertThat(replay.methods())
        .containsExactly("initialize", "session/resume", "session/set_mode", "session/prompt");
    assertThat(replay.said())
        .filteredOn(said -> said.path("params").has("sessionId"))
        .allMatch(said -> said.at("/params/sessionId").asText().equals("s-1"))
        .hasSize(3);
  }

  @Test
  void losesASessionWhereItsAgentCanNeitherLoadNorResumeIt() {
    AcpReplay replay = new AcpReplay("claude", Rights.EDIT, "s-1");

    replay.line("{\"id\":1,\"result\":{\"protocolVersion\":1,\"agentCapabilities\":{}}}");

    assertThat(replay.reply().problem().map(Failure::errorClass)).contains(ErrorClass.SESSION_LOST);
    assertThat(replay.methods()).containsExactly("initialize");
  }

  @Test
  void showsTheWordsOfACommandThatStandInItsTitleOnly() {
    AcpReplay replay = inATurn();

    replay.line(
        """
        {"id":9,"method":"session/request_permission","params":{"sessionId":"s","toolCall":\
        {"toolCallId":"t","kind":"execute","title":"rm -rf /"},"options":[]}}\
        """);

    assertThat(replay.asked())
        .containsExactly(new PermissionRequest("execute", "{\"command\":\"rm -rf /\"}"));
    assertThat(replay.said().get(replay.said().size() - 1).at("/result/outcome/outcome").asText())
        .isEqualTo("cancelled");
  }

  @Test
  void passesOverLinesThatAreNoMessages() {
    AcpReplay replay = new AcpReplay("opencode", Rights.ALL, null);

    for (String line : AcpReplay.of("opencode/write", Rights.ALL, null).heard()) {
      replay.line("(node:17) Warning: something is deprecated");
      replay.line("{ not JSON");
      replay.line("{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{\"stopReason\":\"end_turn\"}}");
      replay.line(line);
    }

    assertThat(replay.reply().problem()).isEqualTo(Optional.empty());
    assertThat(replay.reply().text()).startsWith("Done: the fake model finished");
  }

  @Test
  void whatIsCutOffWhenItsAgentIsLetGoTakesNothingBack() {
    AcpReplay replay = AcpReplay.of("opencode/write", Rights.ALL, null);

    replay.line("{\"jsonrpc\":\"2.0\",\"method\":\"session/upd");

    assertThat(replay.reply().problem()).isEqualTo(Optional.empty());
  }

  /** {@return a launch of Qwen Code whose prompt has been handed over as request 4} */
  private static AcpReplay inATurn() {
    AcpReplay replay = new AcpReplay("qwen", Rights.EDIT, null);
    replay.line("{\"id\":1,\"result\":{\"protocolVersion\":1}}");
    replay.line("{\"id\":2,\"result\":{\"sessionId\":\"s\"}}");
    replay.line("{\"id\":3,\"result\":{}}");
    return replay;
  }
}
