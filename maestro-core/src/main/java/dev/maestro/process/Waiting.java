package dev.maestro.process;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/** Waits that an interrupt does not cut short: what is being cleaned up is cleaned up. */
final class Waiting {

  private static final long PATIENCE_MILLIS = 2_000;

  private Waiting() {}

  /** {@return whether all threads have ended, after two seconds at the latest} */
  static boolean forAll(Collection<Thread> threads) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    boolean interrupted = false;
    for (Thread thread : threads) {
      boolean waiting = true;
      while (waiting && thread.isAlive()) {
        try {
          long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
          waiting = left > 0;
          if (waiting) {
            thread.join(left);
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return threads.stream().noneMatch(Thread::isAlive);
  }

  /** Close a stream whose other end may be gone, which is all the same by now. */
  static void close(Closeable stream) {
    try {
      stream.close();
    } catch (IOException e) {
      // The pipe is broken: that is what closing was for.
    }
  }
}
