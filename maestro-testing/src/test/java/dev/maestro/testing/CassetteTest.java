package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CassetteTest {

  private static final Instant UNTIL = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;

  @Test
  void readsWhatItsDocumentationShows() throws IOException {
    Cassette cassette =
        read(
            """
            {
              "format": 1, "agent": "recorded", "unknown": [{}],
              "turns": [
                {
                  "when": {"task": "red", "attempt": 1},
                  "does": [
                    {"text": ["Reading", "the sources."]},
                    {"pause": 800},
                    {"tool": "write", "id": "1", "input": "src/A.java"},
                    {"write": "src/A.java", "content": ["final class A {", "}"]},
                    {"toolResult": "written", "id": "1", "ok": true},
                    {"usage": {"input": 900, "output": 40, "cost": "0.004", "turns": 1}},
                    {"rateLimited": null}
                  ],
                  "says": "I wrote A.",
                  "session": "s1",
                  "usage": {"input": 1800, "output": 90, "cached": 20, "cost": "0.01"}
                },
                {"failure": {"class": "quota-exhausted", "message": "used up", "until": null}}
              ]
            }
            """);

    Recording first = cassette.turns().get(0);
    assertThat(first.does())
        .containsExactly(
            new Deed.Tells(new AgentEvent.Text("Reading\nthe sources.")),
            new Deed.Pauses(Duration.ofMillis(800)),
            new Deed.Tells(new AgentEvent.ToolUse("1", "write", "src/A.java")),
            new Deed.Writes("src/A.java", "final class A {\n}\n"),
            new Deed.Tells(new AgentEvent.ToolResult("1", true, "written")),
            new Deed.Tells(
                new AgentEvent.UsageReported(
                    new Usage(900, 40, 0, Money.usd("0.004"), 1, 0, false))),
            new Deed.Tells(new AgentEvent.RateLimited(null)));
    assertThat(first.usage()).isEqualTo(new Usage(1800, 90, 20, Money.usd("0.01"), 0, 0, false));
    Recording second = cassette.turns().get(1);
    assertThat(second.when()).isEqualTo(Recording.Match.ANY);
    assertThat(second.exit()).isEqualTo(1);
    assertThat(second.usage()).isNull();
  }

  @Property(tries = 200)
  void readsBackWhatItWrites(@ForAll("recordings") List<Recording> turns) throws IOException {
    Path file = Files.createTempFile("cassette", ".json");
    try {
      Cassette cassette = new Cassette("recorded", turns);

      cassette.write(file);

      assertThat(Cassette.read(file)).isEqualTo(cassette);
    } finally {
      Files.delete(file);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nothing                                      | c.json is not JSON",
        "{'format':1} {}                              | c.json must be one JSON value",
        "[]                                           | c.json must be an object",
        "{'agent':'a','turns':[]}                     | c.json.format must be a whole number",
        "{'format':2,'agent':'a','turns':[]}          | c.json has format 2",
        "{'format':1,'agent':'A','turns':[]}          | provider id",
        "{'format':1,'agent':'a'}                     | c.json.turns must be a list",
        "{'format':1,'agent':'a','turns':[1]}         | c.json.turns[0] must be an object",
        "{'format':1,'agent':'a','turns':[{'exit':700}]}           | c.json.turns[0] is not right",
        "{'format':1,'agent':'a','turns':[{'does':[{'dance':1}]}]} | turns[0].does[0] is no deed",
        "{'format':1,'agent':'a','turns':[{'does':[{'write':'../x','content':''}]}]}    | ../x",
        "{'format':1,'agent':'a','turns':[{'does':[{'delete':'/etc/passwd'}]}]}         | /etc",
        "{'format':1,'agent':'a','turns':[{'does':[{'write':'x'}]}]}      | content must be text",
        "{'format':1,'agent':'a','turns':[{'does':[{'pause':-1}]}]}       | cannot be negative",
        "{'format':1,'agent':'a','turns':[{'does':[{'pause':1e999999}]}]} | whole number",
        "{'format':1,'agent':'a','turns':[{'usage':{'cost':'much'}}]}     | usage.cost is not right",
        "{'format':1,'agent':'a','turns':[{'failure':{'class':'x','message':''}}]} | no class",
      })
  void refusesWhatIsWrongAndNamesThePlace(String json, String expected) {
    assertThatThrownBy(() -> read(json.replace('\'', '"')))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining(expected.strip());
  }

  @Test
  void refusesWhatIsNestedWithoutEnd() {
    assertThatThrownBy(() -> read("[".repeat(100_000)))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("not JSON");
  }

  @Test
  void findsTheFirstTurnThatFits() {
    Requests requests = new Requests(directory);
    Cassette cassette =
        new Cassette(
            "recorded",
            List.of(
                turn("second try", new Recording.Match("red", null, 2, null)),
                turn("limiter", new Recording.Match(null, null, null, "rate limit")),
                turn("tester", new Recording.Match(null, "tester", null, null)),
                turn("red", new Recording.Match("red", null, null, null))));

    assertThat(says(cassette, requests.task("red", 1))).isEqualTo("red");
    assertThat(says(cassette, requests.task("red", 2))).isEqualTo("second try");
    assertThat(says(cassette, requests.role("red", "tester"))).isEqualTo("tester");
    assertThat(says(cassette, requests.prompt("x", "add a rate limiter"))).isEqualTo("limiter");
    assertThat(cassette.find(requests.task("other", 1))).isEmpty();
  }

  @Provide
  Arbitrary<List<Recording>> recordings() {
    Arbitrary<String> texts = Arbitraries.strings().excludeChars('\uD800').ofMaxLength(20);
    Arbitrary<String> plain = texts.map(text -> text.replaceAll("[\\uD800-\\uDFFF]", "?"));
    Arbitrary<String> lines = plain.list().ofMaxSize(4).map(all -> String.join("\n", all));
    Arbitrary<Usage> usages =
        Arbitraries.longs()
            .between(0, 1L << 50)
            .map(n -> new Usage(n, n / 2, n / 3, Money.usd("0." + n), 3, 4, false));
    Arbitrary<Deed> deeds =
        Arbitraries.oneOf(
            lines.map(text -> new Deed.Tells(new AgentEvent.Text(text))),
            lines.map(text -> new Deed.Tells(new AgentEvent.Thinking(text))),
            plain.map(text -> new Deed.Tells(new AgentEvent.ToolUse("1", text, text))),
            plain.map(text -> new Deed.Tells(new AgentEvent.ToolResult("1", false, text))),
            usages.map(usage -> new Deed.Tells(new AgentEvent.UsageReported(usage))),
            Arbitraries.of(UNTIL)
                .injectNull(0.5)
                .map(until -> new Deed.Tells(new AgentEvent.RateLimited(until))),
            lines.map(text -> new Deed.Writes("a/b c.txt", text)),
            Arbitraries.just(new Deed.Deletes("ä.txt")),
            Arbitraries.integers()
                .between(0, 9999)
                .map(n -> new Deed.Pauses(Duration.ofMillis(n))));
    Arbitrary<Recording.Match> matches =
        Combinators.combine(plain.injectNull(0.5), Arbitraries.integers().injectNull(0.5))
            .as((text, attempt) -> new Recording.Match(text, text, attempt, text));
    Arbitrary<Failure> failures =
        plain.map(text -> new Failure(ErrorClass.RATE_LIMITED, text, UNTIL));
    return Combinators.combine(
            matches,
            deeds.list().ofMaxSize(5),
            lines,
            usages.injectNull(0.3),
            failures.injectNull(0.5))
        .as(
            (when, does, says, usage, failure) ->
                new Recording(
                    when, does, says, SessionId.of("s"), usage, failure == null ? 0 : 9, failure))
        .list()
        .ofMaxSize(3);
  }

  private static Recording turn(String says, Recording.Match when) {
    return new Recording(when, List.of(), says, null, null, 0, null);
  }

  private static String says(Cassette cassette, AgentRequest request) {
    return cassette.find(request).orElseThrow().says();
  }

  private Cassette read(String json) throws IOException {
    Path file = directory.resolve("c.json");
    Files.writeString(file, json);
    return Cassette.read(file);
  }
}
