package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.task.Usage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever an agent writes over the protocol: no exception, and no success that it did not have.
 */
class AcpHostileOutputTest {

  private static final String[] SUCCESSES = {
    "opencode/write", "gemini/write", "qwen/write", "qwen/shell", "codex/write"
  };

  private static final String[] FAILURES = {
    "opencode/denied",
    "opencode/auth",
    "opencode/context",
    "gemini/auth",
    "qwen/denied",
    "qwen/context",
    "codex/auth"
  };

  @ParameterizedTest
  @CsvSource({"opencode/write", "gemini/write", "qwen/write", "codex/write"})
  void isNoSuccessWhereverItIsCut(String recording) {
    AcpReplay replay = fresh(recording);

    for (String line : heard(recording)) {
      byte[] whole = line.getBytes(StandardCharsets.UTF_8);
      for (int cut = 0; cut < whole.length; cut++) {
        replay.line(new String(whole, 0, cut, StandardCharsets.UTF_8));
        assertThat(replay.isOver()).as("cut after %d bytes of %s", cut, line).isFalse();
      }
      assertThat(replay.reply().isCompleted()).isFalse();
      replay.line(line);
    }
    assertThat(replay.reply().isCompleted()).isTrue();
  }

  @Property(tries = 200)
  void isNoSuccessWithAnythingPutIn(
      @ForAll("failures") String recording, @ForAll("rubbish") byte[] rubbish, @ForAll int seed) {
    byte[] whole = bytes(recording, Rights.EDIT);
    int at = new Random(seed).nextInt(whole.length + 1);
    ByteArrayOutputStream changed = new ByteArrayOutputStream();
    changed.write(whole, 0, at);
    changed.writeBytes(rubbish);
    changed.write(whole, at, whole.length - at);
    AcpReplay replay = new AcpReplay(recording.replaceAll("/.*", ""), Rights.EDIT, null);

    hear(replay, changed.toByteArray());

    assertThat(replay.reply().isCompleted()).isFalse();
  }

  @Property(tries = 200)
  void throwsNothingWhateverIsChanged(@ForAll("successes") String recording, @ForAll int seed) {
    Random random = new Random(seed);
    byte[] changed = bytes(recording, Rights.ALL);
    for (int i = random.nextInt(40); i >= 0; i--) {
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
    }
    AcpReplay replay = fresh(recording);

    hear(replay, changed);

    assertThat(isWithinReason(replay.reply().usage())).isTrue();
  }

  /** Values of the wrong kind, nested, huge or negative, wherever a value stands. */
  @Property(tries = 300)
  void throwsNothingWhateverAValueIs(
      @ForAll("successes") String recording, @ForAll("values") String value, @ForAll int seed) {
    String whole = new String(bytes(recording, Rights.ALL), StandardCharsets.UTF_8);
    String[] parts = whole.split("(?<=\":)(?=[\"\\d\\[{tfn])");
    int which = new Random(seed).nextInt(parts.length);
    parts[which] =
        parts[which].replaceFirst(
            "^(?:\"(?:[^\"\\\\]|\\\\.)*\"|-?[\\d.]+|true|false|null)",
            java.util.regex.Matcher.quoteReplacement(value));
    AcpReplay replay = fresh(recording);

    hear(replay, String.join("", parts).getBytes(StandardCharsets.UTF_8));

    assertThat(isWithinReason(replay.reply().usage())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"opencode/write", "qwen/write"})
  void passesOverLinesThatAreTooLongOrTooDeep(String recording) {
    AcpReplay replay = fresh(recording);

    for (String line : heard(recording)) {
      replay.line("{\"id\":".repeat(50_000));
      replay.line("{\"jsonrpc\":\"" + "x".repeat(500_000) + " …[cut]");
      replay.line(line);
    }

    assertThat(replay.reply().isCompleted()).isTrue();
  }

  /** A rule that has let one command through has not seen the other. */
  @ParameterizedTest
  @CsvSource({"opencode/write", "gemini/write", "qwen/write", "qwen/shell", "codex/write"})
  void aToolThatIsHandedSomethingElseIsToldAgain(String recording) {
    AcpReplay replay = fresh(recording);
    String status = "\"status\":\"completed\"";

    for (String line : heard(recording)) {
      replay.line(line);
      if (line.contains(status) && line.contains("toolCallId")) {
        replay.line(line.replace(status, status + ",\"rawInput\":{\"command\":\"rm -rf x\"}"));
      }
    }

    List<AgentEvent.ToolUse> used = replay.all(AgentEvent.ToolUse.class);
    assertThat(used).hasSize(2).extracting(AgentEvent.ToolUse::id).containsOnly(used.get(0).id());
    assertThat(used.get(0).input()).doesNotContain("rm -rf x");
    assertThat(used.get(1).input()).contains("rm -rf x");
  }

  private static boolean isWithinReason(@org.jspecify.annotations.Nullable Usage usage) {
    return usage == null || usage.plus(usage).tokens() >= 0;
  }

  private static AcpReplay fresh(String recording) {
    return new AcpReplay(recording.replaceAll("/.*", ""), Rights.ALL, null);
  }

  private static List<String> heard(String recording) {
    return AcpReplay.of(recording, Rights.ALL, null).heard();
  }

  private static byte[] bytes(String recording, Rights rights) {
    return String.join("\n", AcpReplay.of(recording, rights, null).heard())
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void hear(AcpReplay replay, byte[] out) {
    new String(out, StandardCharsets.UTF_8).lines().forEach(replay::line);
  }

  @Provide
  Arbitrary<String> successes() {
    return Arbitraries.of(SUCCESSES);
  }

  @Provide
  Arbitrary<String> failures() {
    return Arbitraries.of(FAILURES);
  }

  /** Bytes that need not be UTF-8, and messages that are no end of the turn that is open. */
  @Provide
  Arbitrary<byte[]> rubbish() {
    return Arbitraries.oneOf(
        Arbitraries.bytes().array(byte[].class).ofMaxSize(60),
        Arbitraries.of(
                "\n",
                "\n{}\n",
                "\n{\"jsonrpc\":\"2.0\",\"id\":77,\"result\":{\"stopReason\":\"end_turn\"}}\n",
                "\n{\"jsonrpc\":\"2.0\",\"result\":{\"stopReason\":\"end_turn\"}}\n",
                "\n{\"id\":\"3\",\"result\":{\"stopReason\":\"end_turn\"}}\n",
                "\n{\"stopReason\":\"end_turn\"}\n",
                "\n{\"id\":5,\"method\":\"session/request_permission\"}\n",
                "\n{\"id\":{},\"method\":[]}\n",
                "\n{\"method\":\"session/update\",\"params\":null}\n",
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
        "123456789012345678901234567890",
        "{}",
        "[]",
        "[null,1,\"x\",{\"type\":\"text\"}]",
        "\"\"",
        "\"\\u0000\"",
        "true",
        "{\"text\":{\"text\":[]}}");
  }
}
