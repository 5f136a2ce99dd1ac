package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import dev.maestro.workspace.Checkpoint;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.RepositoryCache.FileKey;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.revwalk.filter.RevFilter;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.util.FS;
import org.jspecify.annotations.Nullable;

/**
 * The repository that all worktrees share: its objects, refs and commits.
 *
 * <p>Safe for use by any number of threads.
 */
final class GitRepository implements AutoCloseable {

  private final Repository jgit;
  private final Repository opened;
  private final Path common;
  private final Identity identity;
  private final InstantSource clock;
  private final LockLedger locks;
  private final Refs refs;

  private GitRepository(
      Repository jgit, Repository opened, Path common, Identity identity, InstantSource clock) {
    this.jgit = jgit;
    this.opened = opened;
    this.common = common;
    this.identity = identity;
    this.clock = clock;
    this.locks = new LockLedger(common);
    this.refs = new Refs(jgit, locks, this::now);
  }

  /**
   * Who commits.
   *
   * @param name of the author
   * @param email of the author
   */
  record Identity(String name, String email) {

    static final Identity MAESTRO = new Identity("Maestro", "maestro@localhost");

    static Identity from(Config config) {
      String name = config.getString("user", null, "name");
      String email = config.getString("user", null, "email");
      return name == null || email == null || name.isBlank() || email.isBlank()
          ? MAESTRO
          : new Identity(name, email);
    }
  }

  /**
   * Open the repository that a directory is the root of, or a linked worktree of.
   *
   * @param identity who commits, or null for whom the configuration names
   */
  static GitRepository open(Path directory, @Nullable Identity identity, InstantSource clock) {
    QuietSystemReader.install();
    return Border.call(
        "open the repository " + directory, () -> tryOpen(directory, identity, clock));
  }

  private static GitRepository tryOpen(
      Path directory, @Nullable Identity identity, InstantSource clock) throws IOException {
    Repository opened = atRoot(directory);
    Path common = opened.getCommonDirectory().toPath().toRealPath();
    Repository jgit = new FileRepositoryBuilder().setGitDir(common.toFile()).build();
    Identity author = identity == null ? Identity.from(opened.getConfig()) : identity;
    return new GitRepository(jgit, opened, common, author, clock);
  }

  /** Nothing above the directory is looked at: what is harmed must be what was named. */
  private static Repository atRoot(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new PermanentException("there is no directory " + directory);
    }
    File root = directory.toRealPath().toFile();
    FileRepositoryBuilder builder = new FileRepositoryBuilder().setMustExist(true);
    if (new File(root, Constants.DOT_GIT).exists()) {
      return builder.setWorkTree(root).build();
    }
    if (FileKey.isGitRepository(root, FS.DETECTED)) {
      return builder.setGitDir(root).build();
    }
    throw new PermanentException(
        directory + " is not the root of a git repository; 'git init' makes one");
  }

  Repository jgit() {
    settle(jgit.getConfig());
    return jgit;
  }

  /** {@return a repository for the index and files of one worktree; to be closed} */
  static Repository open(Worktree tree, @Nullable Path index) {
    return Border.call(
        "open the worktree " + tree.directory(),
        () -> {
          FileRepositoryBuilder builder =
              new FileRepositoryBuilder()
                  .setGitDir(tree.gitDirectory().toFile())
                  .setWorkTree(tree.directory().toFile());
          if (index != null) {
            builder.setIndexFile(index.toFile());
          }
          Repository repository = builder.build();
          settle(repository.getConfig());
          return repository;
        });
  }

  /**
   * In memory only: JGit's collection of garbage is unsafe beside worktrees, and what is
   * acknowledged must outlive a power cut.
   */
  private static void settle(StoredConfig config) {
    if (config.getInt("gc", "auto", -1) != 0) {
      config.setInt("gc", null, "auto", 0);
      config.setBoolean("core", null, "fsyncobjectfiles", true);
      config.setBoolean("core", null, "fsyncreffiles", true);
    }
  }

  Path common() {
    return common;
  }

  /** Refuse to go on where something stands that nobody could read to its end. */
  void requireReadable() {
    Pipes.requireNoneIn(common);
  }

  LockLedger locks() {
    return locks;
  }

  Refs refs() {
    return refs;
  }

  Config config() {
    return jgit.getConfig();
  }

  /** {@return the directory the repository was opened at, for messages} */
  Path place() {
    return (opened.isBare() ? opened.getDirectory() : opened.getWorkTree()).toPath();
  }

  /** {@return the user's own main working tree, unless there is none or it is not known} */
  Optional<Worktree> mainTree() {
    Repository main = isLinked() ? jgit : opened;
    return main.isBare() || hasUnknownMainTree()
        ? Optional.empty()
        : Optional.of(new Worktree(common, main.getWorkTree().toPath()));
  }

  /** From a linked worktree, the main one is known only where it is in its usual place. */
  boolean hasUnknownMainTree() {
    return isLinked() && !jgit.isBare() && !common.endsWith(Constants.DOT_GIT);
  }

  private boolean isLinked() {
    return !opened.getDirectory().toPath().normalize().equals(common);
  }

  /** {@return the branch that is checked out where the repository was opened} */
  Optional<String> currentBranch() {
    return Border.call(
        "read HEAD",
        () -> {
          Ref head = opened.exactRef(Constants.HEAD);
          return head != null && head.isSymbolic()
              ? Optional.of(head.getTarget().getName())
                  .filter(name -> name.startsWith(Constants.R_HEADS))
                  .map(Repository::shortenRefName)
              : Optional.empty();
        });
  }

  /** {@return the commit that is checked out where the repository was opened, unless unborn} */
  Optional<ObjectId> currentCommit() {
    return Border.call(
        "read HEAD",
        () -> Optional.ofNullable(opened.exactRef(Constants.HEAD)).map(Ref::getObjectId));
  }

  /** {@return the commit a checkpoint names} */
  ObjectId require(Checkpoint checkpoint) {
    if (!ObjectId.isId(checkpoint.id())) {
      throw new PermanentException("'" + checkpoint.id() + "' is not the id of a commit");
    }
    ObjectId id = ObjectId.fromString(checkpoint.id());
    treeOf(id);
    return id;
  }

  ObjectId treeOf(ObjectId commit) {
    return Border.call(
        "read the commit " + commit.name() + " of " + place(),
        () -> {
          try (RevWalk walk = new RevWalk(jgit)) {
            return walk.parseCommit(commit).getTree().getId();
          }
        });
  }

  /** {@return the commit with its message} */
  RevCommit parsed(ObjectId commit) {
    return Border.call(
        "read the commit " + commit.name() + " of " + place(),
        () -> {
          try (RevWalk walk = new RevWalk(jgit)) {
            return walk.parseCommit(commit);
          }
        });
  }

  Checkpoint checkpoint(ObjectId commit) {
    return new Checkpoint(commit.name(), treeOf(commit).name());
  }

  boolean isCommit(ObjectId id) {
    return Border.call(
        "look for " + id.name(),
        () -> {
          try (ObjectReader reader = jgit.newObjectReader()) {
            return reader.has(id) && reader.open(id).getType() == Constants.OBJ_COMMIT;
          }
        });
  }

  /** {@return whether all of {@code part} is in the history of {@code whole}} */
  boolean contains(ObjectId whole, ObjectId part) {
    return Border.call(
        "compare histories",
        () -> {
          try (RevWalk walk = new RevWalk(jgit)) {
            RevCommit tip = walk.parseCommit(whole);
            return walk.isMergedInto(walk.parseCommit(part), tip);
          }
        });
  }

  /** {@return the latest commit that is in the history of both, if there is one} */
  Optional<ObjectId> common(ObjectId one, ObjectId other) {
    return Border.call(
        "compare histories",
        () -> {
          try (RevWalk walk = new RevWalk(jgit)) {
            walk.setRevFilter(RevFilter.MERGE_BASE);
            walk.markStart(walk.parseCommit(one));
            walk.markStart(walk.parseCommit(other));
            return Optional.ofNullable(walk.next()).map(RevCommit::getId);
          }
        });
  }

  /** Write a commit that no ref points at yet. */
  ObjectId commit(ObjectId tree, List<ObjectId> parents, String message) {
    return Border.call(
        "write a commit",
        () -> {
          CommitBuilder commit = new CommitBuilder();
          commit.setTreeId(tree);
          commit.setParentIds(parents);
          commit.setAuthor(now());
          commit.setCommitter(now());
          commit.setMessage(message);
          try (ObjectInserter inserter = jgit().newObjectInserter()) {
            ObjectId id = inserter.insert(commit);
            inserter.flush();
            return id;
          }
        });
  }

  /** {@return who commits, at this moment} */
  PersonIdent now() {
    return new PersonIdent(identity.name(), identity.email(), clock.instant(), ZoneOffset.UTC);
  }

  @Override
  public void close() {
    opened.close();
    jgit.close();
  }
}
