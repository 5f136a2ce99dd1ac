package dev.maestro.langchain4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a conversation shorter for the model, and leaves what is kept of it as it is.
 *
 * <p>What tools answered long ago is replaced by a note, then what was handed to them; what people
 * and the model said stays.
 */
final class Compaction {

  /** How far it can be taken. */
  static final int MOST = 3;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SHORT = 400;

  private Compaction() {}

  /** {@return the conversation as the model gets it; at level 0 all of it} */
  static List<ChatMessage> view(List<ChatMessage> all, int level) {
    if (level == 0) {
      return List.copyOf(all);
    }
    int old = answers(all) - (level == 1 ? 8 : level == 2 ? 2 : 0);
    List<ChatMessage> view = new ArrayList<>();
    int answer = 0;
    for (ChatMessage message : all) {
      if (message instanceof ToolExecutionResultMessage result) {
        view.add(answer++ < old ? shortened(result) : result);
      } else if (message instanceof AiMessage said && level > 1 && answer < old) {
        view.add(shortened(said));
      } else {
        view.add(message);
      }
    }
    return List.copyOf(view);
  }

  private static int answers(List<ChatMessage> all) {
    return (int) all.stream().filter(ToolExecutionResultMessage.class::isInstance).count();
  }

  private static ChatMessage shortened(ToolExecutionResultMessage result) {
    String text = result.hasSingleText() ? result.text() : "";
    return text.length() <= SHORT
        ? result
        : ToolExecutionResultMessage.from(result.id(), result.toolName(), note(text));
  }

  private static String note(String text) {
    return "[%d characters left out to make room; use the tool again if they are needed]"
        .formatted(text.length());
  }

  private static ChatMessage shortened(AiMessage said) {
    if (!said.hasToolExecutionRequests()) {
      return said;
    }
    List<ToolExecutionRequest> requests =
        said.toolExecutionRequests().stream().map(Compaction::shortened).toList();
    return said.toBuilder().toolExecutionRequests(requests).build();
  }

  private static ToolExecutionRequest shortened(ToolExecutionRequest request) {
    String arguments = request.arguments();
    return arguments == null || arguments.length() <= SHORT
        ? request
        : request.toBuilder().arguments(shortened(arguments)).build();
  }

  private static String shortened(String arguments) {
    try {
      if (JSON.readTree(arguments) instanceof ObjectNode object) {
        for (var field : List.copyOf(object.properties())) {
          JsonNode value = field.getValue();
          String text = value.isTextual() ? value.textValue() : value.toString();
          if (text.length() > SHORT) {
            object.put(field.getKey(), note(text));
          }
        }
        return JSON.writeValueAsString(object);
      }
    } catch (JsonProcessingException e) {
      // a model may have written anything; it stays as it is
    }
    return arguments;
  }
}
