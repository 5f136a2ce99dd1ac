package dev.maestro.agent;

import java.util.Optional;

/**
 * Keeps conversations for providers that have no store of sessions of their own, so that they can
 * go on after a restart.
 *
 * <p>For the time of one launch, by one thread at a time.
 */
public interface Conversations {

  /** Keeps nothing, and so finds nothing. */
  Conversations NONE =
      new Conversations() {
        @Override
        public Optional<Conversation> find(SessionId session) {
          return Optional.empty();
        }

        @Override
        public void keep(Conversation conversation) {
          // nobody will ask for it
        }
      };

  /**
   * {@return a conversation of the task, or of the one it continues, as it was kept last; empty
   * when none of this name was kept}
   *
   * <p>Secrets that the pipeline declares read {@code ***}.
   */
  Optional<Conversation> find(SessionId session);

  /**
   * Keep a conversation as it is now; it is durable when this returns.
   *
   * <p>To be called after each turn, with all that was said so far: what was kept of it before is
   * not written again. Its name has to be reported first, as {@link AgentEvent.SessionStarted}. An
   * exception must stop the work and be passed on.
   */
  void keep(Conversation conversation);
}
