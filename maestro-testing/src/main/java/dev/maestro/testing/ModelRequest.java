package dev.maestro.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A call of a model as it arrived at a {@link ModelServer}.
 *
 * @param number 1 for the first call of the server
 * @param wire the protocol
 * @param path without the query, where some put their key
 * @param headers by lower-case name; of those that hold keys, {@code ***}
 * @param model which one was asked for; empty when the request does not say
 * @param streams whether the answer is to be a stream
 * @param messages the conversation, oldest first
 * @param tools the names of the tools that the model may call
 * @param body all of it, as it was sent
 */
public record ModelRequest(
    int number,
    ModelWire wire,
    String path,
    Map<String, String> headers,
    String model,
    boolean streams,
    List<Message> messages,
    List<String> tools,
    String body) {

  /** Copy what could change. */
  public ModelRequest {
    Objects.requireNonNull(wire, "wire");
    headers = Map.copyOf(headers);
    messages = List.copyOf(messages);
    tools = List.copyOf(tools);
    Objects.requireNonNull(body, "body");
  }

  /** Who said something. */
  public enum Speaker {
    /** Whoever set up the conversation. */
    SYSTEM,
    /** The agent, for its user. */
    USER,
    /** The model. */
    MODEL,
    /** A tool, through the agent. */
    TOOL
  }

  /**
   * One message of the conversation.
   *
   * @param speaker whose
   * @param text its words, or what the tool answered
   */
  public record Message(Speaker speaker, String text) {

    /** Check that nothing is missing. */
    public Message {
      Objects.requireNonNull(speaker, "speaker");
      Objects.requireNonNull(text, "text");
    }
  }

  /** {@return the user's last words; empty when there are none} */
  public Optional<String> prompt() {
    return said(Speaker.USER).stream().reduce((earlier, later) -> later);
  }

  /** {@return what the tools have answered so far, oldest first} */
  public List<String> toolResults() {
    return said(Speaker.TOOL);
  }

  /** {@return what this speaker has said so far, oldest first} */
  public List<String> said(Speaker speaker) {
    return messages.stream().filter(m -> m.speaker() == speaker).map(Message::text).toList();
  }

  /** Leaves out the conversation and the headers, which may hold what must not be logged. */
  @Override
  public String toString() {
    return "ModelRequest[%d, %s, %s, %d messages]".formatted(number, wire, model, messages.size());
  }

  /**
   * A request and what only the server needs of it.
   *
   * @param request what arrived
   * @param tools by name, what the model may hand to them, as a JSON schema
   * @param shape the JSON schema that the answer is to have; missing when it may be any text
   */
  record Asked(ModelRequest request, Map<String, JsonNode> tools, JsonNode shape) {}
}
