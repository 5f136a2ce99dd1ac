package dev.maestro.workspace;

import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which checkpoints of one run another builds on.
 *
 * @param from the run whose checkpoints they are
 * @param by the run that builds on them
 * @param checkpoints by the task that passes them on
 * @param start the id of what the tasks of the first run started from that wait for no other, or
 *     null when none has
 */
public record Adoption(
    RunKey from, RunKey by, Map<TaskId, List<Checkpoint>> checkpoints, @Nullable String start) {

  /** Copy the map. */
  public Adoption {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(by, "by");
    checkpoints = Map.copyOf(checkpoints);
  }
}
