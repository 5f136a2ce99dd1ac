package dev.maestro.workspace;

import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import java.util.List;
import java.util.Objects;

/**
 * What to merge where.
 *
 * @param run the run
 * @param task the task that integrates
 * @param branch the branch to move later
 * @param sources the checkpoints to merge; at least one
 * @param message of the merge commits
 */
public record MergeRequest(
    RunKey run, TaskId task, String branch, List<Checkpoint> sources, CommitMessage message) {

  /** Check that nothing is missing. */
  public MergeRequest {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(branch, "branch");
    Objects.requireNonNull(message, "message");
    sources = List.copyOf(sources);
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("nothing to merge into " + branch);
    }
  }
}
