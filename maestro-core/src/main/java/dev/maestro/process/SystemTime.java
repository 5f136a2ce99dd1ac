package dev.maestro.process;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machine's own clock. */
final class SystemTime implements Time {

  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1);
  private static final Duration LONGEST_DELAY = Duration.ofDays(36_500);

  // an action that takes longer is fenced off: it rings nobody any more
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final ScheduledThreadPoolExecutor alarms;
  // taken back while it was the next to ring, and left where it is; or null
  private final AtomicReference<@Nullable Scheduled> idle = new AtomicReference<>();
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
    return schedule(() -> ring(action), delay);
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

  /** {@return how often the thread is going to be called, as far as is known now} */
  int calls() {
    return alarms.getQueue().size();
  }

  private Registration schedule(Runnable action, Duration delay) {
    Duration bounded = delay.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : delay;
    long nanos = bounded.isNegative() ? 0 : bounded.toNanos();
    Call call = new Call(action);
    return new Scheduled(call, alarms.schedule(call, nanos, TimeUnit.NANOSECONDS));
  }

  private static void ring(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      // Nobody waits for an alarm, so nobody else would hear of it.
      log().error("An alarm failed", e);
    }
  }

  /** What the clock's thread is called for. */
  private final class Call implements Runnable {

    private volatile @Nullable Runnable action;
    private volatile boolean called;

    Call(Runnable action) {
      this.action = action;
    }

    @Override
    public void run() {
      called = true;
      letGo();
      Runnable wanted = action;
      if (wanted != null) {
        wanted.run();
      }
    }

    private void letGo() {
      Scheduled left = idle.get();
      if (left != null && left.call == this) {
        idle.compareAndSet(left, null);
      }
    }
  }

  /**
   * A call that may be taken back.
   *
   * <p>The thread sleeps until the next call. Were that taken out of the queue, the one after it
   * would be the next, and wake the thread only to have it sleep on; so it stays, and does nothing,
   * until another one does. Time limits are set and taken back with every step, and nearly none is
   * reached.
   */
  private final class Scheduled implements Registration {

    private final Call call;
    private final ScheduledFuture<?> future;

    Scheduled(Call call, ScheduledFuture<?> future) {
      this.call = call;
      this.future = future;
    }

    @Override
    public void close() {
      call.action = null;
      if (alarms.getQueue().peek() != future) {
        future.cancel(false);
        return;
      }
      Scheduled before = idle.getAndSet(this);
      if (before != null && before != this) {
        before.future.cancel(false);
      }
      if (call.called) {
        call.letGo();
      }
    }
  }

  /**
   * One alarm; it sleeps a minute at most at a time, so that a clock that jumps ahead is noticed.
   */
  private final class Alarm implements Registration {

    private final Instant instant;
    private final Runnable action;
    // guarded by this
    private @Nullable Registration next;
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
        next.close();
      }
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(SystemTime.class);
  }
}
