package dev.maestro.benchmarks;

import java.util.Arrays;
import java.util.List;

/**
 * A line of the table: how a contestant did in a scenario by one metric. Stored as JSON in the
 * order of its components.
 *
 * @param scenario which scenario
 * @param contestant who
 * @param metric of what
 * @param unit in what
 * @param median the middle of what was read
 * @param min the least
 * @param max the most
 * @param runs how often it was read
 */
record Row(
    String scenario,
    String contestant,
    String metric,
    String unit,
    double median,
    double min,
    double max,
    int runs) {

  /** Make one of readings of the same metric; at least one. */
  static Row of(String scenario, String contestant, List<Reading> readings) {
    Reading first = readings.get(0);
    double[] sorted = readings.stream().mapToDouble(Reading::value).sorted().toArray();
    return new Row(
        scenario,
        contestant,
        first.metric(),
        first.unit(),
        median(sorted),
        sorted[0],
        sorted[sorted.length - 1],
        sorted.length);
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[half]
        : Arrays.stream(sorted, half - 1, half + 1).sum() / 2;
  }
}
