package dev.maestro.workspace;

import java.util.List;

/** The answer to merging. */
public sealed interface Merging {

  /**
   * The merge exists, and the branch has not moved.
   *
   * @param request what was asked
   * @param before where the branch stood
   * @param merged the merge; equal to {@code before} when the branch already holds everything
   * @param workspace the merged files, for gates to run on; to be closed by the caller
   */
  record Candidate(MergeRequest request, Checkpoint before, Checkpoint merged, Workspace workspace)
      implements Merging {}

  /**
   * It does not merge cleanly; nothing was made.
   *
   * @param paths the files in conflict, sorted
   * @param message says between what
   */
  record Conflict(List<String> paths, String message) implements Merging {

    /** Copy the list. */
    public Conflict {
      paths = List.copyOf(paths);
    }
  }

  /**
   * The branch cannot be merged into, such as one that does not exist.
   *
   * @param message says why and what would help
   */
  record Refused(String message) implements Merging {}
}
