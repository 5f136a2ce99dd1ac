package dev.maestro.process;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The host's clock and its alarms; tests move one by hand.
 *
 * <p>An instant is for what outlives this JVM, a delay for what does not: {@link #at} follows the
 * wall clock even where it jumps, {@link #after} and {@link #uptime} never go back.
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

  /** Run the action once, when the delay is over; otherwise as {@link #at}. */
  default Registration after(Duration delay, Runnable action) {
    return at(instant().plus(delay), action);
  }

  /** {@return how much time has passed since some fixed moment; it never goes back} */
  default Duration uptime() {
    return Duration.between(Instant.EPOCH, instant());
  }

  /** Drop all alarms and end every thread; an alarm set later never rings. */
  @Override
  void close();

  /**
   * {@return the clock of this machine, with one daemon thread that starts with the first alarm}
   */
  static Time system() {
    return new SystemTime();
  }
}
