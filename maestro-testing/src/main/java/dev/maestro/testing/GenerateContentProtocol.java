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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Gemini's generateContent and streamGenerateContent. */
final class GenerateContentProtocol implements ModelProtocol {

  private static final Pattern PATH =
      Pattern.compile(".*/models/([^/:]+):(generateContent|streamGenerateContent)");

  @Override
  public ModelWire wire() {
    return ModelWire.GENERATE_CONTENT;
  }

  @Override
  public boolean serves(String path) {
    return PATH.matcher(path).matches();
  }

  @Override
  public Reading read(String path, JsonNode body) {
    Matcher match = PATH.matcher(path);
    boolean known = match.matches();
    List<Message> messages = new ArrayList<>();
    if (body.has("systemInstruction")) {
      messages.add(
          new Message(Speaker.SYSTEM, ModelProtocol.words(body.at("/systemInstruction/parts"))));
    }
    body.path("contents").forEach(each -> add(messages, each));
    Map<String, JsonNode> tools = new LinkedHashMap<>();
    for (JsonNode group : body.path("tools")) {
      group.path("functionDeclarations").forEach(each -> addTool(tools, each));
    }
    return new Reading(
        known ? match.group(1) : "",
        known && match.group(2).startsWith("stream"),
        messages,
        tools,
        either(
            body.at("/generationConfig/responseJsonSchema"),
            body.at("/generationConfig/responseSchema")));
  }

  private static void add(List<Message> messages, JsonNode content) {
    boolean answered = false;
    for (JsonNode part : content.path("parts")) {
      if (part.has("functionResponse")) {
        answered = true;
        String text = ModelCall.text(part.at("/functionResponse/response"));
        messages.add(new Message(Speaker.TOOL, text));
      }
    }
    String words = ModelProtocol.words(content.path("parts"));
    if (!answered || !words.isEmpty()) {
      messages.add(new Message(ModelProtocol.speaker(content.path("role").asText("user")), words));
    }
  }

  private static void addTool(Map<String, JsonNode> tools, JsonNode tool) {
    tools.put(
        tool.path("name").asText(),
        either(tool.path("parametersJsonSchema"), tool.path("parameters")));
  }

  private static JsonNode either(JsonNode first, JsonNode second) {
    return first.isMissingNode() ? second : first;
  }

  @Override
  public JsonNode whole(ModelAnswer answer) {
    ArrayNode parts = NODES.arrayNode();
    if (!answer.text().isEmpty() || answer.calls().isEmpty()) {
      parts.addObject().put("text", answer.text());
    }
    answer.calls().forEach(call -> parts.add(call(call)));
    return chunk(answer, parts, reason(answer.finish()), true);
  }

  private static ObjectNode call(ModelAnswer.Call call) {
    ObjectNode part = object();
    part.putObject("functionCall").put("name", call.tool()).set("args", call.input());
    return part;
  }

  private static @Nullable String reason(Finish finish) {
    return switch (finish) {
      case STOP, TOOLS -> "STOP";
      case LENGTH -> "MAX_TOKENS";
      case MISSING -> null;
    };
  }

  private static ObjectNode chunk(
      ModelAnswer answer, ArrayNode parts, @Nullable String reason, boolean last) {
    ObjectNode all = object();
    ObjectNode candidate = all.putArray("candidates").addObject().put("index", 0);
    candidate.putObject("content").put("role", "model").set("parts", parts);
    if (reason != null) {
      candidate.put("finishReason", reason);
    }
    if (last) {
      all.set("usageMetadata", usage(answer));
    }
    return all.put("modelVersion", answer.model()).put("responseId", "r-" + answer.number());
  }

  private static ObjectNode usage(ModelAnswer answer) {
    long sent = answer.input() + answer.cached();
    return object()
        .put("promptTokenCount", sent)
        .put("cachedContentTokenCount", answer.cached())
        .put("candidatesTokenCount", answer.output())
        .put("totalTokenCount", sent + answer.output());
  }

  @Override
  public List<ServerEvent> stream(ModelAnswer answer) {
    List<ServerEvent> events = new ArrayList<>();
    for (String piece : answer.pieces()) {
      ArrayNode parts = NODES.arrayNode();
      parts.addObject().put("text", piece);
      events.add(ServerEvent.of(chunk(answer, parts, null, false)));
    }
    ArrayNode parts = NODES.arrayNode();
    answer.calls().forEach(call -> parts.add(call(call)));
    if (parts.isEmpty()) {
      parts.addObject().put("text", "");
    }
    boolean ends = answer.finish() != Finish.MISSING;
    if (ends || !answer.calls().isEmpty()) {
      events.add(ServerEvent.of(chunk(answer, parts, reason(answer.finish()), ends)));
    }
    return events;
  }

  @Override
  public Telling tell(ModelTrouble trouble) {
    return switch (trouble) {
      case RATE_LIMITED ->
          exhausted(
              "Resource has been exhausted (e.g. check quota).",
              "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
              "2s");
      case QUOTA_EXHAUSTED ->
          exhausted(
              "You exceeded your current quota, please check your plan and billing details.",
              "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
              null);
      case BAD_KEY -> badKey();
      case CONTEXT_TOO_LONG ->
          error(
              400,
              "INVALID_ARGUMENT",
              "The input token count (1100000) exceeds the maximum number of tokens allowed"
                  + " (1048576).");
      case OVERLOADED ->
          error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.");
      case SERVER_ERROR -> error(500, "INTERNAL", "An internal error has occurred.");
    };
  }

  private static Telling exhausted(String message, String quota, @Nullable String delay) {
    Telling telling = error(429, "RESOURCE_EXHAUSTED", message);
    ArrayNode details = details(telling);
    ObjectNode failure = details.addObject();
    failure.put("@type", "type.googleapis.com/google.rpc.QuotaFailure");
    failure.putArray("violations").addObject().put("quotaId", quota);
    if (delay != null) {
      details
          .addObject()
          .put("@type", "type.googleapis.com/google.rpc.RetryInfo")
          .put("retryDelay", delay);
    }
    return telling;
  }

  private static Telling badKey() {
    Telling telling =
        error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.");
    details(telling)
        .addObject()
        .put("@type", "type.googleapis.com/google.rpc.ErrorInfo")
        .put("reason", "API_KEY_INVALID");
    return telling;
  }

  private static ArrayNode details(Telling telling) {
    return ((ObjectNode) telling.body().path("error")).putArray("details");
  }

  private static Telling error(int status, String code, String message) {
    ObjectNode body = object();
    body.putObject("error").put("code", status).put("message", message).put("status", code);
    return new Telling(status, body);
  }
}
