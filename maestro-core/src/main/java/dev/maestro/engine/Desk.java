package dev.maestro.engine;

import dev.maestro.failure.ClosedException;
import dev.maestro.task.RunKey;
import java.util.Optional;
import java.util.function.Function;

/** Asks the loop for whoever calls the engine, from any thread, until the engine is closed. */
final class Desk {

  private final Loop loop;
  private final Roster roster;
  private volatile boolean closed;

  Desk(Loop loop, Roster roster) {
    this.loop = loop;
    this.roster = roster;
  }

  /** {@return the answer of the loop, once all that it decided for it is durable} */
  <T> T call(Mailbox.Request<T> request) {
    requireOpen();
    return loop.ask(request);
  }

  /** {@return the answer about a run as it is durable; empty when there is none} */
  <T> Optional<T> ask(RunKey key, Function<Live, T> question) {
    return call(
        (batch, answer) -> {
          Live run = roster.find(batch, key);
          if (run == null) {
            answer.complete(Optional.empty());
          } else {
            batch.afterCommit(run, () -> answer.complete(Optional.of(question.apply(run))));
          }
        });
  }

  void requireOpen() {
    if (closed) {
      throw new ClosedException("this Maestro is closed; open another one on the same store");
    }
  }

  /** From now on nobody is let in. */
  void close() {
    closed = true;
  }
}
