package dev.maestro.git;

import java.util.function.BooleanSupplier;

/**
 * Tries again for two seconds or so, for things that others hold for a moment; no longer than five
 * where a try waits by itself, as JGit does for the lock of packed refs.
 */
final class Patience {

  private static final int TRIES = 40;
  private static final long LONGEST_NAP_MILLIS = 60;
  private static final long LONGEST_NANOS = 5_000_000_000L;

  private Patience() {}

  /** {@return whether it came true} */
  static boolean until(BooleanSupplier happened) throws InterruptedException {
    long begun = System.nanoTime();
    for (int tried = 1; tried <= TRIES && System.nanoTime() - begun < LONGEST_NANOS; tried++) {
      if (happened.getAsBoolean()) {
        return true;
      }
      // uneven on purpose, so that two who collide do not collide again in step
      long nap = Math.min(LONGEST_NAP_MILLIS, tried * 2L);
      Thread.sleep(nap / 2 + (System.nanoTime() & 0xFFFF) % (nap / 2 + 1));
    }
    return false;
  }
}
