package dev.maestro.git;

import dev.maestro.workspace.PathGlobs;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;

/**
 * What is done with files, indexes and merges; by native git, or by JGit where there is none.
 *
 * <p>Not for implementation elsewhere. Trees are given and returned by id; none of these methods
 * moves a ref.
 */
sealed interface Trees permits NativeTrees, JGitTrees {

  /** Make the index and the files be the tree; what differs is overwritten or removed. */
  void checkOut(Worktree worktree, ObjectId tree) throws InterruptedException;

  /**
   * Take the index and the files from one tree to another, and touch no file that is not the first
   * one's.
   *
   * @return false when files are in the way, which then stand as they stood
   */
  boolean update(Worktree worktree, ObjectId from, ObjectId to) throws InterruptedException;

  /** Make the index be the tree; files stay. */
  void index(Worktree worktree, ObjectId tree) throws InterruptedException;

  /** Put every tracked and every unignored file into the index; {@return that as a tree} */
  ObjectId snapshot(Worktree worktree) throws InterruptedException;

  /** {@return the index as a tree; empty in the middle of a conflict} */
  Optional<ObjectId> staged(Worktree worktree) throws InterruptedException;

  /** {@return files in the index that a rule would hide if they were not there} */
  List<String> trackedAndIgnored(Worktree worktree) throws InterruptedException;

  /** Take paths out of the index; {@return the rest of it as a tree} */
  ObjectId forget(Worktree worktree, List<String> paths) throws InterruptedException;

  /** {@return files that match, stand in the directory, and are ignored} */
  List<String> ignored(Worktree worktree, PathGlobs globs) throws InterruptedException;

  /** Read files into the index, ignored or unchanged or not; {@return the index as a tree} */
  ObjectId add(Worktree worktree, List<String> paths) throws InterruptedException;

  /**
   * {@return tracked files and those named as they stand now, as a tree; the index is left alone}
   *
   * @param paths that count even where they are not tracked
   */
  ObjectId content(Worktree worktree, List<String> paths) throws InterruptedException;

  /** Merge two commits without any working tree. */
  TreeMerge merge(ObjectId ours, ObjectId theirs) throws InterruptedException;

  /** {@return files that cannot be kept: they stand there, are not ignored, and are not tracked} */
  List<String> unkept(Worktree worktree) throws InterruptedException;

  /** The answer to merging two commits. */
  sealed interface TreeMerge {

    /**
     * It merges.
     *
     * @param tree the result
     */
    record Clean(ObjectId tree) implements TreeMerge {}

    /**
     * It does not.
     *
     * @param paths in conflict, sorted
     * @param how it was tried
     */
    record Conflicting(List<String> paths, String how) implements TreeMerge {}
  }
}
