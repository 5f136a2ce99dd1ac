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
    Duration duration) {

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
}
