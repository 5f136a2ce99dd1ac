package dev.maestro.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the plan out of what an agent wrote.
 *
 * <pre>
 * ```tasks
 * ## Phase 1: Foundation
 * - [ ] T001: Add the index | File: db/index.sql
 * - [ ] T002: Use the index
 * ```
 *
 * [SPEC_GENERATED]
 * </pre>
 *
 * <ul>
 *   <li>A task line is {@code - [ ] }, {@code T} with exactly three digits, a colon and text, from
 *       which {@code | File: path} is taken when a path follows; space around each is dropped. All
 *       other lines mean nothing.
 *   <li>The first fenced block named {@code tasks} is read and nothing else. In it, a heading of
 *       level two opens a phase.
 *   <li>Without a block, task lines anywhere count and headings mean nothing. That is also so for a
 *       block that is never closed, and the plan says that it is {@linkplain Plan#cutOff() cut
 *       off}.
 *   <li>A task that is named twice is there twice; {@link Plan#duplicates()} tells.
 * </ul>
 *
 * <p>Any text can be read, in time proportional to its length; nothing is thrown for a bad one.
 */
public final class PlanParser {

  /** What an agent writes when its plan is complete and waits for approval. */
  public static final String MARKER = "[SPEC_GENERATED]";

  private PlanParser() {}

  /** {@return whether the text says that the plan is complete} */
  public static boolean isMarked(String text) {
    return text.contains(MARKER);
  }

  /** {@return the plan in this text, empty when there is none} */
  public static Plan parse(String text) {
    List<String> lines = text.lines().map(String::strip).toList();
    int open = firstBlock(lines);
    if (open < 0) {
      return Plan.of(tasks(lines));
    }
    int close = closing(lines, open);
    return close < 0
        ? new Plan(tasks(lines), true)
        : Plan.of(tasksByPhase(lines.subList(open + 1, close)));
  }

  private static int firstBlock(List<String> lines) {
    for (int line = 0; line < lines.size(); line++) {
      if (lines.get(line).endsWith(Plan.BLOCK)) {
        return line;
      }
    }
    return -1;
  }

  private static int closing(List<String> lines, int open) {
    for (int line = open + 1; line < lines.size(); line++) {
      if (lines.get(line).startsWith(Plan.FENCE)) {
        return line;
      }
    }
    return -1;
  }

  private static List<PlannedTask> tasks(List<String> lines) {
    return lines.stream().map(TaskLine::parse).flatMap(Optional::stream).toList();
  }

  private static List<PlannedTask> tasksByPhase(List<String> lines) {
    List<PlannedTask> tasks = new ArrayList<>();
    @Nullable String phase = null;
    for (String line : lines) {
      phase = TaskLine.phase(line).orElse(phase);
      String current = phase;
      TaskLine.parse(line).ifPresent(task -> tasks.add(task.in(current)));
    }
    return tasks;
  }
}
