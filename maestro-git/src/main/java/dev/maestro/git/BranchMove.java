package dev.maestro.git;

import dev.maestro.failure.TransientException;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Change;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Moves a branch to a merge, and takes the working trees along in which it is checked out.
 *
 * <p>Order: every such tree is seen to be clean, the branch moves by compare-and-set, the trees are
 * updated. After a crash between the last two, the branch stands at the merge and a tree at what
 * was before, or half-way: each file is then one of the two, which is how such a tree is told from
 * one in which somebody worked. Only then is it finished.
 */
final class BranchMove {

  private static final String MESSAGE = "maestro: merge";
  private static final int LOOKS = 4;
  private static final long PAUSE_MILLIS = 50;

  private final GitRepository repository;
  private final Trees trees;
  private final Worktrees worktrees;
  private final Differences differences;
  private final String branch;
  private final ObjectId before;
  private final ObjectId merged;
  private final ObjectId treeBefore;
  private final ObjectId treeMerged;

  BranchMove(
      GitRepository repository,
      Trees trees,
      Worktrees worktrees,
      String branch,
      ObjectId before,
      ObjectId merged) {
    this.repository = repository;
    this.trees = trees;
    this.worktrees = worktrees;
    this.differences = new Differences(repository);
    this.branch = branch;
    this.before = before;
    this.merged = merged;
    this.treeBefore = repository.treeOf(before);
    this.treeMerged = repository.treeOf(merged);
  }

  /** How a working tree stands to the move. */
  private enum Standing {
    BEFORE,
    HALF_WAY,
    MERGED,
    OTHER
  }

  Advance advance() throws InterruptedException {
    String ref = "refs/heads/" + branch;
    Optional<String> other = otherThan(repository, branch);
    if (other.isPresent()) {
      return new Advance.Refused(other.get());
    }
    Optional<ObjectId> tip = repository.refs().get(ref);
    if (tip.isEmpty()) {
      return new Advance.Refused("the branch " + branch + " does not exist any more");
    }
    if (tip.get().equals(merged)) {
      return finish(ref);
    }
    if (!tip.get().equals(before)) {
      return new Advance.Moved(tip.get().name());
    }
    return move(ref);
  }

  /** {@return why a branch is not moved that only stands for another, which may be checked out} */
  static Optional<String> otherThan(GitRepository repository, String branch) {
    return repository
        .refs()
        .standsFor("refs/heads/" + branch)
        .map(
            other ->
                "the branch %s only stands for %s; merge into that, or make it a branch of its own"
                    .formatted(branch, other));
  }

  private Advance move(String ref) throws InterruptedException {
    List<Worktree> checkedOut = treesOnBranch();
    Optional<String> refusal = refusal(checkedOut);
    if (refusal.isPresent()) {
      return new Advance.Refused(refusal.get());
    }
    if (!repository.refs().move(ref, before, merged, MESSAGE)) {
      return new Advance.Moved(repository.refs().get(ref).orElse(ObjectId.zeroId()).name());
    }
    for (Worktree tree : checkedOut) {
      if (!trees.update(tree, treeBefore, treeMerged)) {
        return takeBack(ref, tree);
      }
      if (Files.exists(tree.gitDirectory().resolve("logs/HEAD"))) {
        worktrees.logHead(tree, before, merged, MESSAGE);
      }
    }
    return advanced();
  }

  private Optional<String> refusal(List<Worktree> checkedOut) throws InterruptedException {
    if (!repository.contains(merged, before)) {
      return Optional.of(
          "%s does not contain %s, and %s is never moved by force"
              .formatted(merged.name(), before.name(), branch));
    }
    if (repository.hasUnknownMainTree()
        && isOnBranch(new Worktree(repository.common(), repository.common()))) {
      return Optional.of(
          branch + " is checked out in the main working tree, which cannot be found from here");
    }
    Optional<Path> busy = busyWithBranch();
    if (busy.isPresent()) {
      return busy.map(
          path -> branch + " is in the middle of a rebase or bisection in " + path + "; end it");
    }
    Optional<String> locked = locked(checkedOut);
    if (locked.isPresent()) {
      return locked;
    }
    for (Worktree tree : checkedOut) {
      if (isUnfinished(tree)) {
        return Optional.of(unclean(tree, "a merge or the like is not finished there"));
      }
      if (!isAtRest(tree)) {
        return Optional.of(unclean(tree, "it has changes, or files where new ones would go"));
      }
    }
    return Optional.empty();
  }

  /** A lock that stays may be another's who is at work, so that it is for a person to remove. */
  private Optional<String> locked(List<Worktree> checkedOut) throws InterruptedException {
    for (Worktree tree : checkedOut) {
      Path lock = tree.gitDirectory().resolve("index.lock");
      if (!repository.locks().isFree(lock)) {
        return Optional.of(
            "%s is checked out in %s, where another git is at work, or one was killed: then remove %s"
                .formatted(branch, tree.directory(), lock));
      }
    }
    return Optional.empty();
  }

  private String unclean(Worktree tree, String why) {
    return "%s is checked out in %s, and %s; commit or stash them, then try again"
        .formatted(branch, tree.directory(), why);
  }

  private static boolean isUnfinished(Worktree tree) {
    return Stream.of(
            "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
        .anyMatch(name -> Files.exists(tree.gitDirectory().resolve(name)));
  }

  /** Another process may be just updating the tree; that takes moments, so look again. */
  private boolean isAtRest(Worktree tree) throws InterruptedException {
    for (int look = 0; look < LOOKS; look++) {
      if (standing(tree, treeBefore) == Standing.BEFORE && !isObstructed(tree, treeBefore)) {
        return true;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    return false;
  }

  /**
   * {@return whether something that is the user's alone, ignored or not, would have to go for a
   * file of the merge: a file where its directory is to be, or files in a directory of its name}
   *
   * <p>A file of its very name has a say in how the tree stands.
   */
  private boolean isObstructed(Worktree tree, ObjectId treeOld) {
    Set<String> submodules = Set.copyOf(differences.repositoriesIn(treeMerged));
    return differences.between(treeOld, treeMerged).stream()
        .filter(change -> change.kind() != Change.Kind.DELETED)
        .map(Change::path)
        .filter(path -> !submodules.contains(path))
        .anyMatch(path -> isTaken(tree, treeOld, path));
  }

  private boolean isTaken(Worktree tree, ObjectId treeOld, String path) {
    Path root = tree.directory();
    return Pipes.isAt(root, path)
        || WorktreeFiles.fileAbove(root, path)
            .filter(above -> !differences.holdsFile(treeOld, above))
            .isPresent()
        || WorktreeFiles.filesIn(root, path).stream()
            .anyMatch(
                file ->
                    !differences.holdsFile(treeOld, file)
                        && !differences.holdsFile(treeMerged, file));
  }

  /** Somebody wrote into the tree in the moment between the look and the move. */
  private Advance takeBack(String ref, Worktree tree) throws InterruptedException {
    if (!repository.refs().move(ref, merged, before, MESSAGE + " taken back")) {
      throw new TransientException(
          "the branch "
              + branch
              + " has moved on while the files in "
              + tree.directory()
              + " could not be updated; 'git status' there shows what is behind");
    }
    return new Advance.Refused(unclean(tree, "files there are in the way"));
  }

  /** The branch is there already; a crash may have kept its trees from following. */
  private Advance finish(String ref) throws InterruptedException {
    Optional<ObjectId> old =
        before.equals(merged)
            ? repository.refs().before(ref, merged, MESSAGE)
            : Optional.of(before);
    List<Worktree> checkedOut = old.isPresent() ? treesOnBranch() : List.of();
    Optional<String> locked = locked(checkedOut);
    if (locked.isPresent()) {
      return new Advance.Refused(locked.get());
    }
    if (old.isPresent()) {
      ObjectId treeOld = repository.treeOf(old.get());
      for (Worktree tree : checkedOut) {
        if (!follow(tree, treeOld)) {
          return new Advance.Refused(
              unclean(
                  tree,
                  "it is behind the branch, and it has changes of its own, or files where new ones"
                      + " would go"));
        }
      }
    }
    return advanced();
  }

  private boolean follow(Worktree tree, ObjectId treeOld) throws InterruptedException {
    switch (standing(tree, treeOld)) {
      case BEFORE:
        return !isObstructed(tree, treeOld) && trees.update(tree, treeOld, treeMerged);
      case HALF_WAY:
        if (isObstructed(tree, treeOld)) {
          return false;
        }
        trees.checkOut(tree, treeMerged);
        return true;
      case OTHER:
        // with any other index, somebody has gone on from the merge
        return !trees.staged(tree).equals(Optional.of(treeOld));
      default:
        return true;
    }
  }

  private Standing standing(Worktree tree, ObjectId treeOld) throws InterruptedException {
    Optional<ObjectId> staged = trees.staged(tree);
    List<String> moving = paths(treeOld, treeMerged);
    ObjectId content =
        trees.content(tree, moving.stream().filter(path -> isFile(tree, path)).toList());
    List<String> notOld = paths(treeOld, content);
    List<String> notMerged = paths(treeMerged, content);
    if (notOld.isEmpty() && staged.equals(Optional.of(treeOld))) {
      return Standing.BEFORE;
    }
    if (notMerged.isEmpty() && staged.equals(Optional.of(treeMerged))) {
      return Standing.MERGED;
    }
    boolean known = staged.equals(Optional.of(treeOld)) || staged.equals(Optional.of(treeMerged));
    return known && Collections.disjoint(new HashSet<>(notOld), notMerged)
        ? Standing.HALF_WAY
        : Standing.OTHER;
  }

  private List<String> paths(ObjectId from, ObjectId to) {
    return differences.between(from, to).stream().map(Change::path).toList();
  }

  private static boolean isFile(Worktree tree, String path) {
    return WorktreeFiles.isFileWithin(tree.directory(), path);
  }

  private List<Worktree> treesOnBranch() {
    List<Worktree> found = new ArrayList<>();
    repository.mainTree().filter(main -> isOnBranch(main)).ifPresent(found::add);
    for (Worktrees.Linked linked : worktrees.all()) {
      // a tree that is gone has no files to update
      if (isOnBranch(linked.tree()) && linked.isThere()) {
        found.add(linked.tree());
      }
    }
    return found;
  }

  private boolean isOnBranch(Worktree tree) {
    return read(tree, "HEAD").equals(Optional.of("ref: refs/heads/" + branch));
  }

  private Optional<Path> busyWithBranch() {
    List<Worktree> all = new ArrayList<>();
    repository.mainTree().ifPresent(all::add);
    worktrees.all().forEach(linked -> all.add(linked.tree()));
    return all.stream().filter(this::isBusyWithBranch).map(Worktree::directory).findFirst();
  }

  private boolean isBusyWithBranch(Worktree tree) {
    Optional<String> ref = Optional.of("refs/heads/" + branch);
    return read(tree, "rebase-merge/head-name").equals(ref)
        || read(tree, "rebase-apply/head-name").equals(ref)
        || read(tree, "BISECT_START").equals(Optional.of(branch));
  }

  private static Optional<String> read(Worktree tree, String file) {
    Path path = tree.gitDirectory().resolve(file);
    return Border.call("read " + path, () -> WorktreeFiles.read(path));
  }

  private Advance advanced() {
    return new Advance.Advanced(repository.checkpoint(before), repository.checkpoint(merged));
  }
}
