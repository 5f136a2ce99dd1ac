package dev.maestro.workspace;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What checkpoints come to together.
 *
 * <p>Equal trees mean equal files, whatever commits hold them and however the text was cut.
 *
 * @param trees what was compared: the tree that it begins with, then the tree that it comes to, or
 *     each of them where they do not go together
 * @param diff a unified diff, cut like any other; where they do not go together, it says so first
 * @param difference the name of what differs, as a {@link Workspace} gives it; null where they do
 *     not go together, or only the trees tell
 */
public record Preview(List<String> trees, String diff, @Nullable String difference) {

  /** What checkpoints come to of which only the trees tell. */
  public Preview(List<String> trees, String diff) {
    this(trees, diff, null);
  }

  /** Copy the list. */
  public Preview {
    trees = List.copyOf(trees);
    Objects.requireNonNull(diff, "diff");
  }
}
