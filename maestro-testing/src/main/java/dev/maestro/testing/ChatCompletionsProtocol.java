package dev.maestro.testing;

import static dev.maestro.testing.ModelProtocol.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.testing.ModelRequest.Message;
import dev.maestro.testing.ModelTurn.Finish;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** OpenAI's chat completions, which most of the others speak as well. */
final class ChatCompletionsProtocol implements ModelProtocol {

  private static final long CREATED = 1_700_000_000L;

  @Override
  public ModelWire wire() {
    return ModelWire.CHAT_COMPLETIONS;
  }

  @Override
  public boolean serves(String path) {
    return path.endsWith("/chat/completions");
  }

  @Override
  public Reading read(String path, JsonNode body) {
    List<Message> messages = new ArrayList<>();
    for (JsonNode each : body.path("messages")) {
      messages.add(
          new Message(
              ModelProtocol.speaker(each.path("role").asText()),
              ModelProtocol.words(each.path("content"))));
    }
    Map<String, JsonNode> tools = new LinkedHashMap<>();
    for (JsonNode each : body.path("tools")) {
      tools.put(each.at("/function/name").asText(), each.at("/function/parameters"));
    }
    return new Reading(
        body.path("model").asText(),
        body.path("stream").asBoolean(),
        messages,
        tools,
        body.at("/response_format/json_schema/schema"));
  }

  @Override
  public JsonNode whole(ModelAnswer answer) {
    ObjectNode all = frame(answer, "chat.completion");
    ObjectNode choice = all.putArray("choices").addObject().put("index", 0);
    ObjectNode message = choice.putObject("message").put("role", "assistant");
    message.put("content", answer.text());
    if (!answer.calls().isEmpty()) {
      ArrayNode calls = message.putArray("tool_calls");
      answer.calls().forEach(call -> calls.add(call(call, call.arguments())));
    }
    choice.put("finish_reason", reason(answer.finish()));
    all.set("usage", usage(answer));
    return all;
  }

  private static ObjectNode frame(ModelAnswer answer, String kind) {
    return object()
        .put("id", "chatcmpl-" + answer.number())
        .put("object", kind)
        .put("created", CREATED)
        .put("model", answer.model());
  }

  private static ObjectNode call(ModelAnswer.Call call, String arguments) {
    ObjectNode node = object().put("id", call.id()).put("type", "function");
    node.putObject("function").put("name", call.tool()).put("arguments", arguments);
    return node;
  }

  private static @Nullable String reason(Finish finish) {
    return switch (finish) {
      case STOP -> "stop";
      case TOOLS -> "tool_calls";
      case LENGTH -> "length";
      case MISSING -> null;
    };
  }

  private static ObjectNode usage(ModelAnswer answer) {
    long sent = answer.input() + answer.cached();
    ObjectNode usage = object().put("prompt_tokens", sent);
    usage.put("completion_tokens", answer.output()).put("total_tokens", sent + answer.output());
    usage.putObject("prompt_tokens_details").put("cached_tokens", answer.cached());
    return usage;
  }

  @Override
  public List<ServerEvent> stream(ModelAnswer answer) {
    List<ServerEvent> events = new ArrayList<>();
    events.add(delta(answer, object().put("role", "assistant").put("content", ""), null));
    answer.pieces().forEach(p -> events.add(delta(answer, object().put("content", p), null)));
    for (int i = 0; i < answer.calls().size(); i++) {
      ModelAnswer.Call call = answer.calls().get(i);
      events.add(delta(answer, calling(call(call, "").put("index", i)), null));
      for (String piece : halves(call.arguments())) {
        ObjectNode rest = object().put("index", i);
        rest.putObject("function").put("arguments", piece);
        events.add(delta(answer, calling(rest), null));
      }
    }
    if (answer.finish() != Finish.MISSING) {
      events.add(delta(answer, object(), reason(answer.finish())));
    }
    ObjectNode last = frame(answer, "chat.completion.chunk");
    last.putArray("choices");
    last.set("usage", usage(answer));
    events.add(ServerEvent.of(last));
    events.add(new ServerEvent("", "[DONE]"));
    return events;
  }

  private static ObjectNode calling(ObjectNode call) {
    ObjectNode delta = object();
    delta.putArray("tool_calls").add(call);
    return delta;
  }

  /** Arguments come in pieces, and not where JSON would be cut by who reads it. */
  static List<String> halves(String text) {
    int middle = text.length() / 2;
    return List.of(text.substring(0, middle), text.substring(middle));
  }

  private static ServerEvent delta(ModelAnswer answer, ObjectNode delta, @Nullable String reason) {
    ObjectNode chunk = frame(answer, "chat.completion.chunk");
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.put("finish_reason", reason);
    return ServerEvent.of(chunk);
  }

  @Override
  public Telling tell(ModelTrouble trouble) {
    return openAi(trouble);
  }

  /** {@return how OpenAI's services tell it} */
  static Telling openAi(ModelTrouble trouble) {
    return switch (trouble) {
      case RATE_LIMITED ->
          openAi(
              429,
              "Rate limit reached for requests per min (RPM): Limit 3. Please try again in 2s.",
              "requests",
              "rate_limit_exceeded");
      case QUOTA_EXHAUSTED ->
          openAi(
              429,
              "You exceeded your current quota, please check your plan and billing details.",
              "insufficient_quota",
              "insufficient_quota");
      case BAD_KEY ->
          openAi(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key");
      case CONTEXT_TOO_LONG ->
          openAi(
              400,
              "This model's maximum context length is 128000 tokens. However, your messages"
                  + " resulted in 200000 tokens. Please reduce the length of the messages.",
              "invalid_request_error",
              "context_length_exceeded");
      case OVERLOADED ->
          openAi(503, "The server is currently overloaded.", "server_error", "server_overloaded");
      case SERVER_ERROR -> openAi(500, "The server had an error.", "server_error", null);
    };
  }

  private static Telling openAi(int status, String message, String type, @Nullable String code) {
    ObjectNode body = object();
    body.putObject("error")
        .put("message", message)
        .put("type", type)
        .putNull("param")
        .put("code", code);
    return new Telling(status, body);
  }
}
