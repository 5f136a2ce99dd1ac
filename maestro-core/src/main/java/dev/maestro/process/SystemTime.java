package dev.maestro.process;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The machine's own clock. */
final class SystemTime implements Time {

  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1);

  private final ScheduledThreadPoolExecutor alarms;

  SystemTime() {
    alarms =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "maestro-time");
              thread.setDaemon(true);
              return thread;
            });
    alarms.setRemoveOnCancelPolicy(true);
    alarms.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public Instant instant() {
    return Instant.now();
  }

  @Override
  public Registration at(Instant instant, Runnable action) {
    Alarm alarm = new Alarm(instant, action);
    alarm.sleep();
    return alarm;
  }

  @Override
  public void close() {
    alarms.shutdownNow();
  }

  /**
   * One alarm; it sleeps a minute at most at a time, so that a clock that jumps ahead is noticed.
   */
  private final class Alarm implements Registration {

    private final Instant instant;
    private final Runnable action;
    // guarded by this
    private @Nullable ScheduledFuture<?> next;
    // guarded by this
    private boolean closed;

    Alarm(Instant instant, Runnable action) {
      this.instant = instant;
      this.action = action;
    }

    synchronized void sleep() {
      if (closed || alarms.isShutdown()) {
        return;
      }
      Duration left = Duration.between(instant(), instant);
      Duration nap = left.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP : left;
      next = alarms.schedule(this::wake, Math.max(0, nap.toNanos()), TimeUnit.NANOSECONDS);
    }

    private void wake() {
      if (instant().isBefore(instant)) {
        sleep();
      } else {
        action.run();
      }
    }

    @Override
    public synchronized void close() {
      closed = true;
      if (next != null) {
        next.cancel(false);
      }
    }
  }
}
