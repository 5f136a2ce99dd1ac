package dev.maestro.workspace;

/** The answer to moving a branch. */
public sealed interface Advance {

  /**
   * The branch is at the merge, and so is the working tree it is checked out in, if any.
   *
   * @param before where it stood
   * @param after where it stands
   */
  record Advanced(Checkpoint before, Checkpoint after) implements Advance {}

  /**
   * Something else moved the branch; merge again.
   *
   * @param actual the commit it is at now
   */
  record Moved(String actual) implements Advance {}

  /**
   * The branch is checked out in a working tree that is not clean, or cannot be updated.
   *
   * @param message says which tree and what would help
   */
  record Refused(String message) implements Advance {}
}
