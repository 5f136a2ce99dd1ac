package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.agent.Conversation;
import dev.maestro.agent.Conversation.Message;
import dev.maestro.json.Json;
import dev.maestro.run.RunEvent.ConversationKept;
import dev.maestro.store.BlobId;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Conversations as they lie in a store: lists of messages, as JSON. */
public final class StoredConversations {

  private StoredConversations() {}

  static BlobId put(List<Message> messages, UnaryOperator<String> secrets, Store store) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (Message message : messages) {
      ObjectNode node = json.addObject();
      node.put("role", message.role());
      node.put("content", secrets.apply(message.content()));
      node.put("at", message.at().toString());
    }
    return store.put(Json.bytes(json));
  }

  /**
   * {@return a conversation as it was kept}
   *
   * @throws StoreException when a part of it is missing or cannot be read
   */
  public static Conversation read(ConversationKept kept, Store store) {
    List<Message> messages = new ArrayList<>();
    kept.parts().forEach(part -> messages.addAll(read(part.blob(), store)));
    return new Conversation(kept.session(), kept.model(), messages);
  }

  private static List<Message> read(BlobId blob, Store store) {
    byte[] bytes =
        store.blob(blob).orElseThrow(() -> new StoreException("the blob " + blob + " is missing"));
    try {
      List<Message> messages = new ArrayList<>();
      for (JsonNode node : Json.read(bytes)) {
        messages.add(message(node));
      }
      return messages;
    } catch (IOException | DateTimeException e) {
      throw new StoreException("the blob " + blob + " is no conversation", e);
    }
  }

  private static Message message(JsonNode node) {
    return new Message(
        node.path("role").asText(),
        node.path("content").asText(),
        Instant.parse(node.path("at").asText()));
  }
}
