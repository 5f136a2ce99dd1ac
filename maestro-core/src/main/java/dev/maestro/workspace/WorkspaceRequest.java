package dev.maestro.workspace;

import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which workspace to open.
 *
 * @param run the run
 * @param task the task whose workspace it is; for a step that continues another, that other one
 * @param bases what a new workspace starts from; see {@link Workspaces#open}
 * @param origin tells this run from any other of the same name, such as one that another store
 *     knows; at most 100 characters on one line
 * @param standing what is known of the workspace outside of it, or null when it is to be trusted
 */
public record WorkspaceRequest(
    RunKey run, TaskId task, List<Checkpoint> bases, String origin, @Nullable Standing standing) {

  /** Check that nothing is missing. */
  public WorkspaceRequest {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(origin, "origin");
    bases = List.copyOf(bases);
    if (origin.length() > 100 || origin.indexOf('\n') >= 0 || origin.indexOf('\r') >= 0) {
      throw new IllegalArgumentException("an origin is one line of at most 100 characters");
    }
  }

  /** {@return the same, where it is known now what the run starts from} */
  public WorkspaceRequest startingFrom(String start) {
    List<String> heads = standing == null ? List.of() : standing.heads();
    return new WorkspaceRequest(run, task, bases, origin, new Standing(start, heads));
  }

  /** Ask for a workspace that is trusted to say where it stands. */
  public WorkspaceRequest(RunKey run, TaskId task, List<Checkpoint> bases, String origin) {
    this(run, task, bases, origin, null);
  }

  /** Ask for a workspace of a run whose name has been used once only. */
  public WorkspaceRequest(RunKey run, TaskId task, List<Checkpoint> bases) {
    this(run, task, bases, "");
  }
}
