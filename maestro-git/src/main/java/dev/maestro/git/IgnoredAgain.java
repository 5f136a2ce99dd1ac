package dev.maestro.git;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Forgets what was taken for work for as long as it was not ignored.
 *
 * <p>What is once in the index of a worktree is tracked there, and no rule hides it any more. An
 * attempt that spoils {@code .gitignore} would put build outputs, and secrets in ignored files,
 * into the work of the next one, which has mended it. What an agent itself adds though it is
 * ignored stays.
 */
final class IgnoredAgain {

  private final Differences differences;
  private final Trees trees;
  private final Worktree worktree;
  private final Path file;

  IgnoredAgain(Differences differences, Trees trees, Worktree worktree) {
    this.differences = differences;
    this.trees = trees;
    this.worktree = worktree;
    this.file = worktree.gitDirectory().resolve("maestro-seen");
  }

  /**
   * What the files were taken for the last time.
   *
   * @param tree all of them
   * @param forced those in it that were ignored
   */
  private record Seen(ObjectId tree, Set<String> forced) {}

  /**
   * {@return the tree in the index without what is ignored by now, and was not when it was seen}
   */
  ObjectId forget(ObjectId tree, ObjectId accepted) throws InterruptedException {
    List<String> ignored =
        trees.trackedAndIgnored(worktree).stream()
            .filter(path -> !differences.holdsFile(accepted, path))
            .toList();
    List<String> again = again(ignored);
    ObjectId rest = again.isEmpty() ? tree : trees.forget(worktree, again);
    List<String> forced = new ArrayList<>(ignored);
    forced.removeAll(again);
    see(rest, forced);
    return rest;
  }

  private List<String> again(List<String> ignored) {
    Optional<Seen> seen = ignored.isEmpty() ? Optional.empty() : seen();
    return seen.isEmpty()
        ? List.of()
        : ignored.stream()
            .filter(path -> !seen.get().forced().contains(path))
            .filter(path -> differences.holdsFile(seen.get().tree(), path))
            .toList();
  }

  private Optional<Seen> seen() {
    List<String> text =
        Border.call("read " + file, () -> WorktreeFiles.read(file)).stream()
            .flatMap(all -> List.of(all.split("\0")).stream())
            .toList();
    return text.isEmpty() || !ObjectId.isId(text.get(0))
        ? Optional.empty()
        : Optional.of(
            new Seen(ObjectId.fromString(text.get(0)), Set.copyOf(text.subList(1, text.size()))));
  }

  private void see(ObjectId tree, List<String> forced) {
    String text = String.join("\0", tree.name(), String.join("\0", forced));
    Border.step("write " + file, () -> WorktreeFiles.write(file, text));
  }
}
