package dev.maestro.attempt;

import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.process.Registration;
import dev.maestro.process.Threads;
import dev.maestro.process.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends a launch in time, or when a rule says so, whatever its provider does about limits and
 * cancellation.
 *
 * <p>A provider that keeps to the limit itself says better why, so it comes first. One that does
 * not end when it is told to is interrupted.
 */
final class LaunchFrame implements AutoCloseable {

  private static final Duration SLACK = Duration.ofSeconds(10);

  private final Time time;
  private final Cancellation outer;
  private final CancellationSource cancellation = new CancellationSource();
  private final Thread thread = Thread.currentThread();
  // guarded by this
  private final List<Registration> registrations = new ArrayList<>();
  // guarded by this
  private boolean ended;
  private volatile boolean overrun;
  private volatile boolean stopped;

  LaunchFrame(Time time, Duration total, Cancellation outer) {
    this.time = time;
    this.outer = outer;
    keep(outer.onCancel(this::cancel));
    keep(time.after(total.plus(SLACK), this::overrun));
  }

  Cancellation cancellation() {
    return cancellation;
  }

  /** {@return whether the run has told it to end} */
  boolean isCancelled() {
    return outer.isCancelled();
  }

  /** {@return whether it was ended because it took too long} */
  boolean isOverrun() {
    return overrun;
  }

  /** Called by the clock. */
  private void overrun() {
    overrun = true;
    end();
  }

  /** {@return whether a rule has ended it} */
  boolean isStopped() {
    return stopped;
  }

  /** End it because a rule says so; called while the agent waits for an answer. */
  void stop() {
    stopped = true;
    end();
  }

  /**
   * Neither the agent nor the clock must wait for what a provider does when it is cancelled; that
   * it is cancelled they see at once.
   */
  private void end() {
    Threads.start("maestro-limit", cancelling(Cancellation.Mode.GRACEFUL));
  }

  private void cancel(Cancellation.Mode mode) {
    cancelling(mode).run();
  }

  private Runnable cancelling(Cancellation.Mode mode) {
    keep(time.after(SLACK, this::interrupt));
    return cancellation.cancelling(mode);
  }

  private synchronized void interrupt() {
    if (!ended) {
      thread.interrupt();
    }
  }

  private synchronized void keep(Registration registration) {
    if (ended) {
      registration.close();
    } else {
      registrations.add(registration);
    }
  }

  @Override
  public synchronized void close() {
    ended = true;
    registrations.forEach(Registration::close);
    if (overrun || stopped) {
      // an interrupt was meant for the provider, which has come back
      Thread.interrupted();
    }
  }
}
