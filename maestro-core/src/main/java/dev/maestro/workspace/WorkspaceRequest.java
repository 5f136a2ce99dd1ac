package dev.maestro.workspace;

import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import java.util.List;
import java.util.Objects;

/**
 * Which workspace to open.
 *
 * @param run the run
 * @param task the task whose workspace it is; for a step that continues another, that other one
 * @param bases what a new workspace starts from; see {@link Workspaces#open}
 */
public record WorkspaceRequest(RunKey run, TaskId task, List<Checkpoint> bases) {

  /** Check that nothing is missing. */
  public WorkspaceRequest {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(task, "task");
    bases = List.copyOf(bases);
  }
}
