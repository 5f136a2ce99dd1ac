package dev.maestro.attempt;

import dev.maestro.agent.Conversation;
import dev.maestro.agent.Conversation.Message;
import dev.maestro.agent.Conversations;
import dev.maestro.agent.SessionId;
import dev.maestro.run.RunEvent.ConversationKept;
import dev.maestro.run.RunEvent.ConversationKept.Part;
import dev.maestro.run.RunInput;
import dev.maestro.run.Talk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the conversation of one launch: the messages as blobs, and in the journal which ones those
 * are.
 *
 * <p>Each time only the messages are written that have come to those kept before; where earlier
 * ones differ, because the provider has shortened them, or where there are too many parts, all are.
 */
final class KeptConversations implements Conversations {

  private static final int MOST_PARTS = 32;

  private final Tools tools;
  private final Assignment a;
  private final Secrets secrets;
  private final String provider;
  private List<Part> parts = List.of();
  // what the parts hold, as the provider has it
  private List<Message> written = List.of();
  private @Nullable SessionId session;

  KeptConversations(Tools tools, Assignment a, Secrets secrets, String provider) {
    this.tools = tools;
    this.a = a;
    this.secrets = secrets;
    this.provider = provider;
  }

  @Override
  public Optional<Conversation> find(SessionId wanted) {
    if (wanted.equals(session)) {
      return Optional.of(new Conversation(wanted, null, written));
    }
    Optional<Conversation> found =
        Optional.ofNullable(a.talk())
            .flatMap(Talk::inStore)
            .filter(kept -> kept.session().equals(wanted))
            .filter(kept -> kept.provider().equals(provider))
            .map(kept -> StoredConversations.read(kept, tools.store()));
    found.ifPresent(conversation -> goOnFrom(conversation, a.talk()));
    return found;
  }

  private void goOnFrom(Conversation conversation, @Nullable Talk talk) {
    session = conversation.session();
    written = conversation.messages();
    parts = Optional.ofNullable(talk).flatMap(Talk::inStore).orElseThrow().parts();
  }

  @Override
  public void keep(Conversation conversation) {
    List<Message> all = conversation.messages();
    boolean goesOn =
        conversation.session().equals(session)
            && parts.size() < MOST_PARTS
            && all.size() >= written.size()
            && all.subList(0, written.size()).equals(written);
    if (goesOn && all.size() == written.size()) {
      return;
    }
    List<Message> more = goesOn ? all.subList(written.size(), all.size()) : all;
    List<Part> now = new ArrayList<>(goesOn ? parts : List.of());
    now.add(new Part(StoredConversations.put(more, secrets, tools.store()), more.size()));
    a.journal()
        .record(
            RunInput.Note.of(
                new ConversationKept(
                    tools.time().instant(),
                    a.attempt().task(),
                    a.attempt().number(),
                    conversation.session(),
                    provider,
                    conversation.model(),
                    false,
                    now)));
    session = conversation.session();
    parts = List.copyOf(now);
    written = all;
  }
}
