package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportLineTest {

  private static final String FULL =
      "@maestro"
          + " {\"session\":\"s\",\"usage\":{\"input\":1,\"cost\":\"0.5\"},\"tool\":\"t\",\"id\":\"1\","
          + "\"input\":{\"a\":[1]},\"failure\":{\"class\":\"timeout\",\"message\":\"m\"}}";

  @Test
  void takesAnOrdinaryLineAsText() {
    assertThat(ReportLine.read("hello")).isEqualTo(Report.text("hello"));
    assertThat(ReportLine.read(" @maestro {}").events())
        .containsExactly(new AgentEvent.Text(" @maestro {}\n"));
  }

  @Test
  void readsUsageAndSession() {
    Report report =
        ReportLine.read(
            "@maestro {\"usage\":{\"input\":1,\"output\":2,\"cached\":3,\"cost\":0.25,\"turns\":4,"
                + "\"toolCalls\":5},\"session\":\"s1\",\"new in later versions\":1}");

    assertThat(report.events())
        .containsExactly(
            new AgentEvent.SessionStarted(SessionId.of("s1")),
            new AgentEvent.UsageReported(new Usage(1, 2, 3, Money.usd("0.25"), 4, 5, false)));
  }

  @Test
  void readsToolsThinkingAndText() {
    assertThat(
            ReportLine.read("@maestro {\"tool\":\"t\",\"id\":\"1\",\"input\":{\"a\":1}}").events())
        .containsExactly(new AgentEvent.ToolUse("1", "t", "{\"a\":1}"));
    assertThat(
            ReportLine.read("@maestro {\"toolResult\":\"no\",\"id\":\"1\",\"ok\":false}").events())
        .containsExactly(new AgentEvent.ToolResult("1", false, "no"));
    assertThat(ReportLine.read("@maestro {\"thinking\":\"hm\",\"text\":\"so\"}").events())
        .containsExactly(new AgentEvent.Thinking("hm"), new AgentEvent.Text("so\n"));
    assertThat(ReportLine.read("@maestro {\"rateLimited\":null}").events())
        .containsExactly(new AgentEvent.RateLimited(null));
  }

  @Test
  void readsAFailureWithItsEnd() {
    Report report =
        ReportLine.read(
            "@maestro {\"failure\":{\"class\":\"quota-exhausted\",\"message\":\"m\","
                + "\"until\":\"2026-01-01T00:00:00Z\"}}");

    assertThat(report.failure())
        .isEqualTo(
            new Failure(ErrorClass.QUOTA_EXHAUSTED, "m", Instant.parse("2026-01-01T00:00:00Z")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@maestro ",
        "@maestro nothing",
        "@maestro []",
        "@maestro null",
        "@maestro {\"session\":\"\"}",
        "@maestro {\"session\":1}",
        "@maestro {\"session\":\"a\\u0000b\"}",
        "@maestro {} {}",
        "@maestro {\"usage\":7}",
        "@maestro {\"usage\":{\"input\":-1}}",
        "@maestro {\"usage\":{\"input\":1.5}}",
        "@maestro {\"usage\":{\"input\":99999999999999999999}}",
        "@maestro {\"usage\":{\"turns\":9999999999}}",
        "@maestro {\"usage\":{\"input\":9223372036854775807}}",
        "@maestro {\"usage\":{\"cost\":\"-1\"}}",
        "@maestro {\"usage\":{\"cost\":1e999999999}}",
        "@maestro {\"usage\":{\"cost\":\"1e-999999999\"}}",
        "@maestro {\"tool\":\"t\"}",
        "@maestro {\"rateLimited\":\"soon\"}",
        "@maestro {\"failure\":{\"class\":\"bad-luck\",\"message\":\"m\"}}",
        "@maestro {\"failure\":{\"class\":\"timeout\"}}",
        "@maestro {\"result\":null}"
      })
  void takesALineWithAMistakeAsText(String line) {
    assertThat(ReportLine.read(line)).isEqualTo(Report.text(line));
  }

  @Test
  void takesALineThatIsTooDeepOrTooLongAsText() {
    String deep = "@maestro {\"x\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}";
    String full = "@maestro {\"result\":\"" + "x".repeat(1 << 20) + "\"}";

    assertThat(ReportLine.read(deep)).isEqualTo(Report.text(deep));
    assertThat(ReportLine.read(full)).isEqualTo(Report.text(full));
  }

  @Property
  void neverThrowsAndNeverLosesALine(@ForAll("damaged") String line) {
    Report report = ReportLine.read(line);

    assertThat(report.equals(Report.text(line)) || line.startsWith("@maestro ")).isTrue();
  }

  @Property
  void takesEveryTruncationAsText(@ForAll("cuts") int length) {
    String line = FULL.substring(0, length);

    assertThat(ReportLine.read(line)).isEqualTo(Report.text(line));
  }

  @Provide
  Arbitrary<Integer> cuts() {
    return Arbitraries.integers().between(0, FULL.length() - 1);
  }

  @Provide
  Arbitrary<String> damaged() {
    Arbitrary<Integer> place = Arbitraries.integers().between(9, FULL.length());
    Arbitrary<String> noise =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(5),
            Arbitraries.of(
                List.of("\"", "{", "}", "[", "]", ":", ",", "-", "e99", "\\u", "null", "\uD800")));
    Arbitrary<Integer> dropped = Arbitraries.integers().between(0, 8);
    return Combinators.combine(place, noise, dropped)
        .as(
            (at, what, drop) ->
                FULL.substring(0, at) + what + FULL.substring(Math.min(FULL.length(), at + drop)));
  }
}
