package dev.maestro.process;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a child process last gave a sign of life, and an alarm for when that is too long ago.
 *
 * <p>A child is silent only while its pipes are empty. A reader that hands on lines cannot see its
 * pipe, so nothing is decided before it has come back to look. Safe for use by any number of
 * threads; the clock is never asked under the lock, since it may call under a lock of its own.
 */
final class Activity implements Registration {

  private final Time time;
  private final @Nullable Duration limit;
  private final Runnable alarm;
  // guarded by this
  private Duration last;
  // guarded by this
  private boolean moved;
  // guarded by this: readers that are handing on lines
  private int busy;
  // guarded by this: the alarm rang while a reader was busy
  private boolean overdue;
  // guarded by this
  private @Nullable Registration next;
  // guarded by this
  private boolean closed;

  Activity(Time time, @Nullable Duration limit, Runnable alarm) {
    this.time = time;
    this.limit = limit;
    this.alarm = alarm;
    this.last = time.uptime();
  }

  /** Begin to count silence. */
  void start() {
    sign();
    look();
  }

  /** A reader has read something and goes to hand it on. */
  void readerLeaves() {
    sign();
    synchronized (this) {
      busy++;
    }
  }

  /** A reader is back at its pipe, and sees whether more waits there. */
  void readerReturns(boolean moreWaits) {
    if (moreWaits) {
      sign();
    }
    boolean wasOverdue;
    synchronized (this) {
      busy--;
      wasOverdue = overdue && busy == 0;
    }
    if (wasOverdue) {
      look();
    }
  }

  /** {@return whether a reader is handing on lines} */
  synchronized boolean isReaderBusy() {
    return busy > 0;
  }

  /** {@return whether a reader is busy or there was a sign since this was last asked} */
  synchronized boolean movedSinceLastAsked() {
    boolean answer = moved || busy > 0;
    moved = false;
    return answer;
  }

  @Override
  public void close() {
    Registration pending;
    synchronized (this) {
      closed = true;
      pending = next;
    }
    if (pending != null) {
      pending.close();
    }
  }

  private void sign() {
    Duration now = time.uptime();
    synchronized (this) {
      last = now;
      moved = true;
    }
  }

  private void look() {
    if (limit == null) {
      return;
    }
    Duration now = time.uptime();
    Duration left;
    synchronized (this) {
      overdue = busy > 0;
      if (closed || overdue) {
        return;
      }
      left = limit.minus(now.minus(last));
    }
    if (left.isNegative() || left.isZero()) {
      alarm.run();
    } else {
      lookAgainAfter(left);
    }
  }

  private void lookAgainAfter(Duration left) {
    Registration set = time.after(left, this::look);
    synchronized (this) {
      next = set;
      if (!closed) {
        return;
      }
    }
    set.close();
  }
}
