package dev.maestro.process;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * A token that says whether work should stop, and how urgently.
 *
 * <p>Safe for use by any number of threads. Not to be implemented elsewhere; make one with {@link
 * CancellationSource}.
 */
public sealed interface Cancellation permits CancellationSource {

  /** How urgently work has to stop. */
  enum Mode {
    /** A child process has five seconds to save its session. */
    GRACEFUL,
    /** TERM at once and KILL after half a second. */
    EMERGENCY
  }

  /** {@return a token that never asks to stop} */
  static Cancellation never() {
    return new CancellationSource();
  }

  /** {@return whether work should stop} */
  default boolean isCancelled() {
    return mode().isPresent();
  }

  /** {@return how urgently work should stop, or empty while it may go on} */
  Optional<Mode> mode();

  /**
   * Call the action when cancelled, and once more when a graceful stop becomes an emergency.
   *
   * <p>The action runs on the cancelling thread, or on this one when it is cancelled already; it
   * must not block.
   */
  Registration onCancel(Consumer<Mode> action);
}
