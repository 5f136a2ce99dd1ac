package dev.maestro.git;

import dev.maestro.git.Trees.TreeMerge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.merge.MergeStrategy;
import org.eclipse.jgit.merge.ResolveMerger;

/**
 * Merges in memory by JGit, which knows nothing of renames.
 *
 * <p>Where one side renamed a file and the other changed it, this reports a conflict that a git of
 * 2.38 or later would not have; it never merges what native git would not.
 */
final class JGitMerge {

  private static final String HOW =
      " (tried without detection of renames; git 2.38 or later would detect them)";

  private final GitRepository repository;

  JGitMerge(GitRepository repository) {
    this.repository = repository;
  }

  TreeMerge merge(ObjectId ours, ObjectId theirs) {
    Repository jgit = repository.jgit();
    return Border.call(
        "merge " + theirs.name() + " into " + ours.name(),
        () -> {
          ResolveMerger merger = (ResolveMerger) MergeStrategy.RECURSIVE.newMerger(jgit, true);
          if (merger.merge(ours, theirs)) {
            return new TreeMerge.Clean(merger.getResultTreeId());
          }
          TreeSet<String> paths = new TreeSet<>(merger.getUnmergedPaths());
          Optional.ofNullable(merger.getFailingPaths()).map(Map::keySet).ifPresent(paths::addAll);
          List<String> sorted = new ArrayList<>(paths);
          return new TreeMerge.Conflicting(sorted, HOW);
        });
  }
}
