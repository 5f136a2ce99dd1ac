package dev.maestro.process;

import java.time.Instant;
import java.time.InstantSource;

/**
 * The host's clock and its alarms; tests move one by hand.
 *
 * <p>Safe for use by any number of threads.
 */
public interface Time extends InstantSource, AutoCloseable {

  /**
   * Run the action once, as soon as this clock shows the instant or a later one.
   *
   * <p>The action runs on a thread of the clock's own and must not block. Closing the registration
   * takes the alarm back, unless it is running already.
   */
  Registration at(Instant instant, Runnable action);

  /** Drop all alarms and end every thread. */
  @Override
  void close();

  /**
   * {@return the clock of this machine, with one daemon thread that starts with the first alarm}
   */
  static Time system() {
    return new SystemTime();
  }
}
