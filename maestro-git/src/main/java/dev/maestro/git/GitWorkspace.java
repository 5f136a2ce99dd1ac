package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import dev.maestro.failure.TransientException;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A worktree on its own branch.
 *
 * <p>Refs say what has happened, so that nothing is lost with the object: {@code base} where it
 * started, {@code head} the last accepted checkpoint, {@code kept/…} every other commit made from
 * it. The index is Maestro's; what an agent had staged there, and differs, is kept as a commit too.
 */
final class GitWorkspace implements Workspace {

  private final GitRepository repository;
  private final Trees trees;
  private final Worktrees worktrees;
  private final Names names;
  private final Worktree worktree;
  private final Checkpoint base;
  private final Differences differences;
  private final AgentCommits agentCommits;
  private final GitSettings settings;
  private final IgnoredAgain ignoredAgain;
  // confined to the one thread that uses the workspace
  private Checkpoint head;
  private @Nullable ObjectId lastSnapshot;

  GitWorkspace(
      GitRepository repository,
      Trees trees,
      Worktrees worktrees,
      Names names,
      Worktree worktree,
      GitSettings settings,
      Checkpoint base,
      Checkpoint head) {
    this.repository = repository;
    this.trees = trees;
    this.worktrees = worktrees;
    this.names = names;
    this.worktree = worktree;
    this.settings = settings;
    this.base = base;
    this.head = head;
    this.differences = new Differences(repository);
    this.ignoredAgain = new IgnoredAgain(differences, trees, worktree);
    this.agentCommits = new AgentCommits(repository, names, worktree);
  }

  @Override
  public Path directory() {
    return worktree.directory();
  }

  @Override
  public Checkpoint base() {
    return base;
  }

  @Override
  public Checkpoint head() {
    return head;
  }

  @Override
  public List<Change> changesSince(Checkpoint checkpoint) throws InterruptedException {
    return differences.between(repository.treeOf(repository.require(checkpoint)), snapshot());
  }

  @Override
  public List<Change> changes(Checkpoint from, Checkpoint to) {
    return differences.between(
        repository.treeOf(repository.require(from)), repository.treeOf(repository.require(to)));
  }

  @Override
  public Optional<byte[]> content(Checkpoint checkpoint, String path, int most) {
    return differences.content(repository.treeOf(repository.require(checkpoint)), path, most);
  }

  @Override
  public String diff(Checkpoint from, Checkpoint to, int maxCharacters) {
    return differences.text(
        repository.treeOf(repository.require(from)),
        repository.treeOf(repository.require(to)),
        maxCharacters);
  }

  @Override
  public Optional<String> nameOfDifference(Checkpoint from, Checkpoint to) {
    return Optional.of(
        differences.name(
            repository.treeOf(repository.require(from)),
            repository.treeOf(repository.require(to))));
  }

  @Override
  public Checkpoint checkpoint(CommitMessage message) throws InterruptedException {
    settings.requireUnchanged();
    return kept(message);
  }

  private Checkpoint kept(CommitMessage message) throws InterruptedException {
    ObjectId tree = snapshot();
    return tree.name().equals(head.tree())
        ? head
        : repository.checkpoint(keep(tree, message.text()));
  }

  /** {@return the files as they stand; whatever else an agent did with git is kept first} */
  private ObjectId snapshot() throws InterruptedException {
    settle();
    Optional<ObjectId> staged = trees.staged(worktree);
    ObjectId tree = ignoredAgain.forget(trees.snapshot(worktree), ObjectId.fromString(head.tree()));
    if (staged.isPresent() && isNews(staged.get(), tree)) {
      keep(staged.get(), "What stood in the index of " + names + "\n");
    }
    lastSnapshot = tree;
    return tree;
  }

  private boolean isNews(ObjectId staged, ObjectId tree) {
    return !staged.equals(tree)
        && !staged.equals(lastSnapshot)
        && !staged.name().equals(head.tree());
  }

  /** Put the worktree into a state that Maestro can work with, whatever was done to it. */
  void settle() throws InterruptedException {
    repository.requireReadable();
    Pipes.requireNoneIn(worktree.gitDirectory());
    ObjectId accepted = ObjectId.fromString(head.id());
    worktrees.complete(names, worktree, accepted);
    agentCommits.keep(accepted);
    if (repository.refs().get(names.branchRef()).isEmpty()) {
      repository.refs().create(names.branchRef(), accepted, "maestro: put back");
    }
  }

  private ObjectId keep(ObjectId tree, String message) throws InterruptedException {
    ObjectId commit = repository.commit(tree, List.of(ObjectId.fromString(head.id())), message);
    repository.refs().create(names.keptRef(commit), commit, "maestro: keep");
    return commit;
  }

  @Override
  public void accept(Checkpoint checkpoint) throws InterruptedException {
    ObjectId commit = repository.require(checkpoint);
    ObjectId accepted = ObjectId.fromString(head.id());
    if (!repository.contains(commit, accepted)) {
      throw new PermanentException(
          "the checkpoint "
              + checkpoint.id()
              + " does not descend from "
              + head.id()
              + ", the last accepted one of "
              + names);
    }
    settle();
    moveBranch(commit);
    moveRef(names.headRef(), accepted, commit);
    head = repository.checkpoint(commit);
    trees.index(worktree, repository.treeOf(commit));
  }

  /** Whatever an agent put on the branch has been kept; the branch shows accepted work only. */
  private void moveBranch(ObjectId commit) throws InterruptedException {
    ObjectId tip = repository.refs().get(names.branchRef()).orElse(ObjectId.zeroId());
    if (!tip.equals(commit)) {
      moveRef(names.branchRef(), tip, commit);
      worktrees.logHead(worktree, tip, commit, "maestro: accept a checkpoint");
    }
  }

  private void moveRef(String ref, ObjectId from, ObjectId to) throws InterruptedException {
    if (!repository.refs().move(ref, from, to, "maestro: accept a checkpoint")) {
      throw new TransientException(ref + " was moved by something else at the same moment");
    }
  }

  @Override
  public List<String> restore(PathGlobs globs, Checkpoint from) throws InterruptedException {
    settings.requireUnchanged();
    ObjectId then = repository.treeOf(repository.require(from));
    ObjectId seen = snapshot();
    requireNoneUnreachable(repositoriesInTheWay(seen, differences.putBack(seen, then, globs)));
    List<String> pipes = protectedFiles(globs, then).pipes();
    pipes.forEach(path -> Pipes.remove(worktree.directory(), path));
    ObjectId now = withHiddenFiles(globs, then, seen);
    ObjectId wanted = differences.putBack(now, then, globs);
    if (!wanted.equals(now)) {
      keep(now, "What stood in " + names + " before files were put back\n");
      removePipes(differences.between(now, wanted));
      worktrees.checkOut(worktree, wanted);
      ObjectId stands = trees.snapshot(worktree);
      lastSnapshot = stands;
      requireRestored(globs, wanted, withProtectedFiles(globs, then, stands));
    }
    requireNoneUnreachable(protectedFiles(globs, then).unreachable());
    Set<String> restored = new TreeSet<>(pipes);
    differences.between(now, wanted).forEach(change -> restored.add(change.path()));
    return List.copyOf(restored);
  }

  private void removePipes(List<Change> changes) {
    changes.stream()
        .filter(change -> change.kind() != Change.Kind.DELETED)
        .forEach(change -> Pipes.makeRoom(worktree.directory(), change.path()));
  }

  /**
   * A file can be hidden from git by a rule that ignores it, old or new; the gate would read it all
   * the same. So the files that match are looked for without git's rules. When ignore files differ,
   * every ignored file that matches counts; so do those that stand where a file has to be put back.
   */
  private ObjectId withHiddenFiles(PathGlobs globs, ObjectId then, ObjectId now)
      throws InterruptedException {
    List<Change> changes = differences.between(then, now);
    Set<String> hidden = new LinkedHashSet<>();
    if (changes.stream().anyMatch(GitWorkspace::isIgnoreFile)) {
      hidden.addAll(trees.ignored(worktree, globs));
    }
    changes.stream()
        .filter(change -> change.kind() == Change.Kind.DELETED && globs.matches(change.path()))
        .map(Change::path)
        .filter(path -> WorktreeFiles.isFileWithin(worktree.directory(), path))
        .forEach(hidden::add);
    hidden.addAll(protectedFiles(globs, then).files());
    return hidden.isEmpty() ? now : trees.add(worktree, List.copyOf(hidden));
  }

  /**
   * {@return where a repository would have to go for a file that is put back, or holds its place:
   * nobody has kept what is in it}
   */
  private List<String> repositoriesInTheWay(ObjectId now, ObjectId wanted) {
    Set<String> submodules = Set.copyOf(differences.repositoriesIn(wanted));
    return differences.between(now, wanted).stream()
        .filter(change -> change.kind() != Change.Kind.DELETED)
        .map(Change::path)
        .filter(path -> !submodules.contains(path))
        .filter(path -> isWithinAnother(now, path) || isAroundAnother(path))
        .toList();
  }

  /** A repository whose files are taken for this one's hides nothing of them. */
  private boolean isWithinAnother(ObjectId now, String path) {
    for (int end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      String above = path.substring(0, end);
      if (WorktreeFiles.exists(worktree.directory(), above + "/.git")
          && !differences.holdsDirectory(now, above)) {
        return true;
      }
    }
    return false;
  }

  private boolean isAroundAnother(String path) {
    return WorktreeFiles.filesIn(worktree.directory(), path).stream()
        .anyMatch(file -> file.endsWith("/.git") || file.contains("/.git/"));
  }

  /** {@return the files as they stand, none of those that match taken from the index on trust} */
  private ObjectId withProtectedFiles(PathGlobs globs, ObjectId then, ObjectId stands)
      throws InterruptedException {
    List<String> files = protectedFiles(globs, then).files();
    return files.isEmpty() ? stands : trees.add(worktree, files);
  }

  private ProtectedFiles protectedFiles(PathGlobs globs, ObjectId then) {
    List<String> submodules = differences.repositoriesIn(then);
    return ProtectedFiles.in(
        worktree.directory(),
        globs,
        differences.directoriesIn(then),
        submodules::contains,
        path -> differences.filesAsNamedHere(then).contains(path));
  }

  private static boolean isIgnoreFile(Change change) {
    return change.path().equals(".gitignore") || change.path().endsWith("/.gitignore");
  }

  private void requireRestored(PathGlobs globs, ObjectId wanted, ObjectId stands) {
    requireNoneUnreachable(
        differences.between(wanted, stands).stream()
            .map(Change::path)
            .filter(globs::matches)
            .toList());
  }

  private void requireNoneUnreachable(List<String> paths) {
    if (!paths.isEmpty()) {
      throw new PermanentException(
          "files in "
              + worktree.directory()
              + " could not be put back, maybe because a repository lies there: "
              + paths);
    }
  }

  @Override
  public void close() {}

  /** Keep what stands here; {@return what cannot be kept and must not be deleted} */
  List<String> keepEverything() throws InterruptedException {
    kept(CommitMessage.of("What stood in " + names + " when its run was released"));
    Set<String> unkept = new LinkedHashSet<>(trees.unkept(worktree));
    unkept.addAll(WorkFiles.holdingGit(worktree));
    ObjectId tree = trees.snapshot(worktree);
    differences.repositoriesIn(tree).stream().filter(this::mayHoldARepository).forEach(unkept::add);
    return List.copyOf(unkept);
  }

  /** Git has seen a directory there; one that is not found has a name that cannot be said. */
  private boolean mayHoldARepository(String path) {
    return WorktreeFiles.exists(worktree.directory(), path + "/.git")
        || !WorktreeFiles.exists(worktree.directory(), path);
  }
}
