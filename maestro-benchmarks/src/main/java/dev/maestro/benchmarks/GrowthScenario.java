package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Whether a step costs the same in a long run as in a short one, and beside many runs as alone. */
final class GrowthScenario implements Scenario {

  private static final int SHORT = 1_000;
  private static final int CHAINS = 50;
  private static final int STEPS_OF_MANY = 10;
  private static final int SLOTS = 64;

  // each figure but the one that takes longest is a median of so many
  private static final int TIMES = 3;

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public String question() {
    return "time of a step in short and long runs, and in a store of few and many runs";
  }

  @Override
  public List<String> jvmOptions() {
    return List.of("-Xms8g", "-Xmx8g");
  }

  @Override
  public int warmups(Size size) {
    // each contestant begins with what is short
    return 0;
  }

  @Override
  public int rounds(Size size) {
    return 1;
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) {
    int longest = size.of(200, 100_000, 1_000_000);
    int runs = size.of(20, 10_000, 100_000);
    Path store = directory.resolve("store");
    return List.of(
        Contestant.of("Maestro, in memory", () -> lengths(longest, InMemoryStore.create())),
        Contestant.of("Maestro", () -> emptied(store, () -> lengths(longest, FileStore.at(store)))),
        Contestant.of(
            "Maestro, many runs", () -> emptied(store, () -> runs(runs, FileStore.at(store)))));
  }

  private static List<Reading> emptied(Path store, Contestant.Work work) throws Exception {
    try {
      return work.round();
    } finally {
      Directories.delete(store);
    }
  }

  // ------------------------------------------------------------------ one run

  private static List<Reading> lengths(int longest, StoreSource store) throws Exception {
    int shortest = Math.min(SHORT, longest / 10);
    // the compiler has seen all of it before the first one counts
    length(shortest, longest / 10, store, "warm");
    Map<Integer, List<Double>> micros = new TreeMap<>();
    for (int time = 0; time < TIMES; time++) {
      for (int steps = shortest; steps < longest; steps *= 10) {
        double one = length(steps, Math.max(steps, longest / 10), store, time + "-" + steps);
        micros.computeIfAbsent(steps, first -> new ArrayList<>()).add(one);
      }
    }
    // takes as long as all the others
    micros.put(longest, List.of(length(longest, longest, store, "longest")));
    return readings("us_per_step_of_", micros);
  }

  /** The median of each, and how much more the dearest costs than the cheapest. */
  private static List<Reading> readings(String metric, Map<Integer, List<Double>> micros) {
    List<Reading> readings = new ArrayList<>();
    micros.forEach(
        (size, some) -> {
          List<Double> sorted = some.stream().sorted().toList();
          readings.add(new Reading(metric + size, "us", sorted.get(sorted.size() / 2)));
        });
    DoubleSummaryStatistics all = readings.stream().mapToDouble(Reading::value).summaryStatistics();
    readings.add(new Reading("most_to_least", "x", all.getMax() / all.getMin()));
    return readings;
  }

  /** So many steps in all, whatever the length of a run. */
  private static double length(int steps, int all, StoreSource store, String id)
      throws InterruptedException {
    int chains = Math.min(CHAINS, steps);
    Pipeline pipeline = Shapes.chains(chains, steps / chains);
    System.gc();
    try (Maestro maestro = Shapes.maestro().store(store).slots(SLOTS).build()) {
      int repeats = all / steps;
      long begin = System.nanoTime();
      for (int i = 0; i < repeats; i++) {
        Shapes.complete(maestro, pipeline, id + "-" + i);
      }
      return (System.nanoTime() - begin) / 1e3 / ((double) steps * repeats);
    }
  }

  // ------------------------------------------------------------------ many runs

  /** Some runs after each other, before the store holds so many: ten times as many each time. */
  private static List<Reading> runs(int runs, StoreSource store) throws Exception {
    Pipeline pipeline = Shapes.chain(STEPS_OF_MANY);
    int window = Math.max(1, runs / 300);
    Map<Integer, List<Double>> micros = new TreeMap<>();
    try (Maestro maestro = Shapes.maestro().store(store).slots(SLOTS).build();
        Together callers = new Together(SLOTS)) {
      complete(maestro, callers, pipeline, "warm", 0, runs / 20);
      int done = 0;
      for (int many = Math.max(TIMES, runs / 100); many <= runs; many *= 10) {
        complete(maestro, callers, pipeline, "run", done, many - TIMES * window);
        for (int from = many - TIMES * window; from < many; from += window) {
          long begin = System.nanoTime();
          complete(maestro, callers, pipeline, "run", from, from + window);
          double one = (System.nanoTime() - begin) / 1e3 / window / STEPS_OF_MANY;
          micros.computeIfAbsent(many, first -> new ArrayList<>()).add(one);
        }
        done = many;
      }
    }
    return readings("us_per_step_at_run_", micros);
  }

  private static void complete(
      Maestro maestro, Together callers, Pipeline pipeline, String id, int from, int to)
      throws Exception {
    callers.each(to - from, i -> Shapes.complete(maestro, pipeline, id + "-" + (from + i)));
  }
}
