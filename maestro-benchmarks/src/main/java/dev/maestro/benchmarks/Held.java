package dev.maestro.benchmarks;

import java.util.List;

/**
 * What is in use at a moment; virtual threads are not listed by the JVM.
 *
 * @param threads platform threads
 * @param bytes reachable bytes of the heap
 */
record Held(int threads, long bytes) {

  static Held now() {
    return new Held(Thread.getAllStackTraces().size(), Heap.used());
  }

  List<Reading> readings(Held before, int agents) {
    return List.of(
        new Reading("platform_threads", "", Math.max(0, threads - before.threads)),
        new Reading(
            "heap_bytes_per_task", "B", Math.max(0, (double) (bytes - before.bytes) / agents)));
  }
}
