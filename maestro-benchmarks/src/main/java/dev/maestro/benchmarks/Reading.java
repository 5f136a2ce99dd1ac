package dev.maestro.benchmarks;

/**
 * What was read off once.
 *
 * @param metric of what, such as {@code us_per_step}
 * @param unit in what, such as {@code us}
 * @param value how much
 */
record Reading(String metric, String unit, double value) {

  static Reading microsPerStep(long nanos, long steps) {
    return new Reading("us_per_step", "us", nanos / 1e3 / steps);
  }

  static Reading nanosPerElement(long nanos, long elements) {
    return new Reading("ns_per_element", "ns", (double) nanos / elements);
  }

  static Reading stepsPerSecond(long nanos, long steps) {
    return new Reading("steps_per_s", "1/s", steps * 1e9 / nanos);
  }

  /** What the journal on the disk grew by, other than what was allocated. */
  static Reading journalBytesPerStep(long bytes, long steps) {
    return new Reading("journal_bytes_per_step", "B", (double) bytes / steps);
  }

  static Reading seconds(long nanos) {
    return new Reading("wall_s", "s", nanos / 1e9);
  }
}
