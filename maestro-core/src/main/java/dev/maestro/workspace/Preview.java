package dev.maestro.workspace;

import java.util.List;
import java.util.Objects;

/**
 * What checkpoints come to together.
 *
 * <p>Equal trees mean equal files, whatever commits hold them and however the text was cut.
 *
 * @param trees what was compared: the tree that it begins with, then the tree that it comes to, or
 *     each of them where they do not go together
 * @param diff a unified diff, cut like any other; where they do not go together, it says so first
 */
public record Preview(List<String> trees, String diff) {

  /** Copy the list. */
  public Preview {
    trees = List.copyOf(trees);
    Objects.requireNonNull(diff, "diff");
  }
}
