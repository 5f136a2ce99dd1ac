package dev.maestro.task;

import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TransitionsTest {

  private static final String BEGIN = "<!-- begin: Transitions.mermaid() -->";
  private static final String END = "<!-- end: Transitions.mermaid() -->";

  /**
   * DESIGN section 5, without what ADR 62 takes from it, read the other way: a row is a state, a
   * column where it can go to.
   */
  private static final String TABLE =
      """
                         PEN PLA AWA RUN TES REA VER FAI RET PAU BLO INT COM SKI CAN
      PENDING             .   x   x   x   .   .   .   .   .   x   x   .   .   x   x
      PLANNING            x   .   x   x   .   .   .   x   .   x   x   x   .   .   x
      AWAITING_APPROVAL   x   x   .   x   x   .   x   x   x   .   .   .   .   .   x
      RUNNING             .   .   x   .   x   .   .   x   .   x   x   x   .   .   x
      TESTING             .   .   x   .   .   x   x   x   .   x   .   x   .   .   x
      READY_FOR_REVIEW    .   .   .   .   .   .   x   x   x   .   .   .   .   .   x
      VERIFIED            .   .   x   .   .   .   .   x   .   x   x   x   x   .   x
      FAILED              x   .   x   .   .   .   .   .   x   .   .   .   .   .   x
      RETRYING            .   .   x   .   x   .   .   x   .   x   x   x   .   .   x
      PAUSED              x   x   .   x   x   .   x   x   x   .   .   x   .   .   x
      BLOCKED             x   .   .   x   .   .   x   x   x   .   .   .   .   x   x
      INTERRUPTED         x   x   x   x   x   .   x   x   x   .   .   .   .   .   x
      COMPLETED           .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
      SKIPPED             .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
      CANCELLED           .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
      """;

  @Test
  void theTableIsTheDesigns() {
    List<List<String>> rows =
        TABLE.lines().map(line -> List.of(line.strip().split("\\s+"))).toList();
    List<TaskState> columns =
        rows.get(0).stream().map(TransitionsTest::stateThatBeginsWith).toList();

    assertThat(columns).containsExactlyInAnyOrder(TaskState.values());
    assertThat(rows).hasSize(16);
    for (List<String> row : rows.subList(1, rows.size())) {
      List<TaskState> to = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        if (row.get(i + 1).equals("x")) {
          to.add(columns.get(i));
        }
      }
      TaskState from = TaskState.valueOf(row.get(0));
      assertThat(Transitions.from(from))
          .as("from %s", from)
          .containsExactlyInAnyOrderElementsOf(to);
    }
  }

  private static TaskState stateThatBeginsWith(String letters) {
    return Stream.of(TaskState.values())
        .filter(state -> state.name().startsWith(letters))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aMoveIsAllowedWhenTheTableHasIt() {
    assertThat(Transitions.allows(PENDING, RUNNING)).isTrue();
    assertThat(Transitions.allows(FAILED, TESTING)).isFalse();
    assertThat(Transitions.allows(COMPLETED, RETRYING)).isFalse();
  }

  @Test
  void noMoveLeadsOutOfAFinalState() {
    assertThat(Arrays.stream(TaskState.values()).filter(state -> Transitions.from(state).isEmpty()))
        .containsExactlyInAnyOrder(COMPLETED, SKIPPED, CANCELLED)
        .allMatch(TaskState::isFinal);
  }

  @Test
  void theDocumentationShowsTheTable() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "architecture.md"));
    String shown = page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));

    assertThat(shown.strip()).isEqualTo("```mermaid\n" + Transitions.mermaid() + "```");
  }
}
