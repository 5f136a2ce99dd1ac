package dev.maestro.process;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * A moment until which something is waited for that is being cleaned up: a process that is to go, a
 * thread that is to end.
 *
 * <p>It is measured by a clock that nobody can move by hand or close, because what is to end must
 * end. For everything else there is {@link Time}.
 */
public final class Deadline {

  private final long nanoTime;

  private Deadline(long nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** {@return the moment that lies so far ahead of now} */
  public static Deadline in(Duration patience) {
    return new Deadline(System.nanoTime() + patience.toNanos());
  }

  /** {@return the nanoseconds until then; 0 when it has come} */
  public long nanosLeft() {
    return Math.max(0, nanoTime - System.nanoTime());
  }

  /** A wait that may return early, and is then begun again with the time that is left. */
  @FunctionalInterface
  public interface Step {
    /** Wait no longer than this. */
    void waitFor(long nanos) throws InterruptedException;
  }

  /**
   * Wait while the condition holds, at most until then; an interrupt does not cut it short.
   *
   * @return whether this thread was interrupted meanwhile; its flag is cleared
   */
  public boolean waitWhile(BooleanSupplier condition, Step step) {
    boolean interrupted = false;
    for (long left = nanosLeft(); left > 0 && condition.getAsBoolean(); left = nanosLeft()) {
      try {
        step.waitFor(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }
}
