package dev.maestro.providers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.ProcessResult.Ending;
import dev.maestro.providers.acp.ClaudeAcp;
import dev.maestro.providers.acp.CodexAcp;
import dev.maestro.providers.acp.GeminiAcp;
import dev.maestro.providers.acp.OpenCodeAcp;
import dev.maestro.providers.acp.QwenAcp;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Talks to a recorded agent: what it wrote is heard as if it had just written it, and what is said
 * to it is kept.
 *
 * <p>In a recording a line of the agent's begins with {@code <<}, one of the client's with {@code
 * >>}. The numbers of requests are another client's, so those of responses are made to fit.
 */
final class AcpReplay {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final CliAgent agent;
  private final AgentRequest request;
  private final Dialogue dialogue;
  private final Hearing hearing;
  private final RecordingListener listener = new RecordingListener();
  private final List<JsonNode> said = new ArrayList<>();
  private final List<PermissionRequest> asked = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();

  AcpReplay(String name, Rights rights, @Nullable String session) {
    agent = agent(name, rights);
    request = Replay.request(session);
    Account account = new Account(() -> Replay.NOW, ZoneOffset.UTC, Usage.NONE);
    dialogue = (Dialogue) agent.reading(request);
    hearing = new Hearing(listener, dialogue, account, new Mask(List.of()));
    hearing.started(new ProcessIdentity("boot", 1, 1, "marker"));
    dialogue.open(new Ear());
  }

  private static CliAgent agent(String name, Rights rights) {
    return switch (name) {
      case "opencode" -> Replay.still(OpenCodeAcp.builder().rights(rights));
      case "qwen" -> Replay.still(QwenAcp.builder().rights(rights));
      case "gemini" -> Replay.still(GeminiAcp.builder().rights(rights));
      case "codex" -> Replay.still(CodexAcp.builder().rights(rights));
      default -> Replay.still(ClaudeAcp.builder().rights(rights));
    };
  }

  /** {@return a recording that was heard from its beginning to its end} */
  static AcpReplay of(String recording, Rights rights, @Nullable String session) {
    AcpReplay replay = new AcpReplay(recording.replaceAll("/.*", ""), rights, session);
    replay.hear(lines(recording));
    return replay;
  }

  static List<String> lines(String recording) {
    try (InputStream content =
        AcpReplay.class.getResourceAsStream("/acp/" + recording + ".jsonl")) {
      return new String(Objects.requireNonNull(content).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void hear(List<String> lines) {
    Map<String, JsonNode> numbers = new HashMap<>();
    for (String line : lines) {
      JsonNode message = read(line.substring(3));
      String method = message.path("method").asText();
      if (line.startsWith(">>") && message.has("id") && !method.isEmpty()) {
        answerUntil(method);
        numbers.put(message.path("id").toString(), last().path("id"));
      } else if (line.startsWith("<<")) {
        JsonNode number = numbers.get(message.path("id").toString());
        boolean answers = method.isEmpty() && number != null;
        line(answers ? ((ObjectNode) message).set("id", number).toString() : line.substring(3));
      }
    }
  }

  /** What the client of the recording did not ask for is answered with nothing. */
  private void answerUntil(String method) {
    if (!last().path("method").asText().equals(method)) {
      line("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{}}".formatted(last().path("id")));
    }
  }

  private static JsonNode read(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode last() {
    return requests().get(requests().size() - 1);
  }

  private List<JsonNode> requests() {
    return said.stream().filter(each -> each.has("method") && each.has("id")).toList();
  }

  /** Hear one line of the agent's. */
  void line(String line) {
    heard.add(line);
    hearing.line(line);
  }

  void stop() {
    dialogue.stop();
  }

  /** {@return what came of it, where the agent that had not ended its turn has now died} */
  AgentReply reply() {
    Ending ending = Ending.EXITED;
    return agent
        .launching()
        .reply(request, hearing, Replay.ended(ending, dialogue.isOver() ? 0 : 137));
  }

  boolean isOver() {
    return dialogue.isOver();
  }

  /** {@return the lines that were heard} */
  List<String> heard() {
    return heard;
  }

  /** {@return what was said to the agent, in order} */
  List<JsonNode> said() {
    return said;
  }

  /** {@return the methods that were asked for} */
  List<String> methods() {
    return requests().stream().map(each -> each.path("method").asText()).toList();
  }

  List<PermissionRequest> asked() {
    return asked;
  }

  List<AgentEvent> events() {
    return listener.events();
  }

  <E extends AgentEvent> List<E> all(Class<E> type) {
    return events().stream().filter(type::isInstance).map(type::cast).toList();
  }

  private final class Ear implements Dialogue.Partner {

    @Override
    public void say(String line) {
      said.add(read(line));
    }

    @Override
    public PermissionDecision permit(PermissionRequest question) {
      asked.add(question);
      return listener.permit(question);
    }

    @Override
    public void letGo() {}
  }
}
