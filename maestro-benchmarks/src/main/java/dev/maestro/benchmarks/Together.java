package dev.maestro.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;

/** Threads that are there before the clock runs, and share what is to be done. */
final class Together implements AutoCloseable {

  private final ThreadPoolExecutor threads;

  /** Start so many threads. */
  Together(int count) {
    threads = (ThreadPoolExecutor) Executors.newFixedThreadPool(count);
    threads.prestartAllCoreThreads();
  }

  /** Something that is done for each of several numbers. */
  @FunctionalInterface
  interface Numbered {

    /** Do it for this one. */
    void at(int number) throws Exception;
  }

  /** Do it for every number below {@code count}, in no order, and wait until all of it is done. */
  void each(int count, Numbered work) throws InterruptedException, ExecutionException {
    List<Future<?>> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int number = i;
      all.add(
          threads.submit(
              () -> {
                work.at(number);
                return null;
              }));
    }
    for (Future<?> one : all) {
      one.get();
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
