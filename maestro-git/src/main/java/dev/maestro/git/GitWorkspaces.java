package dev.maestro.git;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.maestro.failure.PermanentException;
import dev.maestro.failure.TransientException;
import dev.maestro.git.GitRepository.Identity;
import dev.maestro.git.Joining.Joined;
import dev.maestro.process.Time;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Adoption;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Capacity;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.MergeRequest;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Preview;
import dev.maestro.workspace.PreviewRequest;
import dev.maestro.workspace.Standing;
import dev.maestro.workspace.WorkspaceCapabilities;
import dev.maestro.workspace.WorkspaceRequest;
import dev.maestro.workspace.Workspaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work in a git repository: every task in a worktree of its own, on its own branch.
 *
 * <p>A task's branch is {@code maestro/<run>/<task>}, with {@code --} for {@code /} in the task's
 * id, and {@code <tenant>+<run>} for a tenant other than the default one. It shows one commit for
 * each accepted checkpoint. Everything else that stood in a worktree at some time is kept under
 * {@code refs/maestro/<run>/<task>/}, which no ordinary push takes along ({@code git push --mirror}
 * does).
 *
 * <p>Worktrees are in {@code .maestro/worktrees} of the main working tree, which {@code
 * info/exclude} hides from git; of a bare repository, in {@code maestro/worktrees} inside it. Tools
 * that search upwards for their configuration find the main working tree's there: name another
 * directory with {@link Builder#worktrees} where that matters.
 *
 * <p>What an agent does with git in its worktree (commit, reset, switch branches) breaks nothing:
 * its commits are kept, and work goes on from the files as they stand. A repository inside the
 * worktree is recorded as git records it, by the id of its commit; its files are its own, so that
 * {@link #release} leaves such a worktree standing. The user's working trees are touched in one
 * case only: a branch that a run merges into, and that is checked out in a clean tree, moves
 * together with that tree.
 *
 * <p>What git takes the files for is part of what a gate relies on. When the configuration, the
 * attributes or the excludes beside the repository have changed since a workspace was first opened
 * here, its checkpoints are refused, and all merges of its run if that is its first, whoever
 * changed them; what the user's own configuration in the home directory says is not watched, and a
 * restart trusts what it finds.
 *
 * <p>Native git does the work on files and merges where it is installed; see {@link NativeUse}.
 * Maestro's own steps run none of the repository's hooks, and its commits are not signed. JGit
 * alone does not detect renames in merges. A repository that would be harmed or misread is refused
 * when this is built.
 *
 * <p>Safe for use by any number of threads; several instances, in several processes, may use one
 * repository.
 */
public final class GitWorkspaces implements Workspaces {

  /** How many tasks work in one repository and on one branch at once, unless told otherwise. */
  public static final int DEFAULT_LIMIT = 3;

  private static final Logger LOG = LoggerFactory.getLogger(GitWorkspaces.class);

  private final GitRepository repository;
  private final Trees trees;
  private final Worktrees worktrees;
  private final Joining joining;
  private final CutHistory cuts;
  private final @Nullable String branch;
  private final int limit;
  private final ReentrantLock moves = new ReentrantLock();
  // from the first opening of a workspace, before its agent starts, to its release
  private final Map<Names, GitSettings> settings = new ConcurrentHashMap<>();
  // by the segment of a run, from the first opening of any of its workspaces
  private final Map<String, GitSettings> shared = new ConcurrentHashMap<>();

  private GitWorkspaces(GitRepository repository, Trees trees, Builder builder) {
    this.repository = repository;
    this.trees = trees;
    this.worktrees = new Worktrees(repository, trees, directoryOfWorktrees(repository, builder));
    this.joining = new Joining(repository, trees);
    this.cuts = new CutHistory(repository);
    this.branch = builder.branch;
    this.limit = builder.limit;
  }

  private static Path directoryOfWorktrees(GitRepository repository, Builder builder) {
    if (builder.worktrees != null) {
      return builder.worktrees;
    }
    return repository
        .mainTree()
        .map(main -> main.directory().resolve(".maestro/worktrees"))
        .orElseGet(() -> repository.common().resolve("maestro/worktrees"));
  }

  /**
   * {@return workspaces in the repository whose working tree, or bare directory, this is; with
   * every default}
   */
  public static GitWorkspaces of(Path repository) {
    return builder(repository).build();
  }

  /** {@return a builder of workspaces in the repository whose root this is} */
  public static Builder builder(Path repository) {
    return new Builder(repository);
  }

  /**
   * Defaults: native git where it is installed, work starts from the branch that is checked out,
   * {@value #DEFAULT_LIMIT} tasks at once, commits by whom the repository's configuration names or
   * else by {@code Maestro <maestro@localhost>}, worktrees in {@code .maestro/worktrees}.
   */
  public static final class Builder {

    private final Path place;
    private NativeUse nativeUse = NativeUse.AUTO;
    private int limit = DEFAULT_LIMIT;
    private InstantSource clock = Time.system();
    private @Nullable String branch;
    private @Nullable Path worktrees;
    private @Nullable Identity identity;

    private Builder(Path repository) {
      this.place = Objects.requireNonNull(repository, "repository").toAbsolutePath().normalize();
    }

    /** Say whether native git is used. */
    public Builder nativeGit(NativeUse use) {
      this.nativeUse = Objects.requireNonNull(use, "use");
      return this;
    }

    /** Start from this branch instead of the one that is checked out. */
    public Builder branch(String branch) {
      this.branch = Objects.requireNonNull(branch, "branch");
      return this;
    }

    /** Put worktrees below this directory, which nothing else should use. */
    public Builder worktrees(Path directory) {
      this.worktrees = directory.toAbsolutePath().normalize();
      return this;
    }

    /** Commit under this name and address. */
    public Builder identity(String name, String email) {
      this.identity =
          new Identity(
              Objects.requireNonNull(name, "name"), Objects.requireNonNull(email, "email"));
      return this;
    }

    /** Let so many tasks work at once; at least 1. */
    public Builder limit(int tasks) {
      if (tasks < 1) {
        throw new IllegalArgumentException("at least one task must be able to work, not " + tasks);
      }
      this.limit = tasks;
      return this;
    }

    /** Take the time of commits from this clock. */
    public Builder clock(InstantSource clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Open the repository, and refuse it when it cannot be served here.
     *
     * @throws PermanentException says in a sentence why not
     */
    public GitWorkspaces build() {
      try {
        return tryBuild();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TransientException("interrupted while opening the repository " + place, e);
      }
    }

    private GitWorkspaces tryBuild() throws InterruptedException {
      Optional<NativeGit> git = nativeUse == NativeUse.NEVER ? Optional.empty() : NativeGit.find();
      if (git.isEmpty() && nativeUse == NativeUse.REQUIRED) {
        throw new PermanentException("no git of version 2.26 or later is on the path");
      }
      GitRepository repository = GitRepository.open(place, identity, clock);
      try {
        new RepositoryProbe(repository).requireUsable(git);
        repository.locks().tidy();
        return new GitWorkspaces(repository, trees(repository, git), this);
      } catch (RuntimeException | InterruptedException e) {
        repository.close();
        throw e;
      }
    }

    private static Trees trees(GitRepository repository, Optional<NativeGit> git) {
      return git.isPresent() ? new NativeTrees(git.get(), repository) : new JGitTrees(repository);
    }
  }

  @Override
  public WorkspaceCapabilities capabilities() {
    return new WorkspaceCapabilities(true, true, true);
  }

  @Override
  public Capacity capacity() {
    return new Capacity("git:" + repository.common() + "#" + startBranch().orElse("HEAD"), limit);
  }

  @Override
  public String description() {
    return repository.place().toString();
  }

  @Override
  public Optional<String> startBranch() {
    return branch == null ? repository.currentBranch() : Optional.of(branch);
  }

  @Override
  public Opening open(WorkspaceRequest request) throws InterruptedException {
    try {
      return openKnown(request);
    } catch (MovedException e) {
      return new Opening.Moved(String.valueOf(e.getMessage()));
    }
  }

  private Opening openKnown(WorkspaceRequest request) throws InterruptedException {
    Names names = Names.of(request.run(), request.task());
    if (Files.notExists(repository.common())) {
      return new Opening.Refused(nothingToStartFrom());
    }
    repository.requireReadable();
    Standing standing = request.standing();
    OwnRefs own = new OwnRefs(repository, names);
    if (standing != null && !standing.heads().isEmpty()) {
      own.requireHead(standing.heads());
    }
    Optional<ObjectId> base = repository.refs().get(names.baseRef());
    Optional<String> obstacle = base.isPresent() ? Optional.empty() : obstacle(names);
    if (obstacle.isPresent()) {
      return new Opening.Refused(obstacle.get());
    }
    Optional<RunStart> run = runStart(names, request.origin(), standing);
    if (run.isEmpty()) {
      return new Opening.Refused(nothingToStartFrom());
    } else if (!run.get().origin().equals(request.origin())) {
      return new Opening.Refused(anotherRun(names, run.get()));
    } else if (base.isPresent() && (standing == null || !standing.heads().isEmpty())) {
      return new Opening.Opened(open(names, base.get()));
    }
    ObjectId start =
        request.bases().isEmpty() ? run.get().commit() : repository.require(request.bases().get(0));
    List<ObjectId> others = request.bases().stream().skip(1).map(repository::require).toList();
    Optional<String> doubt = others.isEmpty() ? Optional.empty() : ofRun(names.run()).change();
    doubt = doubt.or(() -> cuts.among(with(start, others)));
    if (doubt.isPresent()) {
      return new Opening.Refused(doubt.get());
    }
    Joined joined = joining.join(start, others, "Merge what " + request.task() + " depends on\n");
    if (joined instanceof Joined.Conflict conflict) {
      return new Opening.Conflict(conflict.paths(), conflict.message());
    }
    ObjectId from = ((Joined.Commit) joined).commit();
    if (standing != null) {
      from = own.requireNothingBegun(from);
    }
    return new Opening.Opened(open(names, from));
  }

  private static List<ObjectId> with(ObjectId first, List<ObjectId> others) {
    return Stream.concat(Stream.of(first), others.stream()).toList();
  }

  /** Branches are files: one cannot lie where another's directory has to be. */
  private Optional<String> obstacle(Names names) {
    if (repository.refs().get(names.branchRef()).isPresent()) {
      return Optional.of(
          "the branch "
              + names.branch()
              + " exists, and Maestro did not make it; rename or delete it, or give the run another"
              + " name");
    }
    return repository
        .refs()
        .inTheWayOf(names.branchRef())
        .map(
            ref ->
                "the branch "
                    + Repository.shortenRefName(ref)
                    + " is in the way of "
                    + names.branch()
                    + ", because git cannot have both; rename or delete it");
  }

  /** {@return where every task of the run starts that depends on none; fixed by its first task} */
  private Optional<RunStart> runStart(Names names, String origin, @Nullable Standing standing)
      throws InterruptedException {
    String known = standing == null ? null : standing.start();
    Optional<RunStart> begun = RunStart.read(repository, names);
    if (begun.isEmpty()) {
      Optional<ObjectId> from = known == null ? present() : Optional.of(ObjectId.fromString(known));
      if (from.isEmpty()) {
        return begun;
      }
      begun = Optional.of(RunStart.write(repository, names, from.get(), origin));
    }
    if (known != null && begun.get().origin().equals(origin)) {
      begun.get().require(known, repository, names);
    }
    return begun;
  }

  @Override
  public Optional<Checkpoint> start() {
    return Files.exists(repository.common())
        ? present().map(repository::checkpoint)
        : Optional.empty();
  }

  private Optional<ObjectId> present() {
    return branch == null ? repository.currentCommit() : tipOf(branch);
  }

  private String anotherRun(Names names, RunStart other) {
    return "a run "
        + names.run()
        + " has worked in "
        + description()
        + " before ("
        + other.origin()
        + "); choose another run id, or delete the branches maestro/"
        + names.run()
        + "/* and the refs below refs/maestro/"
        + names.run();
  }

  private String nothingToStartFrom() {
    if (Files.notExists(repository.common())) {
      return "the repository " + description() + " is not there any more; put it back";
    }
    return branch == null
        ? "the repository " + description() + " has no commit yet; make a first one"
        : "the repository " + description() + " has no branch " + branch;
  }

  /** Refs first: what they say is enough to make everything else again. */
  private GitWorkspace open(Names names, ObjectId base) throws InterruptedException {
    hideWorktrees();
    ofRun(names.run());
    create(names.baseRef(), base);
    Optional<ObjectId> accepted = repository.refs().get(names.headRef());
    ObjectId head = accepted.orElse(base);
    create(names.headRef(), head);
    if (repository.refs().get(names.branchRef()).isEmpty()) {
      create(names.branchRef(), head);
    }
    Worktree worktree = worktrees.open(names, head);
    GitWorkspace workspace =
        new GitWorkspace(
            repository,
            trees,
            worktrees,
            names,
            worktree,
            settings.computeIfAbsent(
                names, first -> GitSettings.of(repository, worktrees.hidden()).and(worktree)),
            repository.checkpoint(base),
            repository.checkpoint(head));
    workspace.settle();
    return workspace;
  }

  /** {@return what was found beside the repository before anybody worked for the run} */
  private GitSettings ofRun(String segment) {
    return shared.computeIfAbsent(segment, first -> GitSettings.of(repository, worktrees.hidden()));
  }

  private void create(String ref, ObjectId commit) throws InterruptedException {
    if (repository.refs().get(ref).isEmpty()
        && !repository.refs().create(ref, commit, "maestro: start a task")) {
      throw new TransientException(ref + " was made by something else at the same moment");
    }
  }

  private void hideWorktrees() {
    Path exclude = repository.common().resolve("info/exclude");
    Border.step(
        "hide Maestro's directories in " + exclude,
        () -> {
          String text = Files.exists(exclude) ? Files.readString(exclude, ISO_8859_1) : "";
          for (String line : worktrees.hidden()) {
            if (text.lines().noneMatch(line::equals)) {
              boolean open = !text.isEmpty() && !text.endsWith("\n");
              WorktreeFiles.append(exclude, (open ? "\n" : "") + line);
              text = text + "\n" + line + "\n";
            }
          }
        });
  }

  @Override
  public Optional<Preview> preview(PreviewRequest request) throws InterruptedException {
    repository.requireReadable();
    List<ObjectId> sources = request.sources().stream().map(repository::require).toList();
    Optional<ObjectId> tip = request.branch() == null ? Optional.empty() : tipOf(request.branch());
    Optional<String> doubt = doubt(request.run(), tip, sources);
    if (doubt.isPresent()) {
      throw new PermanentException(doubt.get());
    }
    return Optional.of(
        new Previewing(repository, joining).of(tip, startOf(request), sources, request));
  }

  /** {@return why nobody knows what these come to together, if so} */
  private Optional<String> doubt(RunKey run, Optional<ObjectId> tip, List<ObjectId> sources) {
    List<ObjectId> commits = tip.map(at -> with(at, sources)).orElse(sources);
    return ofRun(Names.runSegment(run)).change().or(() -> cuts.among(commits));
  }

  /** {@return what the run started from, or would start from now} */
  private Optional<ObjectId> startOf(PreviewRequest request) {
    String start = request.start();
    return start == null ? present() : Optional.of(ObjectId.fromString(start));
  }

  private Optional<ObjectId> tipOf(String name) {
    String ref = "refs/heads/" + name;
    return Repository.isValidRefName(ref) ? repository.refs().get(ref) : Optional.empty();
  }

  @Override
  public Merging merge(MergeRequest request) throws InterruptedException {
    repository.requireReadable();
    Optional<ObjectId> before = tipOf(request.branch());
    if (before.isEmpty()) {
      return new Merging.Refused(
          "the repository " + description() + " has no branch '" + request.branch() + "'");
    }
    List<ObjectId> sources = request.sources().stream().map(repository::require).toList();
    Optional<String> doubt =
        BranchMove.otherThan(repository, request.branch())
            .or(() -> doubt(request.run(), before, sources));
    if (doubt.isPresent()) {
      return new Merging.Refused(doubt.get());
    }
    Joined joined = joining.join(before.get(), sources, request.message().text());
    if (joined instanceof Joined.Conflict conflict) {
      return new Merging.Conflict(
          conflict.paths(), "into " + request.branch() + ": " + conflict.message());
    }
    ObjectId merged = ((Joined.Commit) joined).commit();
    return new Merging.Candidate(
        request,
        repository.checkpoint(before.get()),
        repository.checkpoint(merged),
        scratch(Names.ofMerge(request.run(), request.task()), merged));
  }

  /**
   * Gates judge a merge in a fresh directory: what an earlier one left there could mislead them.
   */
  private GitWorkspace scratch(Names names, ObjectId merged) throws InterruptedException {
    boolean earlier =
        repository.refs().get(names.baseRef()).isPresent()
            || repository.refs().get(names.headRef()).isPresent();
    if (earlier) {
      discard(names);
    }
    Optional<String> obstacle = obstacle(names);
    if (obstacle.isPresent()) {
      throw new PermanentException(obstacle.get());
    }
    return open(names, merged);
  }

  /** Take a scratch workspace away, and leave nothing of it but what it kept. */
  private void discard(Names names) throws InterruptedException {
    for (Worktrees.Linked linked : worktrees.all()) {
      if (linked.isOf(names)) {
        keepEverything(names, linked);
        worktrees.remove(linked.tree());
      }
    }
    settings.remove(names);
    for (String ref : List.of(names.branchRef(), names.headRef(), names.baseRef())) {
      Optional<ObjectId> commit = repository.refs().get(ref);
      if (commit.isPresent()) {
        keep(names, commit.get());
        repository.refs().delete(ref, commit.get());
      }
    }
  }

  @Override
  public Advance advance(MergeRequest request, Checkpoint before, Checkpoint merged)
      throws InterruptedException {
    repository.requireReadable();
    BranchMove move =
        new BranchMove(
            repository,
            trees,
            worktrees,
            request.branch(),
            repository.require(before),
            repository.require(merged));
    moves.lockInterruptibly();
    try {
      return move.advance();
    } finally {
      moves.unlock();
    }
  }

  /** Keep them under refs of the run that builds on them, and where the first run started too. */
  @Override
  public Optional<Checkpoint> adopt(Adoption adoption) throws InterruptedException {
    RunKey by = adoption.by();
    for (Map.Entry<TaskId, List<Checkpoint>> task : adoption.checkpoints().entrySet()) {
      for (Checkpoint checkpoint : task.getValue()) {
        keep(Names.of(by, task.getKey()), repository.require(checkpoint));
      }
    }
    if (adoption.start() == null) {
      return Optional.empty();
    }
    Checkpoint start = repository.checkpoint(ObjectId.fromString(adoption.start()));
    keep(Names.ofRun(by), repository.require(start));
    return Optional.of(start);
  }

  private void keep(Names names, ObjectId commit) throws InterruptedException {
    repository.refs().create(names.keptRef(commit), commit, "maestro: keep");
  }

  @Override
  public void release(RunKey run) throws InterruptedException {
    String segment = Names.runSegment(run);
    List<PermanentException> failures = new ArrayList<>();
    for (Worktrees.Linked linked : worktrees.all()) {
      if (linked.isOfRun(segment)) {
        try {
          release(segment, linked);
        } catch (PermanentException e) {
          // it stays for a person to look at, and the others need not
          failures.add(e);
        }
      }
    }
    // those too whose directories somebody else has taken away
    settings.keySet().removeIf(names -> names.run().equals(segment));
    shared.remove(segment);
    if (!failures.isEmpty()) {
      PermanentException first = failures.get(0);
      failures.subList(1, failures.size()).forEach(first::addSuppressed);
      throw first;
    }
  }

  private void release(String segment, Worktrees.Linked linked) throws InterruptedException {
    Names names = new Names(segment, linked.mark().orElseThrow().substring(segment.length() + 1));
    if (names.isMerge()) {
      discard(names);
    } else {
      release(names, linked);
    }
  }

  private void release(Names names, Worktrees.Linked linked) throws InterruptedException {
    List<String> unkept = keepEverything(names, linked);
    if (unkept.isEmpty()) {
      worktrees.remove(linked.tree());
    } else {
      LOG.warn(
          "The worktree {} stays, because it holds what is not in this repository: {}",
          linked.tree().directory(),
          unkept);
    }
  }

  /** {@return what stands there and cannot be kept} */
  private List<String> keepEverything(Names names, Worktrees.Linked linked)
      throws InterruptedException {
    if (!linked.isThere() || worktrees.isBeingRemoved(linked)) {
      return List.of();
    }
    Optional<ObjectId> base = repository.refs().get(names.baseRef());
    return base.isPresent() ? open(names, base.get()).keepEverything() : List.of(".");
  }

  @Override
  public void close() {
    repository.close();
  }
}
