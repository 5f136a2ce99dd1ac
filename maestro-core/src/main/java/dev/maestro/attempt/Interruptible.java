package dev.maestro.attempt;

import dev.maestro.process.Cancellation;
import dev.maestro.process.Registration;
import org.jspecify.annotations.Nullable;

/** Calls the application's own code in such a way that cancelling interrupts it, and it alone. */
final class Interruptible {

  private final Thread thread = Thread.currentThread();
  // guarded by this
  private boolean ended;

  private Interruptible() {}

  /** Code that may block. */
  @FunctionalInterface
  interface Call<T extends @Nullable Object> {
    T call() throws Exception;
  }

  static <T extends @Nullable Object> T call(Cancellation cancellation, Call<T> code)
      throws Exception {
    Interruptible call = new Interruptible();
    Registration registration = cancellation.onCancel(mode -> call.interrupt());
    try {
      return code.call();
    } finally {
      registration.close();
      call.end();
    }
  }

  private synchronized void interrupt() {
    if (!ended) {
      thread.interrupt();
    }
  }

  /** An interrupt was meant for the code that has ended; what follows asks the token. */
  private synchronized void end() {
    ended = true;
    Thread.interrupted();
  }
}
