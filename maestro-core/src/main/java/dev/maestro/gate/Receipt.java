package dev.maestro.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The evidence that a gate ran: what, on which files, with what result.
 *
 * @param gate the gate's name
 * @param command what was run; empty for a check in code
 * @param passed whether it passed
 * @param exitCode of the command, or null when it did not exit by itself or was no command
 * @param tree the content it ran on, as {@code Checkpoint.tree} names it
 * @param outputHash SHA-256 of everything it printed, under which the store keeps it
 * @param excerpt the end of what it printed, for people and for the next attempt
 * @param startedAt when it began
 * @param duration how long it took
 * @param tests how many tests it ran, or null when they are not counted
 * @param before how many tests there were on what the task started from, or null when the two were
 *     not compared
 */
public record Receipt(
    String gate,
    List<String> command,
    boolean passed,
    @Nullable Integer exitCode,
    String tree,
    String outputHash,
    String excerpt,
    Instant startedAt,
    Duration duration,
    @Nullable TestCount tests,
    @Nullable TestCount before) {

  /** Check that nothing required is missing. */
  public Receipt {
    Objects.requireNonNull(gate, "gate");
    command = List.copyOf(command);
    Objects.requireNonNull(tree, "tree");
    Objects.requireNonNull(outputHash, "outputHash");
    Objects.requireNonNull(excerpt, "excerpt");
    Objects.requireNonNull(startedAt, "startedAt");
    Objects.requireNonNull(duration, "duration");
  }

  /** Give evidence of a gate that counts no tests. */
  public Receipt(
      String gate,
      List<String> command,
      boolean passed,
      @Nullable Integer exitCode,
      String tree,
      String outputHash,
      String excerpt,
      Instant startedAt,
      Duration duration) {
    this(
        gate,
        command,
        passed,
        exitCode,
        tree,
        outputHash,
        excerpt,
        startedAt,
        duration,
        null,
        null);
  }

  /** {@return whether fewer tests ran than there were, or more of them were skipped} */
  public boolean lostTests() {
    return tests != null && before != null && tests.isLessThan(before);
  }

  /** {@return the same, compared with how many tests there were; passed only when none was lost} */
  public Receipt comparedWith(TestCount earlier) {
    boolean kept = tests != null && !tests.isLessThan(earlier);
    return new Receipt(
        gate,
        command,
        passed && kept,
        exitCode,
        tree,
        outputHash,
        excerpt,
        startedAt,
        duration,
        tests,
        earlier);
  }
}
