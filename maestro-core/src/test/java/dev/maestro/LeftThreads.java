package dev.maestro;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** The threads of this JVM that stay, for tests that say that none does. */
final class LeftThreads {

  private static final long PATIENCE_MILLIS = TimeUnit.MINUTES.toMillis(2);

  private LeftThreads() {}

  /**
   * {@return the names of those that begin like this and stay}
   *
   * <p>Whoever has done all its work and has only to end is given the processor for that.
   */
  static List<String> named(String prefix) throws InterruptedException {
    List<Thread> found =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith(prefix))
            .toList();
    for (Thread thread : found) {
      thread.join(PATIENCE_MILLIS);
    }
    return found.stream().filter(Thread::isAlive).map(Thread::getName).toList();
  }
}
