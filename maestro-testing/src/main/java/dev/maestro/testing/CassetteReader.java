package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentEvent.RateLimited;
import dev.maestro.agent.AgentEvent.Text;
import dev.maestro.agent.AgentEvent.Thinking;
import dev.maestro.agent.AgentEvent.ToolResult;
import dev.maestro.agent.AgentEvent.ToolUse;
import dev.maestro.agent.AgentEvent.UsageReported;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import java.io.IOException;
import java.io.Reader;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads cassettes. */
final class CassetteReader {

  private static final int DEEPEST = 20;

  private CassetteReader() {}

  static Cassette read(Reader reader, String name) throws IOException {
    JsonFactory json =
        JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
            .build();
    try (JsonParser parser = json.createParser(reader)) {
      return Node.read(parser, name).as(CassetteReader::cassette);
    } catch (JsonProcessingException e) {
      throw new PermanentException(name + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Cassette cassette(Node root) {
    int format = root.get("format").integer();
    if (format != Cassette.FORMAT) {
      throw root.wrong("has format " + format + "; this version reads " + Cassette.FORMAT);
    }
    return new Cassette(
        root.get("agent").text(),
        root.get("turns").items().stream().map(turn -> turn.as(CassetteReader::turn)).toList());
  }

  private static Recording turn(Node turn) {
    Failure failure = turn.optional("failure", FailureJson::read);
    return new Recording(
        turn.optional("when", CassetteReader::match, Recording.Match.ANY),
        turn.has("does")
            ? turn.get("does").items().stream().map(deed -> deed.as(CassetteReader::deed)).toList()
            : List.of(),
        turn.optional("says", Node::lines, ""),
        turn.optional("session", id -> id.as(text -> SessionId.of(text.text()))),
        turn.optional("usage", UsageJson::read),
        turn.optional("exit", Node::integer, failure == null ? 0 : 1),
        failure);
  }

  private static Recording.Match match(Node when) {
    return new Recording.Match(
        when.optional("task", Node::text),
        when.optional("role", Node::text),
        when.optional("attempt", Node::integer),
        when.optional("prompt", Node::text));
  }

  private static Deed deed(Node deed) {
    if (deed.has("write")) {
      return new Deed.Writes(deed.get("write").text(), deed.get("content").content());
    }
    if (deed.has("delete")) {
      return new Deed.Deletes(deed.get("delete").text());
    }
    if (deed.has("pause")) {
      return new Deed.Pauses(Duration.ofMillis(deed.get("pause").number()));
    }
    AgentEvent event = event(deed);
    if (event == null) {
      throw deed.wrong("is no deed that this version knows");
    }
    return new Deed.Tells(event);
  }

  private static @Nullable AgentEvent event(Node deed) {
    if (deed.has("text")) {
      return new Text(deed.get("text").lines());
    }
    if (deed.has("thinking")) {
      return new Thinking(deed.get("thinking").lines());
    }
    if (deed.has("tool")) {
      return new ToolUse(deed.get("id").text(), deed.get("tool").text(), deed.get("input").lines());
    }
    if (deed.has("toolResult")) {
      return new ToolResult(
          deed.get("id").text(),
          deed.optional("ok", Node::bool, true),
          deed.get("toolResult").lines());
    }
    if (deed.has("usage")) {
      return new UsageReported(UsageJson.read(deed.get("usage")));
    }
    return deed.has("rateLimited")
        ? new RateLimited(deed.optional("rateLimited", FailureJson::instant))
        : null;
  }
}
