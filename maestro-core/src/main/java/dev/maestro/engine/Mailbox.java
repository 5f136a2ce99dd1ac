package dev.maestro.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
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

  /** A wish whose sender waits for the answer. */
  interface Request<T> {
    void on(Batch batch, CompletableFuture<T> answer);
  }

  private final LinkedBlockingQueue<Message> queue = new LinkedBlockingQueue<>();
  private volatile @Nullable RuntimeException shut;

  void send(Consumer<Batch> body) {
    send(new Message(body, null));
  }

  /** Send a wish and wait for the answer, however long it takes. */
  <T> T ask(Request<T> request) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    send(new Message(batch -> request.on(batch, answer), answer));
    return await(answer);
  }

  private static <T> T await(CompletableFuture<T> answer) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return answer.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          throw new CompletionException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void send(Message message) {
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
