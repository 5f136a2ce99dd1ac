package dev.maestro.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A thousand runs at once, each of whose steps is on the disk before its next begins. */
final class DurableMany implements Scenario {

  private static final int RUNS = 1_000;

  // as the requests of an application would
  private static final int CALLERS = 64;

  @Override
  public String name() {
    return "durable-1000";
  }

  @Override
  public String question() {
    return "1,000 runs at once, each step on the disk before the next of its run begins";
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) throws Exception {
    int runs = size.of(20, RUNS, RUNS);
    int steps = size.of(3, 20, 100);
    JournaledMaestro maestro =
        new JournaledMaestro(directory.resolve("maestro"), runs, steps, CALLERS);
    int record = maestro.bytesPerStep();
    List<Contestant> all = new ArrayList<>();
    all.add(maestro);
    all.add(
        new ForcedFile(
            "append, force for all runs", directory.resolve("bare"), record, steps, runs, true));
    all.add(new SqliteSteps(directory.resolve("sqlite"), record, runs, size.of(3, 5, 20)));
    all.add(new RocksSteps(directory.resolve("rocks"), record, runs, steps));
    all.add(new DbosSteps(directory.resolve("postgres"), runs, size.of(3, 5, 10), CALLERS));
    return all;
  }
}
