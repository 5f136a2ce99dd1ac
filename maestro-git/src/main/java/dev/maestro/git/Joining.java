package dev.maestro.git;

import dev.maestro.git.Trees.TreeMerge;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;

/** Merges any number of commits, in their order, without a working tree. */
final class Joining {

  private final GitRepository repository;
  private final Trees trees;

  Joining(GitRepository repository, Trees trees) {
    this.repository = repository;
    this.trees = trees;
  }

  /** The answer to joining. */
  sealed interface Joined {

    /**
     * One commit holds them all.
     *
     * @param commit the first of them itself, when it held the others already
     */
    record Commit(ObjectId commit) implements Joined {}

    /**
     * Two of them do not go together; nothing points at what was tried.
     *
     * @param paths in conflict, sorted
     * @param message says between what
     */
    record Conflict(List<String> paths, String message) implements Joined {}
  }

  /**
   * Merge the others into the first.
   *
   * <p>The result is one commit that has the first and every other as its parents, however many
   * there are; those whose history another holds are left out.
   */
  Joined join(ObjectId first, List<ObjectId> others, String message) throws InterruptedException {
    List<ObjectId> parents = new ArrayList<>(List.of(first));
    ObjectId current = first;
    for (ObjectId other : withoutContained(first, others)) {
      TreeMerge merge = trees.merge(current, other);
      if (merge instanceof TreeMerge.Conflicting conflict) {
        return new Joined.Conflict(
            conflict.paths(),
            "%s does not merge cleanly into %s%s"
                .formatted(abbreviated(other), abbreviated(first), conflict.how()));
      }
      parents.add(other);
      // an intermediate merge is a commit too, because the next one looks for common ancestors
      current = repository.commit(((TreeMerge.Clean) merge).tree(), List.copyOf(parents), message);
    }
    return new Joined.Commit(current);
  }

  private List<ObjectId> withoutContained(ObjectId first, List<ObjectId> others) {
    List<ObjectId> needed = new ArrayList<>();
    for (ObjectId other : others) {
      boolean contained =
          repository.contains(first, other)
              || needed.stream().anyMatch(whole -> repository.contains(whole, other));
      if (!contained) {
        needed.removeIf(part -> repository.contains(other, part));
        needed.add(other);
      }
    }
    return needed;
  }

  private static String abbreviated(ObjectId commit) {
    return commit.abbreviate(10).name();
  }
}
