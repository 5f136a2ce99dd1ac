package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentEvent.ContextFilled;
import dev.maestro.agent.AgentEvent.RateLimited;
import dev.maestro.agent.AgentEvent.Text;
import dev.maestro.agent.AgentEvent.Thinking;
import dev.maestro.agent.AgentEvent.ToolResult;
import dev.maestro.agent.AgentEvent.ToolUse;
import dev.maestro.agent.AgentEvent.UsageReported;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import dev.maestro.workspace.PathGlobs;
import java.io.IOException;
import java.io.Reader;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
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
      JsonLocation at = e.getLocation();
      String where =
          at == null ? "" : " in line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
      throw new PermanentException(name + " is not JSON" + where + ": record it anew", e);
    }
  }

  private static Cassette cassette(Node root) {
    int format = root.get("format").integer();
    if (format != Cassette.FORMAT) {
      throw root.wrong("has format " + format + "; this version reads " + Cassette.FORMAT);
    }
    return new Cassette(
        root.get("agent").text(),
        root.get("turns").items().stream().map(turn -> turn.as(CassetteReader::turn)).toList(),
        root.optional("can", CassetteReader::capabilities, Cassette.USUAL));
  }

  private static Capabilities capabilities(Node can) {
    return Capabilities.of(
        can.items().stream()
            .map(name -> name.as(text -> Capability.valueOf(constant(text.text()))))
            .toArray(Capability[]::new));
  }

  private static String constant(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
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
        failure,
        turn.optional("scene", CassetteReader::scene));
  }

  private static Scene scene(Node scene) {
    SortedMap<String, String> files = new TreeMap<>();
    for (Node file : scene.get("files").items()) {
      files.put(file.get("path").text(), file.get("is").text());
    }
    String[] ignored =
        scene.has("ignored")
            ? scene.get("ignored").items().stream().map(Node::text).toArray(String[]::new)
            : new String[0];
    return new Scene(scene.get("prompt").lines(), files, PathGlobs.of(ignored));
  }

  private static Recording.Match match(Node when) {
    return new Recording.Match(
        when.optional("task", Node::text),
        when.optional("role", Node::text),
        when.optional("attempt", Node::integer),
        when.optional("prompt", Node::text));
  }

  private static Deed deed(Node deed) {
    if (deed.has("patch")) {
      return new Deed.Patches(
          deed.get("patch").text(),
          deed.get("line").integer(),
          deed.get("removed").items().stream().map(Node::text).toList(),
          deed.get("added").items().stream().map(Node::text).toList());
    }
    if (deed.has("asks")) {
      return new Deed.Asks(
          new PermissionRequest(
              deed.get("asks").text(),
              deed.get("input").lines(),
              deed.optional("granted", Node::bool, false)),
          deed.get("allowed").bool());
    }
    if (deed.has("write") && deed.has("base64")) {
      return new Deed.WritesBinary(deed.get("write").text(), deed.get("base64").text());
    }
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
    if (deed.has("context")) {
      return new ContextFilled(deed.get("context").number(), deed.optional("window", Node::number));
    }
    if (deed.has("usage")) {
      return new UsageReported(UsageJson.read(deed.get("usage")));
    }
    return deed.has("rateLimited")
        ? new RateLimited(deed.optional("rateLimited", FailureJson::instant))
        : null;
  }
}
