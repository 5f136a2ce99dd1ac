package dev.maestro.engine;

import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The answer of the loop that one thread waits for, which is the one that makes it.
 *
 * <p>Giving it takes no memory: who waits hears of it even where all has run out. The first answer
 * counts.
 */
final class Promise<T> {

  private final Thread waiting = Thread.currentThread();
  // written before given
  private @Nullable T answer;
  private @Nullable RuntimeException failure;
  private volatile boolean given;

  void complete(T what) {
    give(what, null);
  }

  void completeExceptionally(RuntimeException why) {
    give(null, why);
  }

  boolean isDone() {
    return given;
  }

  private synchronized void give(@Nullable T what, @Nullable RuntimeException why) {
    if (!given) {
      answer = what;
      failure = why;
      given = true;
      LockSupport.unpark(waiting);
    }
  }

  /** Wait for the answer, however long it takes, and however often this thread is interrupted. */
  T await() {
    boolean interrupted = false;
    while (!given) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
    return Objects.requireNonNull(answer);
  }
}
