package dev.maestro.engine;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What others want from the loop, in the order it came; once shut, everything is turned away.
 *
 * <p>Messages are chained to each other, so that neither putting nor taking one takes any memory.
 */
final class Mailbox {

  /** One wish, which can be put once. */
  static final class Message {

    private final Consumer<Batch> body;
    private final @Nullable Promise<?> answer;
    // the one that was put before it; once taken, the one that was put after it
    private @Nullable Message next;

    /**
     * Make a message.
     *
     * @param body done by the loop
     * @param answer what its sender waits for, or null when nobody waits
     */
    Message(Consumer<Batch> body, @Nullable Promise<?> answer) {
      this.body = body;
      this.answer = answer;
    }

    Consumer<Batch> body() {
      return body;
    }

    @Nullable Promise<?> answer() {
      return answer;
    }

    /** {@return the next of those that were taken together} */
    @Nullable Message next() {
      return next;
    }

    /** Tell who waits for an answer that there will be none. */
    void refuse(RuntimeException reason) {
      if (answer != null) {
        answer.completeExceptionally(reason);
      }
    }
  }

  /** A wish whose sender waits for the answer. */
  interface Request<T> {
    void on(Batch batch, Promise<T> answer);
  }

  private final AtomicReference<@Nullable Message> last = new AtomicReference<>();
  private volatile @Nullable RuntimeException shut;

  void put(Message message) {
    Message before;
    do {
      before = last.get();
      message.next = before;
    } while (!last.compareAndSet(before, message));
    if (shut != null) {
      turnAway();
    }
  }

  boolean isEmpty() {
    return last.get() == null;
  }

  /** Take all there are; {@return the first of them} */
  @Nullable Message takeAll() {
    Message first = null;
    Message left = last.getAndSet(null);
    while (left != null) {
      Message before = left.next;
      left.next = first;
      first = left;
      left = before;
    }
    return first;
  }

  /** Turn away what is here and whatever comes. */
  void shut(RuntimeException reason) {
    shut = reason;
    turnAway();
  }

  private void turnAway() {
    RuntimeException reason = shut;
    for (Message one = takeAll(); one != null && reason != null; one = one.next()) {
      one.refuse(reason);
    }
  }
}
