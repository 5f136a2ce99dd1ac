package dev.maestro.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Plays one scenario in this JVM and writes its rows to a file: what {@link BenchmarksMain} starts
 * for each.
 */
public final class ScenarioMain {

  private ScenarioMain() {}

  /** Play the scenario of this name and size, and write to this file. */
  public static void main(String[] args) throws Exception {
    Scenario scenario = Scenarios.named(args[0]);
    Path directory = Files.createTempDirectory("maestro-benchmark");
    try {
      List<Row> rows = new Referee(scenario, Size.valueOf(args[1])).play(directory);
      Results.write(Path.of(args[2]), rows);
    } finally {
      Directories.delete(directory);
    }
    // what a peer leaves running must not keep the next one waiting
    System.exit(0);
  }
}
