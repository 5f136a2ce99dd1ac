package dev.maestro.testing;

import static dev.maestro.testing.ModelProtocol.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.testing.ModelRequest.Message;
import dev.maestro.testing.ModelRequest.Speaker;
import dev.maestro.testing.ModelTurn.Finish;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** OpenAI's responses. */
final class ResponsesProtocol implements ModelProtocol {

  private static final long CREATED = 1_700_000_000L;

  @Override
  public ModelWire wire() {
    return ModelWire.RESPONSES;
  }

  @Override
  public boolean serves(String path) {
    return path.endsWith("/responses");
  }

  @Override
  public Reading read(String path, JsonNode body) {
    List<Message> messages = new ArrayList<>();
    if (body.path("instructions").isTextual()) {
      messages.add(new Message(Speaker.SYSTEM, body.path("instructions").textValue()));
    }
    if (body.path("input").isTextual()) {
      messages.add(new Message(Speaker.USER, body.path("input").textValue()));
    }
    boolean calling = false;
    for (JsonNode item : body.path("input")) {
      boolean calls = item.path("type").asText().endsWith("_call");
      // a call follows the words of the same answer, or stands alone
      boolean same = !messages.isEmpty() && last(messages).speaker() == Speaker.MODEL;
      if (!calls || !(calling || same)) {
        messages.add(message(item));
      }
      calling = calls;
    }
    Map<String, JsonNode> tools = new LinkedHashMap<>();
    body.path("tools").forEach(tool -> addTool(tools, tool));
    return new Reading(
        body.path("model").asText(),
        body.path("stream").asBoolean(),
        messages,
        tools,
        body.at("/text/format/schema"));
  }

  private static Message last(List<Message> messages) {
    return messages.get(messages.size() - 1);
  }

  private static Message message(JsonNode item) {
    String type = item.path("type").asText();
    if (type.endsWith("_call_output")) {
      JsonNode output = item.path("output");
      return new Message(
          Speaker.TOOL, output.isTextual() ? output.textValue() : ModelCall.text(output));
    } else if (type.endsWith("_call") || type.equals("reasoning")) {
      return new Message(Speaker.MODEL, "");
    }
    return new Message(
        ModelProtocol.speaker(item.path("role").asText()),
        ModelProtocol.words(item.path("content")));
  }

  /** Tools may lie in a namespace, and are called by their own names there. */
  private static void addTool(Map<String, JsonNode> tools, JsonNode tool) {
    if (tool.path("tools").isArray()) {
      tool.path("tools").forEach(each -> addTool(tools, each));
    } else {
      tools.put(tool.path("name").asText(tool.path("type").asText()), tool.path("parameters"));
    }
  }

  @Override
  public JsonNode whole(ModelAnswer answer) {
    return response(answer, answer.finish() == Finish.LENGTH ? "incomplete" : "completed");
  }

  private static ObjectNode response(ModelAnswer answer, String status) {
    ObjectNode all = begun(answer).put("status", status);
    if (status.equals("incomplete")) {
      all.putObject("incomplete_details").put("reason", "max_output_tokens");
    }
    items(answer).forEach(all.withArray("output")::add);
    ObjectNode usage = object().put("input_tokens", answer.input() + answer.cached());
    usage.putObject("input_tokens_details").put("cached_tokens", answer.cached());
    usage.put("output_tokens", answer.output());
    usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
    usage.put("total_tokens", answer.input() + answer.cached() + answer.output());
    all.set("usage", usage);
    return all;
  }

  private static ObjectNode begun(ModelAnswer answer) {
    ObjectNode all = object().put("id", "resp_" + answer.number());
    all.put("object", "response").put("created_at", CREATED).put("model", answer.model());
    all.put("status", "in_progress").putArray("output");
    return all;
  }

  private static List<ObjectNode> items(ModelAnswer answer) {
    List<ObjectNode> items = new ArrayList<>();
    if (!answer.text().isEmpty()) {
      items.add(said(answer, answer.text(), "completed"));
    }
    answer.calls().forEach(call -> items.add(called(call, call.arguments(), "completed")));
    return items;
  }

  private static ObjectNode said(ModelAnswer answer, String text, String status) {
    ObjectNode item = object().put("type", "message").put("id", "msg_" + answer.number());
    item.put("role", "assistant").put("status", status);
    if (status.equals("completed")) {
      item.putArray("content").add(part(text));
    } else {
      item.putArray("content");
    }
    return item;
  }

  private static ObjectNode part(String text) {
    ObjectNode part = object().put("type", "output_text").put("text", text);
    part.putArray("annotations");
    return part;
  }

  private static ObjectNode called(ModelAnswer.Call call, String arguments, String status) {
    return object()
        .put("type", "function_call")
        .put("id", "fc_" + call.id())
        .put("call_id", call.id())
        .put("name", call.tool())
        .put("arguments", arguments)
        .put("status", status);
  }

  @Override
  public List<ServerEvent> stream(ModelAnswer answer) {
    Sequence events = new Sequence();
    events.add("response.created", object().set("response", begun(answer)));
    int index = 0;
    if (!answer.text().isEmpty()) {
      say(answer, events, index++);
    }
    for (ModelAnswer.Call call : answer.calls()) {
      call(call, events, index++);
    }
    if (answer.finish() == Finish.LENGTH) {
      events.add("response.incomplete", object().set("response", response(answer, "incomplete")));
    } else if (answer.finish() != Finish.MISSING) {
      events.add("response.completed", object().set("response", response(answer, "completed")));
    }
    return events.all;
  }

  private static void say(ModelAnswer answer, Sequence events, int index) {
    String id = "msg_" + answer.number();
    events.addItem("added", index, said(answer, "", "in_progress"));
    events.add("response.content_part.added", at(id, index).set("part", part("")));
    for (String piece : answer.pieces()) {
      events.add("response.output_text.delta", at(id, index).put("delta", piece));
    }
    events.add("response.output_text.done", at(id, index).put("text", answer.text()));
    events.add("response.content_part.done", at(id, index).set("part", part(answer.text())));
    events.addItem("done", index, said(answer, answer.text(), "completed"));
  }

  private static ObjectNode at(String item, int index) {
    return object().put("item_id", item).put("output_index", index).put("content_index", 0);
  }

  private static void call(ModelAnswer.Call call, Sequence events, int index) {
    events.addItem("added", index, called(call, "", "in_progress"));
    String kind = "response.function_call_arguments.";
    for (String piece : ChatCompletionsProtocol.halves(call.arguments())) {
      events.add(kind + "delta", calling(call, index).put("delta", piece));
    }
    events.add(kind + "done", calling(call, index).put("arguments", call.arguments()));
    events.addItem("done", index, called(call, call.arguments(), "completed"));
  }

  private static ObjectNode calling(ModelAnswer.Call call, int index) {
    return object().put("item_id", "fc_" + call.id()).put("output_index", index);
  }

  /** Events, each of which says which it is. */
  private static final class Sequence {

    private final List<ServerEvent> all = new ArrayList<>();

    void add(String type, JsonNode data) {
      ObjectNode event = object().put("type", type).put("sequence_number", all.size());
      event.setAll((ObjectNode) data);
      all.add(new ServerEvent(type, ModelCall.text(event)));
    }

    void addItem(String what, int index, ObjectNode item) {
      ObjectNode data = object().put("output_index", index);
      data.set("item", item);
      add("response.output_item." + what, data);
    }
  }

  @Override
  public Telling tell(ModelTrouble trouble) {
    return ChatCompletionsProtocol.openAi(trouble);
  }
}
