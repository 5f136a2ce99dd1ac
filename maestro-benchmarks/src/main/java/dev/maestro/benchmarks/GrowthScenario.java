package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.InMemoryStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whether a step costs the same in a long run as in a short one, and beside many runs as alone. */
final class GrowthScenario implements Scenario {

  private static final int SHORT = 1_000;
  private static final int STEPS_OF_MANY = 10;

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public String question() {
    return "time of a step in short and long runs, in memory, and in a store of few and many runs";
  }

  @Override
  public List<String> jvmOptions() {
    return List.of("-Xms4g", "-Xmx8g");
  }

  @Override
  public int warmups(Size size) {
    return size.of(0, 1, 1);
  }

  @Override
  public int rounds(Size size) {
    return size.of(1, 1, 3);
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) {
    List<Contestant> all = new ArrayList<>();
    all.add(Contestant.of("Maestro", () -> lengths(size.of(100, 10_000, 100_000))));
    all.add(Contestant.of("Maestro, many runs", () -> runs(size.of(20, 2_000, 20_000))));
    return all;
  }

  private static List<Reading> lengths(int longest) throws InterruptedException {
    List<Reading> readings = new ArrayList<>();
    for (int steps = Math.min(SHORT, longest); steps <= longest; steps *= 10) {
      // as many steps in all, whatever the length of a run
      readings.add(length(steps, longest / steps));
    }
    return readings;
  }

  private static Reading length(int steps, int repeats) throws InterruptedException {
    Pipeline pipeline = Shapes.chain(steps);
    try (Maestro maestro = Shapes.maestro().store(InMemoryStore.create()).build()) {
      long begin = System.nanoTime();
      for (int i = 0; i < repeats; i++) {
        Shapes.complete(maestro, pipeline, "run-" + i);
      }
      long nanos = System.nanoTime() - begin;
      return new Reading("us_per_step_of_" + steps, "us", nanos / 1e3 / ((long) steps * repeats));
    }
  }

  /** The first and the last tenth of many runs in one store. */
  private static List<Reading> runs(int runs) throws InterruptedException {
    Pipeline pipeline = Shapes.chain(STEPS_OF_MANY);
    int tenth = runs / 10;
    long first = 0;
    long last = 0;
    try (Maestro maestro = Shapes.maestro().store(InMemoryStore.create()).build()) {
      for (int i = 0; i < runs; i++) {
        long begin = System.nanoTime();
        Shapes.complete(maestro, pipeline, "run-" + i);
        long nanos = System.nanoTime() - begin;
        first += i < tenth ? nanos : 0;
        last += i >= runs - tenth ? nanos : 0;
      }
    }
    long steps = (long) tenth * STEPS_OF_MANY;
    return List.of(
        new Reading("us_per_step_in_first_tenth_of_" + runs, "us", first / 1e3 / steps),
        new Reading("us_per_step_in_last_tenth_of_" + runs, "us", last / 1e3 / steps));
  }
}
