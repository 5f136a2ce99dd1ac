package dev.maestro.process;

import java.time.Duration;

/**
 * When a child process last gave a sign of life.
 *
 * <p>While its listener is at work the child may be waiting for us, so that time is not counted as
 * silence. Safe for use by any number of threads.
 */
final class Activity {

  private final Time time;
  // guarded by this
  private Duration last;
  // guarded by this
  private boolean moved;
  // guarded by this
  private boolean listenerBusy;

  Activity(Time time) {
    this.time = time;
    this.last = time.uptime();
  }

  synchronized void sign() {
    last = time.uptime();
    moved = true;
  }

  synchronized void listenerBegins() {
    listenerBusy = true;
  }

  synchronized void listenerEnds() {
    listenerBusy = false;
    sign();
  }

  /** {@return whether the listener is at work} */
  synchronized boolean isListenerBusy() {
    return listenerBusy;
  }

  /** {@return how long the child has been silent} */
  synchronized Duration silence() {
    return listenerBusy ? Duration.ZERO : time.uptime().minus(last);
  }

  /** {@return whether the listener is at work or there was a sign since this was last asked} */
  synchronized boolean movedSinceLastAsked() {
    boolean answer = moved || listenerBusy;
    moved = false;
    return answer;
  }
}
