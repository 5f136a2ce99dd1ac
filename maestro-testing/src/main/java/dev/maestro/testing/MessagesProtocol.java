package dev.maestro.testing;

import static dev.maestro.testing.ModelProtocol.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.testing.ModelRequest.Message;
import dev.maestro.testing.ModelRequest.Speaker;
import dev.maestro.testing.ModelTurn.Finish;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Anthropic's messages. */
final class MessagesProtocol implements ModelProtocol {

  @Override
  public ModelWire wire() {
    return ModelWire.MESSAGES;
  }

  @Override
  public boolean serves(String path) {
    return path.endsWith("/messages");
  }

  @Override
  public Reading read(String path, JsonNode body) {
    List<Message> messages = new ArrayList<>();
    if (body.has("system")) {
      messages.add(new Message(Speaker.SYSTEM, ModelProtocol.words(body.path("system"))));
    }
    body.path("messages").forEach(each -> add(messages, each));
    Map<String, JsonNode> tools = new LinkedHashMap<>();
    for (JsonNode each : body.path("tools")) {
      tools.put(each.path("name").asText(), each.path("input_schema"));
    }
    return new Reading(
        body.path("model").asText(),
        body.path("stream").asBoolean(),
        messages,
        tools,
        body.path("nothing asks for a shape here"));
  }

  /** What tools answer comes in the user's name. */
  private static void add(List<Message> messages, JsonNode message) {
    JsonNode content = message.path("content");
    boolean answered = false;
    for (JsonNode part : content) {
      if (part.path("type").asText().equals("tool_result")) {
        answered = true;
        messages.add(new Message(Speaker.TOOL, ModelProtocol.words(part.path("content"))));
      }
    }
    String words = ModelProtocol.words(content);
    if (!answered || !words.isEmpty()) {
      messages.add(new Message(ModelProtocol.speaker(message.path("role").asText()), words));
    }
  }

  @Override
  public JsonNode whole(ModelAnswer answer) {
    ObjectNode all = frame(answer);
    ArrayNode content = all.putArray("content");
    if (!answer.text().isEmpty()) {
      content.add(object().put("type", "text").put("text", answer.text()));
    }
    answer.calls().forEach(call -> content.add(call(call, call.input())));
    all.put("stop_reason", reason(answer.finish()));
    all.putNull("stop_sequence");
    all.set("usage", usage(answer, answer.output()));
    return all;
  }

  private static ObjectNode frame(ModelAnswer answer) {
    return object()
        .put("id", "msg_" + answer.number())
        .put("type", "message")
        .put("role", "assistant")
        .put("model", answer.model());
  }

  private static ObjectNode call(ModelAnswer.Call call, JsonNode input) {
    ObjectNode node = object().put("type", "tool_use").put("id", call.id());
    node.put("name", call.tool()).set("input", input);
    return node;
  }

  private static @Nullable String reason(Finish finish) {
    return switch (finish) {
      case STOP -> "end_turn";
      case TOOLS -> "tool_use";
      case LENGTH -> "max_tokens";
      case MISSING -> null;
    };
  }

  private static ObjectNode usage(ModelAnswer answer, long output) {
    return object()
        .put("input_tokens", answer.input())
        .put("cache_creation_input_tokens", 0)
        .put("cache_read_input_tokens", answer.cached())
        .put("output_tokens", output);
  }

  @Override
  public List<ServerEvent> stream(ModelAnswer answer) {
    List<ServerEvent> events = new ArrayList<>();
    ObjectNode begun = frame(answer);
    begun.putArray("content");
    begun.putNull("stop_reason").putNull("stop_sequence").set("usage", usage(answer, 1));
    events.add(event("message_start", object().set("message", begun)));
    int index = 0;
    if (!answer.text().isEmpty()) {
      ObjectNode block = object().put("type", "text").put("text", "");
      List<ObjectNode> deltas = new ArrayList<>();
      answer.pieces().forEach(p -> deltas.add(delta("text_delta").put("text", p)));
      block(events, index++, block, deltas);
    }
    for (ModelAnswer.Call call : answer.calls()) {
      List<ObjectNode> deltas = new ArrayList<>();
      ChatCompletionsProtocol.halves(call.arguments())
          .forEach(p -> deltas.add(delta("input_json_delta").put("partial_json", p)));
      block(events, index++, call(call, object()), deltas);
    }
    if (answer.finish() != Finish.MISSING) {
      ObjectNode end = object();
      end.putObject("delta").put("stop_reason", reason(answer.finish())).putNull("stop_sequence");
      end.putObject("usage").put("output_tokens", answer.output());
      events.add(event("message_delta", end));
      events.add(event("message_stop", object()));
    }
    return events;
  }

  private static ObjectNode delta(String type) {
    return object().put("type", type);
  }

  private static void block(
      List<ServerEvent> events, int index, ObjectNode block, List<ObjectNode> deltas) {
    ObjectNode start = object().put("index", index);
    start.set("content_block", block);
    events.add(event("content_block_start", start));
    for (ObjectNode delta : deltas) {
      ObjectNode data = object().put("index", index);
      data.set("delta", delta);
      events.add(event("content_block_delta", data));
    }
    events.add(event("content_block_stop", object().put("index", index)));
  }

  private static ServerEvent event(String type, JsonNode data) {
    ObjectNode event = object().put("type", type);
    event.setAll((ObjectNode) data);
    return new ServerEvent(type, ModelCall.text(event));
  }

  @Override
  public Telling tell(ModelTrouble trouble) {
    return switch (trouble) {
      case RATE_LIMITED ->
          error(
              429,
              "rate_limit_error",
              "This request would exceed your organization's rate limit of 30,000 input tokens per"
                  + " minute.");
      case QUOTA_EXHAUSTED ->
          error(
              400,
              "invalid_request_error",
              "Your credit balance is too low to access the Anthropic API. Please go to Plans &"
                  + " Billing to upgrade or purchase credits.");
      case BAD_KEY -> error(401, "authentication_error", "invalid x-api-key");
      case CONTEXT_TOO_LONG ->
          error(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum");
      case OVERLOADED -> error(529, "overloaded_error", "Overloaded");
      case SERVER_ERROR -> error(500, "api_error", "Internal server error");
    };
  }

  private static Telling error(int status, String type, String message) {
    ObjectNode body = object().put("type", "error");
    body.putObject("error").put("type", type).put("message", message);
    body.put("request_id", "req_scripted");
    return new Telling(status, body);
  }
}
