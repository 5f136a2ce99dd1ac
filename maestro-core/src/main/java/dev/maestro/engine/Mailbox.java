package dev.maestro.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What others want from the loop, in the order it came; once shut, everything is turned away. */
final class Mailbox {

  /**
   * One wish.
   *
   * @param body done by the loop
   * @param answer what its sender waits for, or null when nobody waits
   */
  record Message(Consumer<Batch> body, @Nullable CompletableFuture<?> answer) {}

  private final LinkedBlockingQueue<Message> queue = new LinkedBlockingQueue<>();
  private volatile @Nullable RuntimeException shut;

  void send(Consumer<Batch> body) {
    send(new Message(body, null));
  }

  void send(Message message) {
    queue.add(message);
    if (shut != null) {
      turnAway();
    }
  }

  /** Wait for at least one message and take all there are. */
  List<Message> take() throws InterruptedException {
    List<Message> taken = new ArrayList<>();
    taken.add(queue.take());
    queue.drainTo(taken);
    return taken;
  }

  /** Turn away what is here and whatever comes. */
  void shut(RuntimeException reason) {
    shut = reason;
    turnAway();
  }

  private void turnAway() {
    RuntimeException reason = shut;
    List<Message> late = new ArrayList<>();
    queue.drainTo(late);
    for (Message message : late) {
      if (message.answer() != null && reason != null) {
        message.answer().completeExceptionally(reason);
      }
    }
  }
}
