package dev.maestro.benchmarks;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The scenarios with stores, databases among them, beside those that {@link ScenariosTest} has. */
@Timeout(600)
class StoreScenariosTest {

  static final List<String> NAMES = List.of("durable-1", "durable-1000", "open-store", "growth");

  @TempDir Path directory;

  @ParameterizedTest
  @FieldSource("NAMES")
  void everyScenarioGivesRowsForEveryContestant(String name) throws Exception {
    ScenariosTest.givesRowsForEveryContestant(name, directory);
  }
}
