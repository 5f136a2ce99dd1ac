package dev.maestro.process;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * How long something is waited for that is being cleaned up: a process that is to go, a thread that
 * is to end.
 *
 * <p>It is measured by a clock that nobody can move by hand or close, because what is to end must
 * end. But a machine that stands still, as one that is suspended or short of processors does, uses
 * up no patience: what is waited for stood still, too. So of the time between two looks no more
 * than a quarter of a second counts, and {@link #nanosToWait} says when to look again. For
 * everything else there is {@link Time}. Not safe for use by several threads.
 */
public final class Deadline {

  private static final long MOST_AT_ONCE = Duration.ofMillis(250).toNanos();
  private static final long PIECE = Duration.ofMillis(100).toNanos();

  private final LongSupplier clock;
  private long left;
  private long last;

  Deadline(Duration patience, LongSupplier clock) {
    this.clock = clock;
    this.left = patience.toNanos();
    this.last = clock.getAsLong();
  }

  /** {@return one that lies so far ahead of now} */
  public static Deadline in(Duration patience) {
    return new Deadline(patience, System::nanoTime);
  }

  /** {@return the nanoseconds until then; 0 when it has come} */
  public long nanosLeft() {
    long now = clock.getAsLong();
    left = Math.max(0, left - Math.min(now - last, MOST_AT_ONCE));
    last = now;
    return left;
  }

  /** {@return for how long to wait now, before one looks again; 0 when it has come} */
  public long nanosToWait() {
    return Math.min(nanosLeft(), PIECE);
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
    for (long piece = nanosToWait(); piece > 0 && condition.getAsBoolean(); piece = nanosToWait()) {
      try {
        step.waitFor(piece);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }
}
