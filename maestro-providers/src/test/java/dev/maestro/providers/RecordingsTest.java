package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessResult.Ending;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of launches of real agents, as they were recorded, and of such as their vendors
 * document (claude, amp, cursor); what is expected of each stands beside them.
 */
class RecordingsTest {

  private static final Pattern SESSION =
      Pattern.compile("\"(?:session_id|thread_id|sessionID)\":\"([^\"]+)\"");

  private final Map<String, CliAgent> agents = Replay.agents();

  @Test
  void hasARowForEachRecording() throws IOException, URISyntaxException {
    Path root =
        Path.of(Objects.requireNonNull(RecordingsTest.class.getResource("/recordings")).toURI());
    try (Stream<Path> files = Files.walk(root)) {
      assertThat(rows().map(Row::recording))
          .containsExactlyInAnyOrderElementsOf(
              files
                  .map(file -> root.relativize(file).toString())
                  .filter(name -> name.endsWith(".jsonl"))
                  .map(name -> name.replace(".jsonl", ""))
                  .toList());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void endsAsItDid(Row row) {
    Replay replay = replay(row);

    AgentReply reply = replay.reply();
    assertThat(kind(reply)).isEqualTo(row.kind());
    assertThat(usage(reply.usage())).isEqualTo(row.usage());
    assertThat(reply.problem().map(Failure::message).orElse(reply.text())).contains(row.words());
    assertThat(reply.session()).isEqualTo(session(row));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void tellsOfEachToolOnceAndOfItsAnswer(Row row) {
    Replay replay = replay(row);

    List<String> used = replay.all(AgentEvent.ToolUse.class).stream().map(e -> e.id()).toList();
    assertThat(used).doesNotHaveDuplicates().doesNotContain("");
    assertThat(replay.all(AgentEvent.ToolResult.class).stream().map(e -> e.id()))
        .allMatch(used::contains)
        .doesNotHaveDuplicates();
    assertThat(replay.all(AgentEvent.SessionStarted.class)).hasSizeLessThanOrEqualTo(1);
  }

  private Replay replay(Row row) {
    CliAgent agent = agents.get(row.recording().replaceAll("/.*", ""));
    return Replay.of(
        Objects.requireNonNull(agent),
        Replay.read(row.recording() + ".jsonl"),
        Replay.read(row.recording() + ".err"),
        row.ended(),
        row.resumes() ? "resumed" : null);
  }

  private static String kind(AgentReply reply) {
    return reply
        .problem()
        .map(f -> f.errorClass() + f.knownEnd().map(end -> " " + end).orElse(""))
        .orElse("-");
  }

  private static String usage(@Nullable Usage usage) {
    if (usage == null) {
      return "unknown";
    }
    return usage == Usage.NONE
        ? "none"
        : "%d/%d/%d/%s/%d/%d"
            .formatted(
                usage.inputTokens(),
                usage.outputTokens(),
                usage.cachedTokens(),
                usage.cost().decimal(),
                usage.turns(),
                usage.toolCalls());
  }

  private static @Nullable SessionId session(Row row) {
    String out = new String(Replay.read(row.recording() + ".jsonl"), StandardCharsets.UTF_8);
    Matcher found = SESSION.matcher(out);
    return found.find() ? SessionId.of(found.group(1)) : null;
  }

  static Stream<Row> rows() {
    return new String(Replay.read("expected.txt"), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(Row::of);
  }

  /** What is expected of one recording. */
  record Row(
      String recording, String exit, boolean resumes, String kind, String usage, String words) {

    static Row of(String line) {
      String[] cells = line.split(" \\| ");
      return new Row(cells[0], cells[1], cells[2].equals("yes"), cells[3], cells[4], cells[5]);
    }

    ProcessResult ended() {
      return exit.equals("inactive")
          ? Replay.ended(Ending.INACTIVE, 143)
          : Replay.ended(Ending.EXITED, Integer.parseInt(exit));
    }

    @Override
    public String toString() {
      return recording;
    }
  }

  @Test
  void takesOffWhatTheConversationHadUsedUpBefore() {
    CliAgent codex = Replay.still(dev.maestro.providers.codex.Codex.builder());
    SessionId session = Replay.of(codex, "codex/write", 0, null).reply().session();

    AgentReply resumed =
        Replay.of(codex, "codex/resume", 0, Objects.requireNonNull(session).value()).reply();

    assertThat(usage(resumed.usage())).isEqualTo("1000/34/200/0/0/0");
  }

  @Test
  void doesNotKnowWhatAConversationUsedUpAfterALaunchThatToldNothing() {
    CliAgent codex = Replay.still(dev.maestro.providers.codex.Codex.builder());
    String session = "01a1fa99-99d0-75c3-afde-dc643edd6fa7";
    Replay.of(codex, "codex/write", 0, null);
    Replay.of(
        codex,
        ("{\"type\":\"thread.started\",\"thread_id\":\"" + session + "\"}")
            .getBytes(StandardCharsets.UTF_8),
        new byte[0],
        Replay.ended(Ending.CANCELLED, 143),
        session);

    assertThat(Replay.of(codex, "codex/resume", 0, session).reply().knownUsage()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"INACTIVE, TIMEOUT", "CANCELLED, CANCELLED"})
  void whatALaunchToldAtItsEndIsKnownThoughTheProgramHadToBeEnded(Ending ending, ErrorClass kind) {
    AgentReply reply =
        Replay.of(
                agents.get("claude"),
                Replay.read("claude/success.jsonl"),
                new byte[0],
                Replay.ended(ending, 143),
                null)
            .reply();

    assertThat(reply.problem().map(Failure::errorClass)).contains(kind);
    assertThat(reply.usage())
        .isNotNull()
        .isEqualTo(Replay.of(agents.get("claude"), "claude/success", 0, null).reply().usage());
  }

  @Test
  void whatAConversationHadUsedUpIsNotForgottenForAnErrorThatTellsNothing() {
    CliAgent qwen = Replay.still(dev.maestro.providers.claude.QwenCode.builder());
    String session =
        Objects.requireNonNull(Replay.of(qwen, "qwen/sess1", 0, null).reply().session()).value();
    String error =
        "{\"type\":\"result\",\"subtype\":\"error_during_execution\",\"is_error\":true,"
            + "\"session_id\":\"%s\",\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}"
                .formatted(session);
    hear(qwen, error, 1, session);

    assertThat(usage(Replay.of(qwen, "qwen/resume", 0, session).reply().usage()))
        .isEqualTo("2000/68/400/0/1/0");
  }

  private static AgentReply hear(
      CliAgent agent, String lines, int exitCode, @Nullable String session) {
    return Replay.of(
            agent,
            lines.getBytes(StandardCharsets.UTF_8),
            new byte[0],
            Replay.ended(Ending.EXITED, exitCode),
            session)
        .reply();
  }

  @ParameterizedTest
  @CsvSource({
    "stop_reason, refusal, REFUSED",
    "stop_reason, max_tokens, TRANSIENT",
    "stop_reason, model_context_window_exceeded, CONTEXT_OVERFLOW",
    "terminal_reason, aborted_streaming, TRANSIENT",
    "terminal_reason, prompt_too_long, CONTEXT_OVERFLOW",
    "terminal_reason, max_turns, LIMIT_REACHED"
  })
  void anEndThatTellsOfAnotherReasonIsNoSuccess(String field, String value, ErrorClass kind) {
    String success = new String(Replay.read("claude/success.jsonl"), StandardCharsets.UTF_8);
    String changed =
        success.replaceFirst(
            "(\"type\":\"result\".*\"" + field + "\":)\"[a-z_]+\"", "$1\"" + value + "\"");

    AgentReply reply = hear(agents.get("claude"), changed, 0, null);

    assertThat(changed).isNotEqualTo(success);
    assertThat(reply.problem().map(Failure::errorClass)).contains(kind);
  }

  @Test
  void aPlanThatTakesOverAgainIsNotUsedUp() {
    String lines =
        """
        {"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1795212000}}
        {"type":"rate_limit_event","rate_limit_info":{"status":"allowed","isUsingOverage":true}}
        {"type":"result","subtype":"error_during_execution","is_error":true,"errors":["hook failed"]}
        """;

    AgentReply reply = hear(agents.get("claude"), lines, 1, null);

    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.TRANSIENT);
  }

  @Test
  void aPlanThatIsUsedUpIsSoWithoutATimeToo() {
    String lines =
        """
        {"type":"rate_limit_event","rate_limit_info":{"status":"rejected"}}
        {"type":"result","subtype":"success","is_error":true,"api_error_status":429,"result":"no"}
        """;

    AgentReply reply = hear(agents.get("claude"), lines, 1, null);

    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.QUOTA_EXHAUSTED);
  }

  @ParameterizedTest
  @CsvSource({
    "claude/success",
    "amp/success",
    "codex/write",
    "gemini/write",
    "opencode/run-write",
    "qwen/write",
    "cursor/success"
  })
  void anEndBeforeALineThatIsTornIsNone(String recording) {
    String whole = new String(Replay.read(recording + ".jsonl"), StandardCharsets.UTF_8);
    CliAgent agent = agents.get(recording.replaceAll("/.*", ""));

    assertThat(hear(agent, whole, 0, null).isCompleted()).isTrue();
    assertThat(hear(agent, whole + "\n{\"type\":\"assis", 0, null).isCompleted()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "'Loop detected, stopping execution', TRANSIENT",
    "'Agent execution blocked: a hook says so', TRANSIENT",
    "Maximum session turns exceeded, LIMIT_REACHED"
  })
  void whatWasStoppedIsNoSuccessWhateverItCallsIt(String error, ErrorClass kind) {
    String whole = new String(Replay.read("gemini/write.jsonl"), StandardCharsets.UTF_8).strip();
    int end = whole.lastIndexOf('\n') + 1;
    String event =
        "{\"type\":\"error\",\"severity\":\"warning\",\"message\":\"%s\"}\n".formatted(error);

    AgentReply stopped =
        hear(agents.get("gemini"), whole.substring(0, end) + event + whole.substring(end), 0, null);
    AgentReply goneOn = hear(agents.get("gemini"), event + whole, 0, null);

    assertThat(stopped.problem()).contains(Failure.of(kind, error));
    assertThat(goneOn.problem()).isEmpty();
  }

  @Test
  void anErrorWithoutAReasonIsOneAllTheSame() {
    AgentReply reply =
        hear(agents.get("gemini"), "{\"type\":\"result\",\"status\":\"error\"}", 0, null);

    assertThat(reply.problem()).contains(Failure.of(ErrorClass.TRANSIENT, "no reason was given"));
  }

  @Test
  void anEndBeforeAnotherTurnIsNone() {
    String whole = new String(Replay.read("claude/success.jsonl"), StandardCharsets.UTF_8);
    String more =
        "\n"
            + "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"oh\"}]}}";

    assertThat(hear(agents.get("claude"), whole + more, 0, null).isCompleted()).isFalse();
  }

  @Test
  void tellsForHowLongTheModelIsWaitedFor() {
    Replay retry = Replay.of(agents.get("claude"), "claude/api-retry", 0, null);
    Replay rejected = Replay.of(agents.get("claude"), "claude/rate-limit-rejected", 1, null);

    assertThat(retry.all(AgentEvent.RateLimited.class))
        .containsExactly(new AgentEvent.RateLimited(Replay.NOW.plusMillis(512)));
    assertThat(rejected.all(AgentEvent.RateLimited.class))
        .containsExactly(new AgentEvent.RateLimited(Instant.parse("2026-11-20T22:00:00Z")));
  }

  @Test
  void tellsHowFullTheConversationIs() {
    assertThat(
            Replay.of(agents.get("claude"), "claude/success", 0, null)
                .all(AgentEvent.ContextFilled.class))
        .containsExactly(new AgentEvent.ContextFilled(2_146, 200_000L));
    assertThat(
            Replay.of(agents.get("qwen"), "qwen/write", 0, null)
                .all(AgentEvent.ContextFilled.class))
        .containsExactly(new AgentEvent.ContextFilled(1_234, null));
    assertThat(
            Replay.of(agents.get("opencode"), "opencode/run-write", 0, null)
                .all(AgentEvent.ContextFilled.class))
        .hasSize(2)
        .containsOnly(new AgentEvent.ContextFilled(1_234, null));
  }

  @Test
  void doesNotMistakeWhatAnAgentSaysForAnError() {
    String line =
        "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"429 rate"
            + " limit, invalid api key, session not found\"}]}}";

    AgentReply reply =
        Replay.of(
                agents.get("claude"),
                line.getBytes(StandardCharsets.UTF_8),
                new byte[0],
                Replay.ended(Ending.EXITED, 1),
                null)
            .reply();

    assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.TRANSIENT);
  }
}
