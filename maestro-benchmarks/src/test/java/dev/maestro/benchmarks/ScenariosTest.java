package dev.maestro.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

@Timeout(600)
class ScenariosTest {

  static final List<String> NAMES = Scenarios.all().stream().map(Scenario::name).toList();

  static final List<String> IN_MEMORY =
      NAMES.stream().filter(name -> !StoreScenariosTest.NAMES.contains(name)).toList();

  @TempDir Path directory;

  @ParameterizedTest
  @FieldSource("IN_MEMORY")
  void everyScenarioGivesRowsForEveryContestant(String name) throws Exception {
    givesRowsForEveryContestant(name, directory);
  }

  static void givesRowsForEveryContestant(String name, Path directory) throws Exception {
    Scenario scenario = Scenarios.named(name);

    Referee referee = new Referee(scenario, Size.TINY);
    List<Row> rows = referee.play(directory);

    assertThat(referee.leftOut()).extracting(Contestant::name).isEmpty();
    assertThat(rows).extracting(Row::scenario).containsOnly(name);
    assertThat(rows).extracting(Row::contestant).contains("Maestro");
    assertThat(rows).allSatisfy(row -> assertThat(row.median()).isBetween(row.min(), row.max()));
    assertThat(rows)
        .allSatisfy(row -> assertThat(row.runs()).isEqualTo(scenario.rounds(Size.TINY)));
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void theTableNamesTheScenario(String name) {
    Row row = new Row(name, "Maestro", "us_per_step", "us", 1, 1, 1, 1);

    assertThat(Table.of(Scenarios.named(name), List.of(row))).contains(name, "us_per_step");
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void resultsAreAnArrayOfRows(String name) throws Exception {
    Row row = new Row(name, "Maestro", "us_per_step", "us", 2, 1, 3, 3);
    Path file = directory.resolve("results.json");

    Results.write(file, List.of(row, row));

    JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(file));
    assertThat(json.isArray()).isTrue();
    Iterator<String> fields = json.get(0).fieldNames();
    assertThat(fields)
        .toIterable()
        .containsExactly(
            "scenario", "contestant", "metric", "unit", "median", "min", "max", "runs");
    assertThat(Results.read(file)).containsExactly(row, row);
  }

  @Test
  void whatIsNotMeasuredAnewIsKept() throws Exception {
    Row first = new Row("engine-chain", "Maestro", "us_per_step", "us", 2, 1, 3, 3);
    Row second = new Row("durable-1", "Maestro", "steps_per_s", "1/s", 2, 1, 3, 3);
    Row anew = new Row("engine-chain", "Maestro", "us_per_step", "us", 5, 4, 6, 3);
    Path file = directory.resolve("results.json");
    Results.write(file, List.of(first, second));

    Results.replace(file, List.of(anew));

    assertThat(Results.read(file)).containsExactly(anew, second);
  }

  @Test
  void nothingIsSaidOfBytesWhenAThreadHasEnded() throws Exception {
    Allocation allocation = new Allocation();
    Thread thread = new Thread(() -> {});
    thread.start();
    thread.join();

    assertThat(allocation.reading("bytes", 1)).isEmpty();
  }
}
