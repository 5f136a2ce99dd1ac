package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whether a step costs the same in a long run as in a short one, and beside many runs as alone. */
final class GrowthScenario implements Scenario {

  private static final int SHORT = 1_000;
  private static final int CHAINS = 50;
  private static final int STEPS_OF_MANY = 10;
  private static final int SLOTS = 64;

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
    List<Reading> readings = new ArrayList<>();
    for (int steps = shortest; steps <= longest; steps *= 10) {
      double micros = length(steps, Math.max(steps, longest / 10), store, "run-" + steps);
      readings.add(new Reading("us_per_step_of_" + steps, "us", micros));
    }
    readings.add(growth(readings));
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

  /** The last tenth before the store holds so many runs: of ten times as many each time. */
  private static List<Reading> runs(int runs, StoreSource store) throws Exception {
    Pipeline pipeline = Shapes.chain(STEPS_OF_MANY);
    int window = Math.max(1, runs / 100);
    List<Reading> readings = new ArrayList<>();
    try (Maestro maestro = Shapes.maestro().store(store).slots(SLOTS).build();
        Together callers = new Together(SLOTS)) {
      complete(maestro, callers, pipeline, "warm", 0, runs / 20);
      int done = 0;
      for (int many = window; many <= runs; many *= 10) {
        complete(maestro, callers, pipeline, "run", done, many - window);
        long begin = System.nanoTime();
        complete(maestro, callers, pipeline, "run", many - window, many);
        double micros = (System.nanoTime() - begin) / 1e3 / window / STEPS_OF_MANY;
        readings.add(new Reading("us_per_step_at_run_" + many, "us", micros));
        done = many;
      }
    }
    readings.add(growth(readings));
    return readings;
  }

  private static void complete(
      Maestro maestro, Together callers, Pipeline pipeline, String id, int from, int to)
      throws Exception {
    callers.each(to - from, i -> Shapes.complete(maestro, pipeline, id + "-" + (from + i)));
  }

  /** How much more the last costs than the first. */
  private static Reading growth(List<Reading> readings) {
    double first = readings.get(0).value();
    double last = readings.get(readings.size() - 1).value();
    return new Reading("last_to_first", "x", last / first);
  }
}
