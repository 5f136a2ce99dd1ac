package dev.maestro.store;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Runs file work to its end on a thread that may be interrupted.
 *
 * <p>Java closes a channel when the thread that uses it is interrupted. A commit must not be lost
 * to that, so the work is done again and the interrupt is kept for later.
 */
final class Uninterrupted {

  /** Work that opens what it uses and may be done twice. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  private Uninterrupted() {}

  static <T> T call(Work<T> work) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return work.run();
        } catch (ClosedByInterruptException e) {
          interrupted = true;
          Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
