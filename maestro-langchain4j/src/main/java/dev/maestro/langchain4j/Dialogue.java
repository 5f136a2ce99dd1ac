package dev.maestro.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ChatMessageDeserializer;
import dev.langchain4j.data.message.ChatMessageSerializer;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.maestro.agent.Conversation;
import dev.maestro.agent.Conversations;
import dev.maestro.agent.SessionId;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has been said in a session, and what is kept of it, which is all but secrets.
 *
 * <p>Used by the launch's own thread only.
 */
final class Dialogue {

  private final SessionId session;
  private final @Nullable String model;
  private final Conversations kept;
  private final InstantSource time;
  private final Discretion discretion;
  private final List<ChatMessage> messages = new ArrayList<>();
  private final List<Conversation.Message> written = new ArrayList<>();

  Dialogue(
      SessionId session,
      @Nullable String model,
      Conversations kept,
      InstantSource time,
      Discretion discretion) {
    this.session = session;
    this.model = model;
    this.kept = kept;
    this.time = time;
    this.discretion = discretion;
  }

  SessionId session() {
    return session;
  }

  List<ChatMessage> messages() {
    return messages;
  }

  /** Go on where the session was left; {@return whether anything that can be read was kept} */
  boolean resume() {
    Conversation found = kept.find(session).orElse(null);
    if (found == null) {
      return false;
    }
    try {
      found.messages().forEach(each -> messages.add(message(each)));
    } catch (RuntimeException e) {
      // kept by another version of LangChain4j, or cut through where a secret was taken out
      messages.clear();
      return false;
    }
    written.addAll(found.messages());
    unanswered()
        .forEach(
            request ->
                add(
                    ToolExecutionResultMessage.from(
                        request,
                        "interrupted: nobody knows how far this came; look before you"
                            + " do it again")));
    return true;
  }

  private static ChatMessage message(Conversation.Message kept) {
    return ChatMessageDeserializer.messageFromJson(kept.content());
  }

  /** {@return the tools that the model has called and not been answered about} */
  private List<ToolExecutionRequest> unanswered() {
    Set<String> answered = new HashSet<>();
    for (int i = messages.size() - 1; i >= 0; i--) {
      if (messages.get(i) instanceof ToolExecutionResultMessage result) {
        answered.add(String.valueOf(result.id()));
      } else if (messages.get(i) instanceof AiMessage said && said.hasToolExecutionRequests()) {
        return said.toolExecutionRequests().stream()
            .filter(request -> !answered.contains(String.valueOf(request.id())))
            .toList();
      } else {
        return List.of();
      }
    }
    return List.of();
  }

  void add(ChatMessage message) {
    messages.add(message);
    written.add(
        new Conversation.Message(
            message.type().name().toLowerCase(Locale.ROOT),
            discretion.apply(ChatMessageSerializer.messageToJson(message)),
            time.instant()));
  }

  /** Make durable what was said. */
  void keep() {
    kept.keep(new Conversation(session, model, written));
  }
}
