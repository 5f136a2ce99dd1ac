package dev.maestro.git;

import java.util.function.BooleanSupplier;

/** Tries again for two seconds at most, for things that others hold for a moment. */
final class Patience {

  private static final int TRIES = 40;
  private static final long LONGEST_NAP_MILLIS = 60;

  private Patience() {}

  /** {@return whether it came true} */
  static boolean until(BooleanSupplier happened) throws InterruptedException {
    for (int tried = 1; tried <= TRIES; tried++) {
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
