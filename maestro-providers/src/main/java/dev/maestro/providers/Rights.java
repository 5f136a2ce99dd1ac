package dev.maestro.providers;

/**
 * How much an agent may do without asking, in the modes that CLI agents know.
 *
 * <p>An agent that runs without a person asks nobody: what it may not do is refused to it. A step
 * whose persona may write only certain files never gets more than {@link #EDIT}, since a command
 * can write any file.
 */
public enum Rights {
  /** Read files. */
  READ,
  /** Read and change files of the workspace. */
  EDIT,
  /** Anything, commands too. The agent should live where it can do no harm. */
  ALL;

  /** {@return the lesser of both} */
  public Rights atMost(Rights other) {
    return compareTo(other) <= 0 ? this : other;
  }
}
