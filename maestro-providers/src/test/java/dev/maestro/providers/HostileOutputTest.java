package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessResult.Ending;
import dev.maestro.providers.codex.Codex;
import dev.maestro.task.Usage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Whatever a program writes: no exception, and no success that it did not have. */
class HostileOutputTest {

  private static final ProcessResult CLEAN = Replay.ended(Ending.EXITED, 0);

  private static final String[] SUCCESSES = {
    "claude/success",
    "claude/unknown-events",
    "amp/success",
    "codex/write",
    "gemini/write",
    "opencode/run-write",
    "qwen/write",
    "cursor/success"
  };

  private static final String[] FAILURES = {
    "claude/auth-failed",
    "claude/rate-limit-rejected",
    "claude/max-budget",
    "claude/truncated",
    "codex/quota",
    "codex/drop",
    "codex/hang",
    "gemini/auth",
    "gemini/ratelimit",
    "gemini/cancel-norelaunch-SIGTERM",
    "opencode/perm-ask",
    "opencode/quota",
    "opencode/cancel-SIGTERM",
    "qwen/context",
    "qwen/cancel-norelaunch-SIGTERM"
  };

  private final Map<String, CliAgent> agents = Replay.agents();

  @Test
  void whatTellsATerminalSomethingMayStandBeforeAnEvent() {
    CliAgent codex = Codex.create();
    String end = "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":7}}";
    for (String before :
        List.of(
            "", "\ufeff", "\u001b[?25h", "\u001b]0;a title\u0007\u001b[2K", "- working\r", "\r")) {
      Account account = new Account(() -> Replay.NOW, ZoneOffset.UTC, Usage.NONE);
      Reading reading = codex.reading(Replay.request(null));

      reading.line(before + end + "\r", account);

      assertThat(account.isComplete()).as(before).isTrue();
    }
    Account account = new Account(() -> Replay.NOW, ZoneOffset.UTC, Usage.NONE);
    Reading reading = codex.reading(Replay.request(null));
    for (String none :
        List.of("", "\r", " \r ", "\u001b".repeat(300_000), "\u0001".repeat(300_000))) {
      reading.line(none, account);
    }
    assertThat(account.isComplete()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "claude/success",
    "claude/api-retry",
    "amp/success",
    "codex/write",
    "codex/applypatch",
    "gemini/write",
    "opencode/run-write",
    "qwen/write",
    "cursor/success"
  })
  void isNoSuccessWhereverItIsCut(String recording) {
    List<String> lines =
        new String(Replay.read(recording + ".jsonl"), StandardCharsets.UTF_8).lines().toList();
    AgentRequest request = Replay.request(null);
    CliAgent agent = agent(recording);
    Hearing hearing = agent.hearing(request, new RecordingListener());

    for (String line : lines) {
      byte[] whole = line.getBytes(StandardCharsets.UTF_8);
      for (int cut = 0; cut < whole.length; cut++) {
        hearing.line(new String(whole, 0, cut, StandardCharsets.UTF_8));
        assertThat(agent.launching().reply(request, hearing, CLEAN).isCompleted())
            .as("cut after %d bytes of %s", cut, line)
            .isFalse();
      }
      hearing.line(line);
    }
    assertThat(agent.launching().reply(request, hearing, CLEAN).isCompleted()).isTrue();
  }

  @ParameterizedTest
  @FieldSource("FAILURES")
  void isNoSuccessWithACharacterMoreOrLessAnywhere(String recording) {
    String text = new String(Replay.read(recording + ".jsonl"), StandardCharsets.UTF_8);
    for (int at = 0; at < text.length(); at++) {
      for (String more : List.of("x", "\"", "}", ":", "\n", "\\")) {
        isNoSuccess(recording, text.substring(0, at) + more + text.substring(at), at);
      }
      isNoSuccess(recording, text.substring(0, at) + text.substring(at + 1), at);
    }
  }

  private void isNoSuccess(String recording, String changed, int at) {
    assertThat(hear(recording, changed.getBytes(StandardCharsets.UTF_8)).isCompleted())
        .as("changed at %d: %s", at, changed)
        .isFalse();
  }

  @Property(tries = 300)
  void isNoSuccessWithAnythingPutIn(
      @ForAll("failures") String recording, @ForAll("rubbish") byte[] rubbish, @ForAll int seed) {
    byte[] whole = Replay.read(recording + ".jsonl");
    int at = new Random(seed).nextInt(whole.length + 1);
    ByteArrayOutputStream changed = new ByteArrayOutputStream();
    changed.write(whole, 0, at);
    changed.writeBytes(rubbish);
    changed.write(whole, at, whole.length - at);

    assertThat(hear(recording, changed.toByteArray()).isCompleted()).isFalse();
  }

  @Property(tries = 300)
  void throwsNothingWhateverIsChanged(@ForAll("successes") String recording, @ForAll int seed) {
    Random random = new Random(seed);
    byte[] changed = Replay.read(recording + ".jsonl").clone();
    for (int i = random.nextInt(40); i >= 0; i--) {
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
    }

    Usage usage = hear(recording, changed).usage();

    assertThat(usage == null || usage.tokens() >= 0).isTrue();
  }

  /** Values of the wrong kind, nested, huge or negative, wherever a value stands. */
  @Property(tries = 300)
  void throwsNothingWhateverAValueIs(
      @ForAll("successes") String recording, @ForAll("values") String value, @ForAll int seed) {
    String whole = new String(Replay.read(recording + ".jsonl"), StandardCharsets.UTF_8);
    String[] parts = whole.split("(?<=\":)(?=[\"\\d\\[{tfn])");
    int which = new Random(seed).nextInt(parts.length);
    parts[which] =
        parts[which].replaceFirst(
            "^(?:\"(?:[^\"\\\\]|\\\\.)*\"|-?[\\d.]+|true|false|null)",
            java.util.regex.Matcher.quoteReplacement(value));

    Usage usage = hear(recording, String.join("", parts).getBytes(StandardCharsets.UTF_8)).usage();

    assertThat(usage == null || usage.plus(usage).tokens() >= 0).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"claude", "qwen", "amp", "codex", "gemini", "opencode", "cursor"})
  void passesOverNumbersThatNothingCanHold(String agent) {
    String line = "{\"type\":\"result\",\"total_cost_usd\":1e99999999999}\n";

    assertThat(hear(agent + "/", line.getBytes(StandardCharsets.UTF_8)).isCompleted()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"claude", "qwen", "amp", "codex", "gemini", "opencode", "cursor"})
  void passesOverLinesThatAreTooLongOrTooDeep(String agent) {
    String deep = "{\"type\":".repeat(50_000);
    String longLine = "{\"type\":\"" + "x".repeat(2_000_000) + " …[cut]";

    AgentReply reply =
        hear(
            agent + "/",
            (deep + "\n" + longLine + "\n{}\n[]\n\n").getBytes(StandardCharsets.UTF_8));

    assertThat(reply.isCompleted()).isFalse();
    assertThat(reply.text()).isEmpty();
  }

  private AgentReply hear(String recording, byte[] out) {
    return Replay.of(agent(recording), out, new byte[0], CLEAN, null).reply();
  }

  private CliAgent agent(String recording) {
    return Objects.requireNonNull(agents.get(recording.replaceAll("/.*", "")));
  }

  @Provide
  Arbitrary<String> successes() {
    return Arbitraries.of(SUCCESSES);
  }

  @Provide
  Arbitrary<String> failures() {
    return Arbitraries.of(FAILURES);
  }

  /** Bytes that need not be UTF-8, and pieces of JSON that are no events. */
  @Provide
  Arbitrary<byte[]> rubbish() {
    return Arbitraries.oneOf(
        Arbitraries.bytes().array(byte[].class).ofMaxSize(60),
        Arbitraries.of(
                "\n",
                "\n{}\n",
                "\n{\"type\":\"result\"}\n",
                "\nDone: success\n",
                "\n{\"type\":\"success\",\"status\":\"success\"}\n",
                "\n{\"type\":\"turn.started\"}\n",
                "\"",
                "\\",
                "}",
                "\u0000",
                "\r",
                "\n[1,2]\nnull\ntrue\n")
            .map(text -> text.getBytes(StandardCharsets.UTF_8)));
  }

  @Provide
  Arbitrary<String> values() {
    return Arbitraries.of(
        "null",
        "-1",
        "1e999",
        "9223372036854775807",
        "-9223372036854775808",
        "123456789012345678901234567890",
        "0.00000000000000000000000000000000000000001",
        "{}",
        "[]",
        "[null,1,\"x\",{\"type\":\"text\"}]",
        "\"\"",
        "\"\\u0000\"",
        "true",
        "{\"text\":{\"text\":[]}}");
  }
}
