package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.PersonIdent;

/**
 * The linked worktrees of a repository: finds all, makes, mends and removes Maestro's own.
 *
 * <p>What git keeps about a worktree is written here rather than by {@code git worktree add}, so
 * that a crash at any point leaves something that the next call recognizes. A worktree of Maestro's
 * holds a file {@code maestro} in its git directory and stays locked against {@code git worktree
 * prune} for as long as it lives.
 *
 * <pre>{@code
 * make: git directory + lock "initializing" -> gitdir, commondir, HEAD, mark -> .git file
 *       -> index and files -> lock "Maestro ..."
 * remove: mark "releasing" -> files -> git directory
 * }</pre>
 */
final class Worktrees {

  private static final String INITIALIZING = "initializing";
  private static final String ADOPTING = "adopting";
  private static final String RELEASING = "releasing";
  // a file that is there while files are written among those of somebody's work
  private static final String WRITING = "maestro-writing";

  private final GitRepository repository;
  private final Trees trees;
  private final Path root;

  Worktrees(GitRepository repository, Trees trees, Path root) {
    this.repository = repository;
    this.trees = trees;
    this.root = root;
  }

  /**
   * A linked worktree as git knows it.
   *
   * @param tree where it is; the directory may be missing
   * @param head the text of its HEAD
   * @param lock why it is locked, or empty
   * @param mark what Maestro wrote about it, or empty when it is not Maestro's
   */
  record Linked(Worktree tree, String head, Optional<String> lock, Optional<String> mark) {

    boolean isOf(Names names) {
      return mark.equals(Optional.of(names.toString()));
    }

    boolean isOfRun(String run) {
      return mark.filter(text -> text.startsWith(run + "/")).isPresent();
    }

    boolean isOn(String branchRef) {
      return head.equals("ref: " + branchRef);
    }

    boolean isThere() {
      return Files.isDirectory(tree.directory(), LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** {@return the lines that hide Maestro's directories from git in every working tree} */
  List<String> hidden() {
    Optional<Path> within =
        repository
            .mainTree()
            .map(Worktree::directory)
            .filter(root::startsWith)
            .map(main -> main.relativize(root));
    String standard = "/.maestro/";
    return within.isEmpty() || within.get().startsWith(".maestro")
        ? List.of(standard)
        : List.of(standard, "/" + within.get().toString().replace('\\', '/') + "/");
  }

  /** {@return every linked worktree, the user's too} */
  List<Linked> all() {
    return Border.call("list worktrees", this::readAll);
  }

  private List<Linked> readAll() throws IOException {
    List<Linked> found = new ArrayList<>();
    Path parent = repository.common().resolve("worktrees");
    if (!Files.isDirectory(parent)) {
      return found;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
      for (Path entry : entries) {
        read(entry).ifPresent(found::add);
      }
    } catch (NoSuchFileException vanished) {
      // git takes the directory away with the last worktree in it
      return List.of();
    }
    return found;
  }

  private static Optional<Linked> read(Path gitDirectory) throws IOException {
    Optional<String> gitFile = WorktreeFiles.read(gitDirectory.resolve("gitdir"));
    if (gitFile.isEmpty()) {
      return Optional.empty();
    }
    Path directory =
        Objects.requireNonNull(gitDirectory.resolve(gitFile.get()).normalize().getParent());
    return Optional.of(
        new Linked(
            new Worktree(gitDirectory, directory),
            WorktreeFiles.read(gitDirectory.resolve("HEAD")).orElse(""),
            WorktreeFiles.read(gitDirectory.resolve("locked")),
            WorktreeFiles.read(gitDirectory.resolve("maestro"))));
  }

  /** Make the workspace's worktree, or find it, or finish what a crash left of it. */
  Worktree open(Names names, ObjectId head) throws InterruptedException {
    Path directory = names.directoryIn(root);
    Optional<Linked> present = all().stream().filter(linked -> linked.isOf(names)).findFirst();
    if (present.isPresent() && hasLock(present.get(), RELEASING)) {
      remove(present.get().tree());
      present = Optional.empty();
    }
    Worktree worktree =
        present.isPresent() ? whereItBelongs(present.get(), directory) : describe(names, directory);
    complete(names, worktree, head);
    return worktree;
  }

  private static boolean hasLock(Linked linked, String lock) {
    return linked.lock().equals(Optional.of(lock));
  }

  /** A repository that was moved or copied names places that are gone or the original's. */
  private static Worktree whereItBelongs(Linked linked, Path expected) {
    Worktree tree = linked.tree();
    boolean own =
        Border.call(
            "read " + tree.directory(),
            () ->
                WorktreeFiles.read(tree.directory().resolve(".git"))
                    .equals(Optional.of("gitdir: " + tree.gitDirectory())));
    return own ? tree : new Worktree(tree.gitDirectory(), expected);
  }

  private Worktree describe(Names names, Path directory) {
    requireBranchFree(names, directory);
    return Border.call(
        "make the worktree " + directory,
        () -> {
          boolean fresh = WorktreeFiles.isEmptyOrAbsent(directory);
          Path gitDirectory = makeGitDirectory(names.worktree());
          // git's own prune leaves what is locked alone, half-made or not
          WorktreeFiles.write(gitDirectory.resolve("locked"), fresh ? INITIALIZING : ADOPTING);
          Files.createDirectories(gitDirectory.resolve("refs"));
          WorktreeFiles.write(gitDirectory.resolve("commondir"), "../..");
          WorktreeFiles.write(gitDirectory.resolve("HEAD"), "ref: " + names.branchRef());
          WorktreeFiles.write(gitDirectory.resolve("maestro"), names.toString());
          WorktreeFiles.write(gitDirectory.resolve("gitdir"), directory.resolve(".git").toString());
          return new Worktree(gitDirectory, directory);
        });
  }

  private void requireBranchFree(Names names, Path directory) {
    for (Linked linked : all()) {
      if (linked.isOn(names.branchRef())
          && linked.isThere()
          && !linked.tree().directory().equals(directory)) {
        throw new PermanentException(
            "the branch "
                + names.branch()
                + " is checked out in "
                + linked.tree().directory()
                + ", which Maestro did not make");
      }
    }
  }

  private Path makeGitDirectory(String name) throws IOException {
    Path parent = Files.createDirectories(repository.common().resolve("worktrees"));
    for (int suffix = 0; ; suffix++) {
      Path gitDirectory = parent.resolve(suffix == 0 ? name : name + "+" + suffix);
      try {
        return Files.createDirectory(gitDirectory);
      } catch (FileAlreadyExistsException e) {
        // a crash before gitdir was written left a directory that nothing else refers to
        if (!Files.exists(gitDirectory.resolve("gitdir"))) {
          return gitDirectory;
        }
      }
    }
  }

  /**
   * A link, or a file, may have been put where the worktree was, or its parent: what is behind it
   * is somebody else's, and it is put aside itself.
   */
  private void makeRoom(Path directory) throws IOException {
    Path parent = Objects.requireNonNull(directory.getParent());
    if (!parent.equals(root) && parent.startsWith(root)) {
      putAsideUnlessDirectory(parent);
    }
    putAsideUnlessDirectory(directory);
  }

  private static void putAsideUnlessDirectory(Path place) throws IOException {
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(place, free(place, "@aside-"));
    }
  }

  /** {@return a name beside it that nothing has yet} */
  private static Path free(Path place, String suffix) {
    for (int number = 1; ; number++) {
      Path aside = place.resolveSibling(place.getFileName() + suffix + number);
      if (!Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) {
        return aside;
      }
    }
  }

  /** Make the worktree whole: put right what git needs, and write its files if they are gone. */
  void complete(Names names, Worktree worktree, ObjectId head) throws InterruptedException {
    Path gitDirectory = worktree.gitDirectory();
    Path locked = gitDirectory.resolve("locked");
    Border.step("make room for " + worktree.directory(), () -> makeRoom(worktree.directory()));
    String lock = Border.call("read " + locked, () -> WorktreeFiles.read(locked)).orElse("");
    boolean empty =
        Border.call(
            "look at " + worktree.directory(),
            () -> WorktreeFiles.isEmptyOrAbsent(worktree.directory()));
    if (empty) {
      // said first: after a crash, a tree without files must not look like somebody's work
      Border.step("lock " + worktree.directory(), () -> WorktreeFiles.write(locked, INITIALIZING));
    }
    mend(worktree);
    if (lock.equals(INITIALIZING) && !empty) {
      // nobody has worked here: what stands there is what a crash left of writing the files
      Border.step(
          "empty " + worktree.directory(),
          () -> WorktreeFiles.deleteWithin(worktree.directory(), ".git"));
    }
    if (lock.equals(INITIALIZING) || empty) {
      trees.checkOut(worktree, repository.treeOf(head));
    } else if (lock.equals(ADOPTING)) {
      // the files that were found are somebody's work: they stay as they are
      trees.index(worktree, repository.treeOf(head));
    }
    String reason = "Maestro works here: " + names;
    if (!lock.equals(reason)) {
      Border.step("lock " + worktree.directory(), () -> WorktreeFiles.write(locked, reason));
      logHead(worktree, ObjectId.zeroId(), head, "maestro: made for " + names);
    }
  }

  /** Put right what git needs to find the worktree, and drop locks that a killed git left. */
  private void mend(Worktree worktree) {
    Border.step("mend " + worktree.directory(), () -> mendFiles(worktree));
  }

  private static void mendFiles(Worktree worktree) throws IOException {
    Path gitDirectory = worktree.gitDirectory();
    Files.deleteIfExists(gitDirectory.resolve("index.lock"));
    Files.deleteIfExists(gitDirectory.resolve("HEAD.lock"));
    WorktreeFiles.makeDirectories(worktree.directory());
    Path gitFile = worktree.directory().resolve(".git");
    setAside(gitFile);
    rewrite(gitFile, "gitdir: " + gitDirectory);
    rewrite(gitDirectory.resolve("gitdir"), gitFile.toString());
    rewrite(gitDirectory.resolve("commondir"), "../..");
    if (Files.exists(gitDirectory.resolve(WRITING))) {
      WorktreeFiles.deleteHalfWritten(worktree.directory());
      Files.delete(gitDirectory.resolve(WRITING));
    }
  }

  /**
   * Make the index and the files be the tree, among those of somebody's work; of what a crash
   * leaves half written, {@link #mend} takes away what would look like work.
   */
  void checkOut(Worktree worktree, ObjectId tree) throws InterruptedException {
    Path mark = worktree.gitDirectory().resolve(WRITING);
    Border.step("mark " + worktree.directory(), () -> WorktreeFiles.write(mark, tree.name()));
    trees.checkOut(worktree, tree);
    Border.step("unmark " + worktree.directory(), () -> Files.deleteIfExists(mark));
  }

  private static void rewrite(Path file, String text) throws IOException {
    if (!WorktreeFiles.read(file).equals(Optional.of(text))) {
      WorktreeFiles.write(file, text);
    }
  }

  /** An agent that ran {@code git init} put a repository where the link to this one was. */
  private static void setAside(Path gitFile) throws IOException {
    if (Files.isDirectory(gitFile, LinkOption.NOFOLLOW_LINKS)) {
      Path directory = Objects.requireNonNull(gitFile.getParent());
      Files.move(gitFile, free(directory, ".git-"));
    }
    if (Files.isSymbolicLink(gitFile)) {
      Files.delete(gitFile);
    }
  }

  /** Take the worktree away; what stood in it has been kept before. */
  void remove(Worktree worktree) {
    Border.step(
        "remove the worktree " + worktree.directory(),
        () -> {
          WorktreeFiles.write(worktree.gitDirectory().resolve("locked"), RELEASING);
          WorktreeFiles.delete(worktree.directory());
          WorktreeFiles.delete(worktree.gitDirectory());
          Path parent = Objects.requireNonNull(worktree.directory().getParent());
          if (parent.startsWith(root)) {
            WorktreeFiles.deleteIfEmpty(parent);
          }
        });
  }

  boolean isBeingRemoved(Linked linked) {
    return hasLock(linked, RELEASING);
  }

  /** Write the log that git keeps of a worktree's HEAD, which JGit would write elsewhere. */
  void logHead(Worktree worktree, ObjectId from, ObjectId to, String message) {
    PersonIdent who = repository.now();
    Border.step(
        "log the move of " + worktree.directory(),
        () ->
            WorktreeFiles.append(
                worktree.gitDirectory().resolve("logs/HEAD"),
                from.name() + " " + to.name() + " " + who.toExternalString() + "\t" + message));
  }
}
