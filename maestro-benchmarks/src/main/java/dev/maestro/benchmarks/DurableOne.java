package dev.maestro.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One run whose every step is on the disk before the next begins. */
final class DurableOne implements Scenario {

  @Override
  public String name() {
    return "durable-1";
  }

  @Override
  public String question() {
    return "one run, each step on the disk before the next begins";
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) throws Exception {
    int steps = size.of(20, 1_000, 3_000);
    JournaledMaestro maestro = new JournaledMaestro(directory.resolve("maestro"), 1, steps, 1);
    int record = maestro.bytesPerStep();
    List<Contestant> all = new ArrayList<>();
    all.add(maestro);
    all.add(new ForcedFile("append + force", directory.resolve("bare"), record, steps, 1, false));
    all.add(
        new ForcedFile(
            "append + force, preallocated", directory.resolve("written"), record, steps, 1, true));
    all.add(new SqliteSteps(directory.resolve("sqlite"), record, 1, steps));
    all.add(new RocksSteps(directory.resolve("rocks"), record, 1, steps));
    all.add(new DbosSteps(directory.resolve("postgres"), 1, size.of(20, 500, 1_000), 1));
    return all;
  }
}
