package dev.maestro.workspace;

import dev.maestro.task.RunKey;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which checkpoints to look at together.
 *
 * @param run the run
 * @param sources the checkpoints; at least one
 * @param branch what they would be merged into, or null to compare them with what the run started
 *     from
 * @param maxCharacters after how many characters the diff is cut
 * @param start the id of what the run started from, or null when it would from the present state
 */
public record PreviewRequest(
    RunKey run,
    List<Checkpoint> sources,
    @Nullable String branch,
    int maxCharacters,
    @Nullable String start) {

  /** Check that there is something to look at. */
  public PreviewRequest {
    Objects.requireNonNull(run, "run");
    sources = List.copyOf(sources);
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("a preview is of at least one checkpoint");
    }
  }

  /** Look at checkpoints of a run that started from the present state. */
  public PreviewRequest(
      RunKey run, List<Checkpoint> sources, @Nullable String branch, int maxCharacters) {
    this(run, sources, branch, maxCharacters, null);
  }
}
