package dev.maestro.process;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machine's own clock. */
final class SystemTime implements Time {

  private static final Logger LOG = LoggerFactory.getLogger(SystemTime.class);
  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1);
  private static final Duration LONGEST_DELAY = Duration.ofDays(36_500);

  // an action that takes longer is fenced off: it rings nobody any more
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final ScheduledThreadPoolExecutor alarms;
  // begun with the first alarm, and once more after an action that threw an error
  private volatile @Nullable Thread thread;

  SystemTime() {
    alarms = new ScheduledThreadPoolExecutor(1, this::begin);
    alarms.setRemoveOnCancelPolicy(true);
    alarms.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    // An alarm that meets the closing clock is dropped like all others.
    alarms.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
  }

  private Thread begin(Runnable work) {
    Thread begun = Threads.platform("maestro-time", work);
    thread = begun;
    return begun;
  }

  @Override
  public Instant instant() {
    return Instant.now();
  }

  @Override
  public Duration uptime() {
    return Duration.ofNanos(System.nanoTime());
  }

  @Override
  public Registration at(Instant instant, Runnable action) {
    Alarm alarm = new Alarm(instant, action);
    alarm.sleep();
    return alarm;
  }

  @Override
  public Registration after(Duration delay, Runnable action) {
    ScheduledFuture<?> alarm = schedule(() -> ring(action), delay);
    return () -> alarm.cancel(false);
  }

  @Override
  public void close() {
    alarms.shutdownNow();
    Thread ending = thread;
    if (ending != null && ending != Thread.currentThread()) {
      boolean interrupted =
          Deadline.in(PATIENCE)
              .waitWhile(ending::isAlive, nanos -> TimeUnit.NANOSECONDS.timedJoin(ending, nanos));
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private ScheduledFuture<?> schedule(Runnable action, Duration delay) {
    Duration bounded = delay.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : delay;
    long nanos = bounded.isNegative() ? 0 : bounded.toNanos();
    return alarms.schedule(action, nanos, TimeUnit.NANOSECONDS);
  }

  private static void ring(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      // Nobody waits for an alarm, so nobody else would hear of it.
      LOG.error("An alarm failed", e);
    }
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
      if (closed) {
        return;
      }
      Duration left = Duration.between(instant(), instant);
      next = schedule(this::wake, left.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP : left);
    }

    private void wake() {
      if (instant().isBefore(instant)) {
        sleep();
      } else {
        ring(action);
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
