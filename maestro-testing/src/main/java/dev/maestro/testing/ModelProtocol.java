package dev.maestro.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.testing.ModelRequest.Message;
import dev.maestro.testing.ModelRequest.Speaker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** How one protocol reads what is asked and writes what is answered. */
interface ModelProtocol {

  /** The nodes of all that is written. */
  JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** {@return the protocol of requests to this path, if there is one} */
  static Optional<ModelProtocol> of(String path) {
    return Stream.of(
            new ChatCompletionsProtocol(),
            new ResponsesProtocol(),
            new MessagesProtocol(),
            new GenerateContentProtocol())
        .filter(protocol -> protocol.serves(path))
        .findFirst();
  }

  /** {@return what it is called} */
  ModelWire wire();

  /** {@return whether requests to this path are of this protocol} */
  boolean serves(String path);

  /** {@return what is asked} */
  Reading read(String path, JsonNode body);

  /** {@return the answer in one piece} */
  JsonNode whole(ModelAnswer answer);

  /** {@return the answer as a stream of events} */
  List<ServerEvent> stream(ModelAnswer answer);

  /** {@return how the service tells this trouble} */
  Telling tell(ModelTrouble trouble);

  /**
   * What a request says.
   *
   * @param model who is asked; may be empty
   * @param streams whether the answer is to be a stream
   * @param messages the conversation
   * @param tools by name, what they take
   * @param shape what the answer is to look like; missing when it may be any text
   */
  record Reading(
      String model,
      boolean streams,
      List<Message> messages,
      Map<String, JsonNode> tools,
      JsonNode shape) {}

  /**
   * How an error is told.
   *
   * @param status of HTTP
   * @param body what is sent with it
   */
  record Telling(int status, JsonNode body) {}

  /**
   * One event of a stream.
   *
   * @param name its kind; empty where the protocol names none
   * @param data what it carries
   */
  record ServerEvent(String name, String data) {

    static ServerEvent of(JsonNode data) {
      return new ServerEvent("", ModelCall.text(data));
    }

    /** {@return as it is sent} */
    String text() {
      return (name.isEmpty() ? "" : "event: " + name + "\n") + "data: " + data + "\n\n";
    }
  }

  /** {@return the words of a message, be they text or parts} */
  static String words(JsonNode content) {
    if (content.isTextual()) {
      return content.textValue();
    }
    StringBuilder words = new StringBuilder();
    for (JsonNode part : content) {
      String text = part.isTextual() ? part.textValue() : part.path("text").asText("");
      words.append(words.length() == 0 || text.isEmpty() ? "" : "\n").append(text);
    }
    return words.toString();
  }

  /** {@return who speaks in a role of this name} */
  static Speaker speaker(String role) {
    return switch (role) {
      case "system", "developer" -> Speaker.SYSTEM;
      case "assistant", "model" -> Speaker.MODEL;
      case "tool" -> Speaker.TOOL;
      default -> Speaker.USER;
    };
  }

  /** {@return an object to be filled} */
  static ObjectNode object() {
    return NODES.objectNode();
  }
}
