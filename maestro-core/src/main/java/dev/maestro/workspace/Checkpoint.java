package dev.maestro.workspace;

import java.util.Objects;

/**
 * A state of a workspace that can be come back to.
 *
 * @param id names it; with git, a commit id
 * @param tree names its content: equal files have equal trees; with git, a tree id
 */
public record Checkpoint(String id, String tree) {

  /** Check that nothing is missing. */
  public Checkpoint {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(tree, "tree");
  }
}
