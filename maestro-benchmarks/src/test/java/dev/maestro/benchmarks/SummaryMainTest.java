package dev.maestro.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryMainTest {

  private static final Row ROW =
      new Row("durable-1", "SQLite", "steps_per_s", "1/s", 8_600, 8_000, 9_100, 15);

  @TempDir Path directory;

  @Test
  void theTableStandsBetweenTheMarkers() throws Exception {
    Path json = directory.resolve("performance.json");
    Path page = directory.resolve("performance.md");
    Results.write(json, List.of(ROW));
    Files.writeString(
        page, "before\n<!-- begin: SummaryMain -->\nold\n<!-- end: SummaryMain -->\nafter\n");

    SummaryMain.main(new String[] {json.toString(), page.toString()});

    assertThat(page)
        .content()
        .startsWith("before\n")
        .endsWith("after\n")
        .doesNotContain("old")
        .contains("| `durable-1` | SQLite | `steps_per_s` | 8,600 | 8,000 | 9,100 | 1/s | 15 |");
  }

  @Test
  void theGoalsStandBesideWhatWasMeasured() {
    Row slow = new Row("durable-1", "Maestro", "steps_per_s", "1/s", 4_300, 4_000, 4_400, 15);

    String table = SummaryMain.goals(List.of(slow, ROW));

    assertThat(table)
        .contains("| `durable-1` | rate beside SQLite | ≥ 1.00 x | 0.500 x | **no** |")
        .contains("| `startup` | time beside LangGraph4j | ≤ 1.50 x |  | not measured |");
  }

  @Test
  void everyGoalBelongsToAScenario() {
    assertThat(Goal.ALL).extracting(Goal::scenario).isSubsetOf(ScenariosTest.NAMES);
  }

  @Test
  void aPageWithoutMarkersIsRefused() {
    assertThatThrownBy(() -> SummaryMain.replaced("no place", "table"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thePublishedPageHasAPlaceForTheTable() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "performance.md"));

    assertThat(SummaryMain.replaced(page, "table")).contains("table");
  }
}
