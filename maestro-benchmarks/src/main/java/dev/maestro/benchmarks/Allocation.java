package dev.maestro.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * Counts what all threads allocate, from its making on; what a thread that has ended meanwhile
 * allocated is missing.
 */
final class Allocation {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long before = allThreads();

  /** {@return how many bytes since} */
  long bytes() {
    return allThreads() - before;
  }

  private static long allThreads() {
    long[] bytes = THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds());
    return Arrays.stream(bytes).filter(some -> some > 0).sum();
  }
}
