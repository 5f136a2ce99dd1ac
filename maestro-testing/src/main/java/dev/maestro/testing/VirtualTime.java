package dev.maestro.testing;

import dev.maestro.process.Registration;
import dev.maestro.process.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands still until a test moves it.
 *
 * <p>Alarms ring in the order in which they are due, those due at the same moment in the order in
 * which they were set, and the clock shows that moment while they do. They ring one at a time on
 * one thread of the clock's own, as with the system's clock; whoever moves the clock waits for
 * them, so that everything that was due has happened when the move returns. An alarm that is due
 * when it is set rings at once. An alarm may itself set alarms and move the clock.
 *
 * <p>Safe for use by any number of threads.
 */
public final class VirtualTime implements Time {

  /** What a clock shows when a test does not care. */
  public static final Instant USUAL_START = Instant.parse("2026-01-01T00:00:00Z");

  private static final Comparator<Alarm> BY_MOMENT =
      Comparator.comparing(Alarm::moment).thenComparing(Alarm::number);

  private final ThreadPoolExecutor thread;
  private final Object lock = new Object();
  // all below guarded by lock; wall counts from the epoch
  private final PriorityQueue<Alarm> byWall = new PriorityQueue<>(BY_MOMENT);
  private final PriorityQueue<Alarm> byUptime = new PriorityQueue<>(BY_MOMENT);
  private Duration wall;
  private Duration uptime = Duration.ZERO;
  private long alarmsSet;
  private boolean closed;
  private @Nullable Thread current;

  private VirtualTime(Instant start) {
    wall = sinceEpoch(start);
    thread =
        new ThreadPoolExecutor(
            1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::newThread);
    thread.allowCoreThreadTimeOut(true);
  }

  /** {@return a clock that shows {@link #USUAL_START}} */
  public static VirtualTime create() {
    return startingAt(USUAL_START);
  }

  /** {@return a clock that shows this instant} */
  public static VirtualTime startingAt(Instant start) {
    return new VirtualTime(start);
  }

  private Thread newThread(Runnable work) {
    Thread made = new Thread(work, "maestro-virtual-time");
    made.setDaemon(true);
    synchronized (lock) {
      current = made;
    }
    return made;
  }

  @Override
  public Instant instant() {
    synchronized (lock) {
      return toInstant(wall);
    }
  }

  @Override
  public Registration at(Instant instant, Runnable action) {
    return set(byWall, sinceEpoch(instant), action);
  }

  @Override
  public Registration after(Duration delay, Runnable action) {
    return set(byUptime, uptime().plus(delay), action);
  }

  @Override
  public Duration uptime() {
    synchronized (lock) {
      return uptime;
    }
  }

  private Registration set(PriorityQueue<Alarm> alarms, Duration moment, Runnable action) {
    Alarm alarm;
    synchronized (lock) {
      alarm = new Alarm(moment, alarmsSet++, Objects.requireNonNull(action, "action"));
      if (closed) {
        return () -> {};
      }
      alarms.add(alarm);
      lock.notifyAll();
      if (left().isZero()) {
        thread.execute(() -> pass(Duration.ZERO));
      }
    }
    return () -> {
      synchronized (lock) {
        alarms.remove(alarm);
      }
    };
  }

  /**
   * Let so much time pass, and wait until every alarm that is due has rung.
   *
   * <p>An exception from an alarm is thrown here, and the clock stays at that alarm's moment.
   */
  public void advance(Duration amount) {
    if (amount.isNegative()) {
      throw new IllegalArgumentException("time passes forwards; use moveTo to set the clock back");
    }
    onThread(() -> pass(amount));
  }

  /**
   * Let time pass until the instant, as {@link #advance} does; an earlier one sets the clock back,
   * which rings nothing.
   */
  public void moveTo(Instant instant) {
    onThread(
        () -> {
          Duration distance = Duration.between(instant(), instant);
          if (distance.isNegative()) {
            jump(instant);
          } else {
            pass(distance);
          }
        });
  }

  /** Set the clock to any instant without any time passing, as an operator or a host does. */
  public void jumpTo(Instant instant) {
    onThread(
        () -> {
          jump(instant);
          pass(Duration.ZERO);
        });
  }

  /** {@return when the next alarm rings, if nobody sets the clock; empty when none is set} */
  public Optional<Instant> nextAlarm() {
    synchronized (lock) {
      return next() == null ? Optional.empty() : Optional.of(toInstant(wall.plus(left())));
    }
  }

  /**
   * Let time pass until the next alarm has rung.
   *
   * @return its instant, or empty when none is set and nothing happened
   */
  public Optional<Instant> advanceToNextAlarm() {
    Optional<Instant> next = nextAlarm();
    next.ifPresent(this::moveTo);
    return next;
  }

  /**
   * Wait, in real time, until some alarm is set.
   *
   * @return when the next one rings
   * @throws IllegalStateException when none is set within the patience
   */
  public Instant awaitAlarm(Duration patience) throws InterruptedException {
    synchronized (lock) {
      await(patience, () -> next() != null);
      return nextAlarm().orElseThrow();
    }
  }

  /**
   * Wait, in real time, until something is to happen at an instant, and set the clock to the first
   * such instant. No time passes for what is under way, so however slowly the machine gets on with
   * it, none of its limits rings.
   *
   * @throws IllegalStateException when nothing is to happen at any instant within the patience
   */
  void jumpToNextInstant(Duration patience) throws InterruptedException {
    Instant next;
    synchronized (lock) {
      await(patience, () -> !byWall.isEmpty());
      Duration first = byWall.element().moment();
      next = toInstant(first.compareTo(wall) > 0 ? first : wall);
    }
    jumpTo(next);
  }

  private void await(Duration patience, BooleanSupplier set) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (!set.getAsBoolean()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new IllegalStateException("nobody set an alarm within " + patience);
      }
      lock.wait(left);
    }
  }

  /** {@return how many alarms are set} */
  public int alarms() {
    synchronized (lock) {
      return byWall.size() + byUptime.size();
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      byWall.clear();
      byUptime.clear();
    }
    thread.shutdown();
  }

  private void jump(Instant instant) {
    synchronized (lock) {
      wall = sinceEpoch(instant);
    }
  }

  private void pass(Duration amount) {
    Duration end;
    synchronized (lock) {
      end = uptime.plus(amount);
    }
    for (Alarm due = takeUntil(end); due != null; due = takeUntil(end)) {
      due.action().run();
    }
  }

  /** {@return the next alarm, the clock moved there, or null and the clock moved to the end} */
  private @Nullable Alarm takeUntil(Duration end) {
    synchronized (lock) {
      Duration toEnd = notNegative(end.minus(uptime));
      Alarm next = next();
      if (next == null || left().compareTo(toEnd) > 0) {
        shift(toEnd);
        return null;
      }
      shift(left());
      byWall.remove(next);
      byUptime.remove(next);
      return next;
    }
  }

  private void shift(Duration amount) {
    wall = wall.plus(amount);
    uptime = uptime.plus(amount);
  }

  private @Nullable Alarm next() {
    Alarm first = byWall.peek();
    Alarm second = byUptime.peek();
    if (first == null || second == null) {
      return first == null ? second : first;
    }
    int order = leftOf(first, wall).compareTo(leftOf(second, uptime));
    return order < 0 || order == 0 && first.number() < second.number() ? first : second;
  }

  /** {@return how long it is until the next alarm; zero when it is due or none is set} */
  private Duration left() {
    Alarm next = next();
    return next == null ? Duration.ZERO : leftOf(next, next == byWall.peek() ? wall : uptime);
  }

  private static Duration leftOf(Alarm alarm, Duration clock) {
    return notNegative(alarm.moment().minus(clock));
  }

  private static Duration notNegative(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }

  private void onThread(Runnable move) {
    FutureTask<?> task = new FutureTask<>(move, null);
    if (isOwnThread() || !hand(task)) {
      task.run();
    }
    await(task);
  }

  private boolean isOwnThread() {
    synchronized (lock) {
      return Thread.currentThread() == current;
    }
  }

  /** {@return whether the clock's thread took the work; it takes none once it is closed} */
  private boolean hand(Runnable task) {
    try {
      thread.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private static void await(Future<?> task) {
    try {
      task.get();
    } catch (ExecutionException e) {
      throw sneak(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while alarms rang", e);
    }
  }

  private static RuntimeException sneak(@Nullable Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  private static Duration sinceEpoch(Instant instant) {
    return Duration.between(Instant.EPOCH, instant);
  }

  private static Instant toInstant(Duration sinceEpoch) {
    return Instant.EPOCH.plus(sinceEpoch);
  }

  /** One alarm; its moment counts on the clock that it is set by. */
  private record Alarm(Duration moment, long number, Runnable action) {}
}
