package dev.maestro.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Counts what all threads allocate, from its making on. What a thread allocated is gone with it, so
 * nothing is said when one has ended meanwhile.
 */
final class Allocation {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long startedBefore = THREADS.getTotalStartedThreadCount();
  private final Set<Long> threadsBefore = threads();
  private final long before = allocated();

  /** {@return a reading of the bytes since, divided by this many; none where it is not known} */
  List<Reading> reading(String metric, long each) {
    long bytes = allocated() - before;
    Set<Long> threads = threads();
    long come = threads.stream().filter(id -> !threadsBefore.contains(id)).count();
    boolean ended =
        !threads.containsAll(threadsBefore)
            || THREADS.getTotalStartedThreadCount() - startedBefore > come;
    return ended ? List.of() : List.of(new Reading(metric, "B", (double) bytes / each));
  }

  private static Set<Long> threads() {
    return Arrays.stream(THREADS.getAllThreadIds()).boxed().collect(Collectors.toSet());
  }

  private static long allocated() {
    long[] bytes = THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds());
    return Arrays.stream(bytes).filter(some -> some > 0).sum();
  }
}
