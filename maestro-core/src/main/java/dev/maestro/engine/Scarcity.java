package dev.maestro.engine;

import java.util.concurrent.locks.LockSupport;

/**
 * How long something is tried again for which there is no memory, or no thread: for half a second.
 * Whoever took it has failed by then, too, or keeps it.
 */
final class Scarcity {

  private static final int MOST_TRIES = 100;
  private static final long PAUSE_NANOS = 5_000_000;

  private Scarcity() {}

  /** Wait a little, unless that was the last try; {@return whether to try again} */
  static boolean allowsAnother(int tries) {
    if (tries >= MOST_TRIES) {
      return false;
    }
    LockSupport.parkNanos(PAUSE_NANOS);
    return true;
  }
}
