package dev.maestro.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
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

  private final ConcurrentLinkedQueue<Message> queue = new ConcurrentLinkedQueue<>();
  private volatile @Nullable RuntimeException shut;

  void put(Consumer<Batch> body, @Nullable CompletableFuture<?> answer) {
    queue.add(new Message(body, answer));
    if (shut != null) {
      turnAway();
    }
  }

  /** Wait for an answer, however long it takes. */
  static <T> T await(CompletableFuture<T> answer) {
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

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Take all there are, or as many as there is memory for. */
  List<Message> takeAll() {
    // with room from the beginning: a list without any makes some only when the first is added
    ArrayList<Message> taken = new ArrayList<>(4);
    while (hasRoom(taken)) {
      Message one = queue.poll();
      if (one == null) {
        break;
      }
      taken.add(one);
    }
    return taken;
  }

  /** Room first: what has been taken out of the queue is nowhere else. */
  private static boolean hasRoom(ArrayList<Message> taken) {
    try {
      taken.ensureCapacity(taken.size() + 1);
      return true;
    } catch (OutOfMemoryError e) {
      if (taken.isEmpty()) {
        throw e;
      }
      return false;
    }
  }

  /** Turn away what is here and whatever comes. */
  void shut(RuntimeException reason) {
    shut = reason;
    turnAway();
  }

  private void turnAway() {
    RuntimeException reason = shut;
    for (Message message : takeAll()) {
      if (message.answer() != null && reason != null) {
        message.answer().completeExceptionally(reason);
      }
    }
  }
}
