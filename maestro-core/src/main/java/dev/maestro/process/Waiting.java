package dev.maestro.process;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/** Waits that an interrupt does not cut short: what is being cleaned up is cleaned up. */
final class Waiting {

  /** How long something is waited for that is expected to come at once. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private Waiting() {}

  /** {@return whether all threads have ended, when the patience is over at the latest} */
  static boolean forAll(Collection<Thread> threads, Duration patience) {
    Deadline deadline = Deadline.in(patience);
    boolean interrupted = false;
    for (Thread thread : threads) {
      interrupted |= deadline.waitWhile(thread::isAlive, left -> join(thread, left));
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return threads.stream().noneMatch(Thread::isAlive);
  }

  /** Wait for a thread, in whole milliseconds, because a wait for none lasts for ever. */
  private static void join(Thread thread, long nanos) throws InterruptedException {
    thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
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
