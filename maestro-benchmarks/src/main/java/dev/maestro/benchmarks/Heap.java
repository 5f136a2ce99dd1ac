package dev.maestro.benchmarks;

/** What is in use. */
final class Heap {

  private Heap() {}

  /** {@return how many bytes of the heap are reachable} */
  static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
