package dev.maestro.benchmarks;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What Maestro is meant to reach in a scenario.
 *
 * @param scenario where it is measured
 * @param what is measured, in words
 * @param measure the figure
 * @param limit the most, or the least, that it may be
 * @param isMost whether the limit is the most
 * @param unit what it is counted in
 */
record Goal(
    String scenario, String what, Measure measure, double limit, boolean isMost, String unit) {

  private static final String MAESTRO = "Maestro";
  private static final String FLOOR = "int arrays (floor)";
  private static final String NANOS = "ns_per_element";
  private static final String MICROS = "us_per_step";
  private static final String BYTES = "bytes_per_step";
  private static final String RATE = "steps_per_s";
  private static final String HEAP = "heap_bytes_per_task";
  private static final String GROWTH = "most_to_least";

  private static final String RULES = "Maestro, rules";
  private static final String CALL = "ns_per_call";

  /** Every goal there is, in the order of the scenarios. */
  static final List<Goal> ALL =
      List.of(
          most(
              "resolve-1m",
              "time beside int arrays, 1,000,000 tasks",
              "x",
              1.5,
              over(NANOS, FLOOR)),
          least(
              "resolve-1m",
              "faster than JGraphT, 1,000,000 tasks",
              "x",
              6,
              under(NANOS, "JGraphT")),
          least(
              "resolve-1m",
              "faster than JGraphT, 100,000 tasks",
              "x",
              10,
              under(NANOS + "_100k", "JGraphT")),
          least(
              "resolve-1m",
              "faster than JGraphT, 10,000 tasks",
              "x",
              10,
              under(NANOS + "_10k", "JGraphT")),
          most(
              "resolve-1m",
              "allocated for each task and dependency",
              "B",
              40,
              own("bytes_per_element")),
          most("engine-chain", "time of a step", "us", 2, own(MICROS)),
          most("engine-chain", "allocated for a step", "B", 2_000, own(BYTES)),
          most("engine-fanout", "time of a step", "us", 2.5, own(MICROS)),
          most("engine-fanout", "allocated for a step", "B", 2_000, own(BYTES)),
          least("durable-1", "rate beside append + force", "x", 0.9, over(RATE, "append + force")),
          least("durable-1", "rate beside SQLite", "x", 1, over(RATE, "SQLite")),
          most("durable-1", "journal of a step", "B", 600, own("journal_bytes_per_step")),
          least("durable-1000", "steps a second", "1/s", 150_000, own(RATE)),
          least("durable-1000", "rate beside DBOS", "x", 30, over(RATE, "DBOS Transact")),
          least("durable-1000", "rate beside RocksDB", "x", 3, over(RATE, "RocksDB")),
          most("waiting-100k", "heap of a task, retry timers", "B", 500, own(HEAP)),
          most(
              "waiting-100k",
              "heap of a task, approvals",
              "B",
              500,
              of("Maestro, approvals", HEAP)),
          most("waiting-100k", "lateness of a timer, p99", "ms", 60, own("late_p99_ms")),
          most("policies", "four interceptors round a step", "ns", 1_000, own("ns_per_call")),
          most(
              "policies",
              "four policies beside Resilience4j",
              "x",
              1,
              ratio(of(RULES, CALL), of("Resilience4j", CALL))),
          most(
              "policies",
              "four policies with a time limit",
              "ns",
              500,
              of("Maestro, rules with time limit", CALL)),
          most("policies", "the whole stack", "ns", 1_000, of("Maestro, the whole stack", CALL)),
          most("startup", "time beside LangGraph4j", "x", 1.5, over("wall_s", "LangGraph4j")),
          most("open-store", "opening", "s", 3, own("wall_s")),
          most("open-store", "first dispatch after that", "s", 0.3, own("first_dispatch_s")),
          most(
              "growth",
              "a step in runs of 1,000 to 1,000,000, on the disk, dearest beside cheapest",
              "x",
              1.2,
              own(GROWTH)),
          most("growth", "the same in memory", "x", 1.2, of("Maestro, in memory", GROWTH)),
          most(
              "growth",
              "a step in a store of 1,000 to 100,000 runs, dearest beside cheapest",
              "x",
              1.2,
              of("Maestro, many runs", GROWTH)));

  /** A figure, or none when it was not measured. */
  @FunctionalInterface
  interface Measure {

    /** Take it from the rows of one scenario. */
    OptionalDouble of(List<Row> rows);
  }

  /** {@return the figure, or none when it was not measured} */
  OptionalDouble measured(List<Row> rows) {
    return measure.of(rows.stream().filter(row -> row.scenario().equals(scenario)).toList());
  }

  /** {@return whether that is good enough} */
  boolean isMet(double measured) {
    return isMost ? measured <= limit : measured >= limit;
  }

  private static Goal most(
      String scenario, String what, String unit, double limit, Measure measure) {
    return new Goal(scenario, what, measure, limit, true, unit);
  }

  private static Goal least(
      String scenario, String what, String unit, double limit, Measure measure) {
    return new Goal(scenario, what, measure, limit, false, unit);
  }

  private static Measure own(String metric) {
    return of(MAESTRO, metric);
  }

  private static Measure of(String contestant, String metric) {
    return rows ->
        rows.stream()
            .filter(row -> row.contestant().equals(contestant) && row.metric().equals(metric))
            .mapToDouble(Row::median)
            .findFirst();
  }

  /** Maestro's figure, divided by that of another. */
  private static Measure over(String metric, String other) {
    return ratio(own(metric), of(other, metric));
  }

  /** The figure of another, divided by Maestro's. */
  private static Measure under(String metric, String other) {
    return ratio(of(other, metric), own(metric));
  }

  private static Measure ratio(Measure above, Measure below) {
    return rows -> {
      OptionalDouble dividend = above.of(rows);
      OptionalDouble divisor = below.of(rows);
      return dividend.isPresent() && divisor.isPresent()
          ? OptionalDouble.of(dividend.getAsDouble() / divisor.getAsDouble())
          : OptionalDouble.empty();
    };
  }
}
