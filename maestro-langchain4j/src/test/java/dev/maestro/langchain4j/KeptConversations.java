package dev.maestro.langchain4j;

import dev.maestro.agent.Conversation;
import dev.maestro.agent.Conversations;
import dev.maestro.agent.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Remembers every state of every conversation, as if it could be killed after each. */
final class KeptConversations implements Conversations {

  final List<Conversation> states = new ArrayList<>();

  @Override
  public Optional<Conversation> find(SessionId session) {
    return states.stream()
        .filter(state -> state.session().equals(session))
        .reduce((earlier, later) -> later);
  }

  @Override
  public void keep(Conversation conversation) {
    states.add(conversation);
  }
}
