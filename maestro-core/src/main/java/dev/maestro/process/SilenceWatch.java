package dev.maestro.process;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An alarm that rings when a child process has been silent for too long. */
final class SilenceWatch implements Registration {

  private final Time time;
  private final Activity activity;
  private final Duration limit;
  private final Runnable alarm;
  // guarded by this
  private @Nullable Registration next;
  // guarded by this
  private boolean closed;

  SilenceWatch(Time time, Activity activity, Duration limit, Runnable alarm) {
    this.time = time;
    this.activity = activity;
    this.limit = limit;
    this.alarm = alarm;
    look();
  }

  private synchronized void look() {
    if (closed) {
      return;
    }
    Duration left = limit.minus(activity.silence());
    if (left.isNegative() || left.isZero()) {
      alarm.run();
    } else {
      next = time.after(left, this::look);
    }
  }

  @Override
  public void close() {
    Registration last;
    synchronized (this) {
      closed = true;
      last = next;
    }
    // Outside the lock: the clock may be about to call look() under a lock of its own.
    if (last != null) {
      last.close();
    }
  }
}
