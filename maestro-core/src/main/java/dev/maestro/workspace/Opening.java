package dev.maestro.workspace;

import java.util.List;

/** The answer to opening a workspace. */
public sealed interface Opening {

  /**
   * It is open.
   *
   * @param workspace to be closed by the caller
   */
  record Opened(Workspace workspace) implements Opening {}

  /**
   * The bases cannot be merged; nothing was made.
   *
   * @param paths the files in conflict, sorted
   * @param message says between what
   */
  record Conflict(List<String> paths, String message) implements Opening {

    /** Copy the list. */
    public Conflict {
      paths = List.copyOf(paths);
    }
  }

  /**
   * There is nothing to open it on, or something of the user's is in the way; nothing was made.
   *
   * @param message says what, and what would help
   */
  record Refused(String message) implements Opening {}

  /**
   * What the place keeps of the workspace is not what is known of it elsewhere ({@link Standing}):
   * somebody has changed it, so that nothing there is taken; nothing was made.
   *
   * @param message says what was changed, and what would help
   */
  record Moved(String message) implements Opening {}
}
