package dev.maestro.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Tasks that begin to wait one after another, in real time and at a steady pace, and so are due one
 * after another: reads off what each takes of the heap once all of them wait, and how late each
 * goes on.
 */
final class Waiting {

  private static final int A_SECOND = 1_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final int tasks;
  private final Duration rest;
  private final Duration pause;
  // each slot is written by the one thread that its task has at that moment
  private final long[] dueAt;
  private final long[] lateBy;
  private final CountDownLatch left;

  /**
   * Let so many tasks wait.
   *
   * @param rest how long nothing happens between the beginning of the last and the end of the first
   */
  Waiting(int tasks, Duration rest) {
    this.tasks = tasks;
    this.rest = rest;
    this.pause = Duration.ofMillis(1_000L * tasks / A_SECOND).plus(rest);
    this.dueAt = new long[tasks];
    this.lateBy = new long[tasks];
    this.left = new CountDownLatch(tasks);
  }

  /** {@return how long each task waits} */
  Duration pause() {
    return pause;
  }

  /** Note that the task begins to wait now. */
  void begins(int task) {
    dueAt[task] = System.nanoTime() + pause.toNanos();
  }

  /** Note that the task has waited. */
  void goesOn(int task) {
    lateBy[task] = System.nanoTime() - dueAt[task];
    left.countDown();
  }

  /** Start the tasks, by so many threads, wait until all of them went on, and read it off. */
  List<Reading> play(int threads, Together.Numbered start) throws Exception {
    long heap = Heap.used();
    long begin = System.nanoTime();
    try (Together starters = new Together(threads)) {
      starters.each(
          tasks,
          task -> {
            sleepUntil(begin + TimeUnit.SECONDS.toNanos(task) / A_SECOND);
            start.at(task);
          });
    }
    // the last ones have a moment to lie down
    LockSupport.parkNanos(rest.dividedBy(3).toNanos());
    long bytes = Heap.used() - heap;
    List<Reading> readings = new ArrayList<>();
    if (left.getCount() == tasks) {
      readings.add(new Reading("heap_bytes_per_task", "B", (double) bytes / tasks));
    } else {
      System.err.println("The machine is too busy: some went on before all of them waited.");
    }
    if (!left.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new TimeoutException(left.getCount() + " of " + tasks + " tasks never went on");
    }
    Arrays.sort(lateBy);
    readings.add(new Reading("late_p50_ms", "ms", lateBy[tasks / 2] / 1e6));
    readings.add(new Reading("late_p99_ms", "ms", lateBy[tasks - 1 - tasks / 100] / 1e6));
    return readings;
  }

  /** Sleep, in real time: whatever wakes up early goes on sleeping. */
  static void sleepUntil(long nanoTime) {
    for (long left = nanoTime - System.nanoTime();
        left > 0 && !Thread.currentThread().isInterrupted();
        left = nanoTime - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
