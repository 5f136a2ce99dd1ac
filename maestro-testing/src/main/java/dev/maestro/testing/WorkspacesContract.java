package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.MaestroException;
import dev.maestro.failure.PermanentException;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.Adoption;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.MergeRequest;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Preview;
import dev.maestro.workspace.PreviewRequest;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceCapabilities;
import dev.maestro.workspace.WorkspaceRequest;
import dev.maestro.workspace.Workspaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every kind of workspaces does, as tests; extend it for a kind of your own.
 *
 * <p>What a kind does not declare in its {@link WorkspaceCapabilities} is skipped, and said so.
 * Needs JUnit Jupiter and AssertJ on the class path.
 */
@Timeout(300)
@SuppressWarnings("exports") // of JUnit, which is only there for those who extend this
public abstract class WorkspacesContract {

  private static final RunKey RUN = run("r");
  private static final PathGlobs TESTS = PathGlobs.of("tests/**");
  private static final Map<String, String> FILES =
      Map.of("README", "hello\n", "src/a.txt", "a\n", "tests/one.txt", "1\n", "tests/two", "2\n");

  private Path outside;
  private Path place;
  private Workspaces workspaces;

  /** Hold a kind of workspaces to what every kind does. */
  protected WorkspacesContract() {}

  /**
   * Make a place to work in, such as a repository with one commit, in an empty directory.
   *
   * @param files what is in it: contents by paths, with {@code /} between names
   */
  protected abstract void make(Path directory, Map<String, String> files) throws Exception;

  /** {@return workspaces in a place that was made; called again as after a restart} */
  protected abstract Workspaces workspacesIn(Path directory);

  /** {@return the branch that work starts from and is merged into, where there is one} */
  protected String branch() {
    return "main";
  }

  @BeforeEach
  final void makePlace(@TempDir Path directory) throws Exception {
    outside = Files.createDirectory(directory.resolve("outside"));
    place = Files.createDirectory(directory.resolve("place"));
    make(place, FILES);
    workspaces = workspacesIn(place);
  }

  @AfterEach
  final void closeWorkspaces() {
    workspaces.close();
  }

  private void restart() {
    workspaces.close();
    workspaces = workspacesIn(place);
  }

  private void require(Predicate<WorkspaceCapabilities> capability, String what) {
    Assumptions.assumeTrue(
        capability.test(workspaces.capabilities()),
        () -> "the workspaces do not declare that they " + what);
  }

  private void requireIsolation() {
    require(WorkspaceCapabilities::isolates, "isolate");
  }

  private void requireCheckpoints() {
    require(WorkspaceCapabilities::checkpoints, "keep checkpoints");
  }

  private void requireMerges() {
    require(WorkspaceCapabilities::merges, "merge");
  }

  @Test
  final void saySameThingsAboutOnePlace() {
    assertThat(workspaces.capacity().limit()).isPositive();
    assertThat(workspaces.description()).isNotBlank();
    try (Workspaces others = workspacesIn(place)) {
      assertThat(others.capacity()).isEqualTo(workspaces.capacity());
      assertThat(others.capabilities()).isEqualTo(workspaces.capabilities());
      assertThat(others.startBranch()).isEqualTo(workspaces.startBranch());
    }
  }

  @Test
  final void openAWorkspaceThatHoldsTheFilesOfThePlace() throws Exception {
    try (Workspace workspace = open("one")) {
      assertThat(workspace.directory()).isAbsolute().isDirectory();
      assertThat(read(workspace, "README")).isEqualTo("hello\n");
      assertThat(read(workspace, "tests/one.txt")).isEqualTo("1\n");
      assertThat(workspace.head()).isEqualTo(workspace.base());
      assertThat(workspace.changesSince(workspace.base())).isEmpty();
    }
  }

  @Test
  final void findAWorkspaceAgainWithWhatStandsInIt() throws Exception {
    Path directory;
    try (Workspace workspace = open("one")) {
      directory = workspace.directory();
      write(workspace, "half/done.txt", "not kept anywhere yet\n");
    }

    restart();

    try (Workspace again = open("one")) {
      assertThat(again.directory()).isEqualTo(directory);
      assertThat(read(again, "half/done.txt")).isEqualTo("not kept anywhere yet\n");
    }
  }

  @Test
  final void tellEveryKindOfChange() throws Exception {
    try (Workspace workspace = open("one")) {
      write(workspace, "new/ä file.txt", "new\n");
      write(workspace, "README", "changed\n");
      Files.delete(workspace.directory().resolve("src/a.txt"));

      assertThat(workspace.changesSince(workspace.base()))
          .containsExactlyInAnyOrder(
              new Change(Change.Kind.ADDED, "new/ä file.txt"),
              new Change(Change.Kind.MODIFIED, "README"),
              new Change(Change.Kind.DELETED, "src/a.txt"));
    }
  }

  @Test
  final void tellWhatDiffersBetweenCheckpointsWhateverStandsThereByNow() throws Exception {
    try (Workspace workspace = open("one")) {
      write(workspace, "README", "changed\n");
      Checkpoint changed = keep(workspace);
      write(workspace, "README", "hello\n");
      write(workspace, "later.txt", "later\n");

      assertThat(workspace.changes(workspace.base(), changed))
          .containsExactly(new Change(Change.Kind.MODIFIED, "README"));
    }
  }

  @Test
  final void readAFileOutOfACheckpointWhereTheyKeepWhatFilesWere() throws Exception {
    requireCheckpoints();
    try (Workspace workspace = open("one")) {
      write(workspace, "README", "changed\n");
      Checkpoint changed = keep(workspace);
      write(workspace, "README", "other\n");

      assertThat(workspace.content(changed, "README", 8)).hasValue(utf8("changed\n"));
      assertThat(workspace.content(changed, "README", 7)).isEmpty();
      assertThat(workspace.content(changed, "src", 8)).isEmpty();
      assertThat(workspace.content(changed, "none", 8)).isEmpty();
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  final void nameEqualFilesByEqualTrees() throws Exception {
    try (Workspace workspace = open("one")) {
      Checkpoint unchanged = keep(workspace);
      write(workspace, "README", "changed\n");
      Checkpoint changed = keep(workspace);
      write(workspace, "README", "hello\n");
      Checkpoint back = keep(workspace);

      assertThat(unchanged.tree()).isEqualTo(workspace.base().tree());
      assertThat(changed.tree()).isNotEqualTo(unchanged.tree());
      assertThat(back.tree()).isEqualTo(unchanged.tree());
    }
  }

  @Test
  final void sayBeforehandWhatAWorkspaceStartsFrom() throws Exception {
    requireCheckpoints();
    Checkpoint start = workspaces.start().orElseThrow();
    try (Workspace workspace = open("one")) {
      assertThat(workspace.base()).isEqualTo(start);
    }
  }

  @Test
  final void previewWhatACheckpointChangesWhereTheyCanAndTheSameEachTime() throws Exception {
    try (Workspace workspace = open("one")) {
      write(workspace, "README", "changed\n");
      Checkpoint changed = keep(workspace);
      PreviewRequest request = new PreviewRequest(RUN, List.of(changed), null, 10_000);

      Optional<Preview> preview = workspaces.preview(request);
      assertThat(workspaces.preview(request)).isEqualTo(preview);
      preview.ifPresent(
          one -> {
            assertThat(one.diff()).contains("README", "+changed");
            assertThat(one.trees()).endsWith(changed.tree());
          });
    }
  }

  @Test
  final void moveTheHeadOnlyToWhatIsAccepted() throws Exception {
    try (Workspace workspace = open("one")) {
      write(workspace, "README", "changed\n");
      Checkpoint kept = keep(workspace);
      assertThat(workspace.head()).isEqualTo(workspace.base());

      workspace.accept(kept);

      assertThat(workspace.head()).isEqualTo(kept);
      assertThat(workspace.changesSince(workspace.head())).isEmpty();
    }
  }

  @Test
  final void cutALongDifference() throws Exception {
    try (Workspace workspace = open("one")) {
      write(workspace, "README", "changed\n".repeat(1_000));
      Checkpoint kept = keep(workspace);

      assertThat(workspace.diff(workspace.base(), kept, 100_000)).contains("README");
      assertThat(workspace.diff(workspace.base(), kept, 300)).hasSizeLessThan(500);
      assertThat(workspace.diff(kept, kept, 300)).isEmpty();
    }
  }

  @Test
  final void rememberTheHeadOverARestart() throws Exception {
    requireCheckpoints();
    Checkpoint accepted;
    try (Workspace workspace = open("one")) {
      write(workspace, "README", "changed\n");
      accepted = accept(workspace);
    }

    restart();

    try (Workspace again = open("one")) {
      assertThat(again.head()).isEqualTo(accepted);
    }
  }

  @Test
  final void putBackWhatMatchesAndNothingElse() throws Exception {
    requireCheckpoints();
    try (Workspace workspace = open("one")) {
      write(workspace, "tests/one.txt", "weakened\n");
      write(workspace, "tests/deep/added.txt", "added\n");
      Files.delete(workspace.directory().resolve("tests/two"));
      write(workspace, "src/a.txt", "the real work\n");

      assertThat(workspace.restore(TESTS, workspace.base()))
          .containsExactly("tests/deep/added.txt", "tests/one.txt", "tests/two");

      assertThat(read(workspace, "tests/one.txt")).isEqualTo("1\n");
      assertThat(read(workspace, "tests/two")).isEqualTo("2\n");
      assertThat(workspace.directory().resolve("tests/deep/added.txt")).doesNotExist();
      assertThat(read(workspace, "src/a.txt")).isEqualTo("the real work\n");
      assertThat(workspace.restore(TESTS, workspace.base())).isEmpty();
    }
  }

  @Test
  final void writeNothingThroughALinkThatLeadsOut() throws Exception {
    requireCheckpoints();
    Files.writeString(outside.resolve("one.txt"), "precious\n");
    try (Workspace workspace = open("one")) {
      Path tests = workspace.directory().resolve("tests");
      Files.delete(tests.resolve("one.txt"));
      Files.delete(tests.resolve("two"));
      Files.delete(tests);
      Files.createSymbolicLink(tests, outside);

      workspace.restore(TESTS, workspace.base());

      assertThat(outside.resolve("one.txt")).hasContent("precious\n");
      assertThat(outside.resolve("two")).doesNotExist();
      assertThat(tests.toRealPath(LinkOption.NOFOLLOW_LINKS)).isDirectory();
      assertThat(read(workspace, "tests/one.txt")).isEqualTo("1\n");
    }
  }

  @Test
  final void keepWhatWasNotAcceptedWithinReach() throws Exception {
    requireCheckpoints();
    Checkpoint kept;
    try (Workspace workspace = open("one")) {
      write(workspace, "idea.txt", "worth a lot\n");
      kept = keep(workspace);
      Files.delete(workspace.directory().resolve("idea.txt"));
      accept(workspace);
    }
    workspaces.release(RUN);
    restart();

    try (Workspace again = open("one")) {
      assertThat(again.directory().resolve("idea.txt")).doesNotExist();
      assertThat(again.restore(PathGlobs.of("idea.txt"), kept)).containsExactly("idea.txt");
      assertThat(read(again, "idea.txt")).isEqualTo("worth a lot\n");
    }
  }

  @Test
  final void keepTasksApart() throws Exception {
    requireIsolation();
    try (Workspace one = open("one");
        Workspace two = open("two")) {
      write(one, "README", "by one\n");
      write(one, "new.txt", "by one\n");

      assertThat(two.directory()).isNotEqualTo(one.directory());
      assertThat(read(two, "README")).isEqualTo("hello\n");
      assertThat(two.directory().resolve("new.txt")).doesNotExist();
      assertThat(two.changesSince(two.base())).isEmpty();
    }
  }

  @Test
  final void keepTenantsApart() throws Exception {
    requireIsolation();
    RunKey same = new RunKey(Tenant.of("other"), RUN.run());
    try (Workspace mine = open("one");
        Workspace other = opened(request(same, "one"))) {
      write(mine, "new.txt", "mine\n");

      assertThat(other.directory()).isNotEqualTo(mine.directory());
      assertThat(other.directory().resolve("new.txt")).doesNotExist();
    }
  }

  @Test
  final void openManyTasksAtOnce() throws Exception {
    requireIsolation();
    List<Callable<Path>> openings = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String task = "t" + i;
      openings.add(
          () -> {
            try (Workspace workspace = open(task)) {
              write(workspace, "new.txt", task);
              accept(workspace);
              assertThat(read(workspace, "new.txt")).isEqualTo(task);
              return workspace.directory();
            }
          });
    }

    Set<Path> directories = new HashSet<>();
    ExecutorService threads = Executors.newFixedThreadPool(openings.size());
    try {
      for (Future<Path> opening : threads.invokeAll(openings)) {
        directories.add(opening.get());
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(directories).hasSize(openings.size());
  }

  @Test
  final void startATaskFromWhatItsDependenciesDid() throws Exception {
    requireIsolation();
    requireCheckpoints();
    Checkpoint one = work("one", "one.txt", "1\n");
    Checkpoint two = work("two", "two.txt", "2\n");

    try (Workspace after = open("after", one);
        Workspace both = open("both", one, two)) {
      assertThat(after.base()).isEqualTo(one);
      assertThat(read(after, "one.txt")).isEqualTo("1\n");
      assertThat(after.directory().resolve("two.txt")).doesNotExist();
      assertThat(read(both, "one.txt")).isEqualTo("1\n");
      assertThat(read(both, "two.txt")).isEqualTo("2\n");
    }
  }

  @Test
  final void makeNothingOfDependenciesInConflict() throws Exception {
    requireIsolation();
    requireCheckpoints();
    Checkpoint one = work("one", "README", "1\n");
    Checkpoint two = work("two", "README", "2\n");

    for (int i = 0; i < 2; i++) {
      assertThat(workspaces.open(request(RUN, "both", one, two)))
          .isInstanceOfSatisfying(
              Opening.Conflict.class,
              conflict -> {
                assertThat(conflict.paths()).containsExactly("README");
                assertThat(conflict.message()).isNotBlank();
              });
    }
  }

  @Test
  final void keepForAForkWhatItBuildsOn() throws Exception {
    requireIsolation();
    requireCheckpoints();
    RunKey fork = run("fork");
    String began = workspaces.start().map(Checkpoint::id).orElse(null);
    Checkpoint done = work("one", "one.txt", "1\n");
    work("two", "README", "by the run that goes on\n");
    Adoption adoption = new Adoption(RUN, fork, Map.of(TaskId.of("one"), List.of(done)), began);

    Optional<Checkpoint> start = workspaces.adopt(adoption);
    assertThat(workspaces.adopt(adoption)).isEqualTo(start);
    assertThat(start.map(Checkpoint::id).orElse(null)).isEqualTo(began);
    workspaces.release(RUN);
    restart();

    try (Workspace after = opened(request(fork, "after", done))) {
      assertThat(after.base()).isEqualTo(done);
      assertThat(read(after, "one.txt")).isEqualTo("1\n");
      assertThat(read(after, "README")).isEqualTo("hello\n");
      write(after, "two.txt", "2\n");
      assertThat(accept(after)).isNotEqualTo(done);
    }
    if (start.isPresent()) {
      try (Workspace beside = opened(request(fork, "beside", start.orElseThrow()))) {
        assertThat(read(beside, "README")).isEqualTo("hello\n");
        assertThat(beside.directory().resolve("one.txt")).doesNotExist();
      }
    }
  }

  @Test
  final void refuseToKeepForAForkWhatIsNotThere() {
    requireCheckpoints();
    Checkpoint gone = new Checkpoint("0123456789012345678901234567890123456789", "gone");
    Adoption adoption =
        new Adoption(RUN, run("fork"), Map.of(TaskId.of("one"), List.of(gone)), null);

    assertThatThrownBy(() -> workspaces.adopt(adoption)).isInstanceOf(PermanentException.class);
  }

  @Test
  final void mergeWithoutMovingTheBranchAndMoveItThen() throws Exception {
    requireMerges();
    Checkpoint one = work("one", "one.txt", "1\n");
    Checkpoint two = work("two", "two.txt", "2\n");
    Merging.Candidate candidate = candidate(merge(branch(), one, two));
    try (Workspace merged = candidate.workspace()) {
      assertThat(read(merged, "one.txt")).isEqualTo("1\n");
      assertThat(read(merged, "two.txt")).isEqualTo("2\n");
      assertThat(read(merged, "README")).isEqualTo("hello\n");
    }
    assertThat(branchHolds("before", "one.txt")).isFalse();

    Advance advance = workspaces.advance(candidate);

    assertThat(advance).isEqualTo(new Advance.Advanced(candidate.before(), candidate.merged()));
    assertThat(branchHolds("after", "one.txt")).isTrue();
    assertThat(branchHolds("after-too", "two.txt")).isTrue();
  }

  @Test
  final void finishAMoveThatACrashInterrupted() throws Exception {
    requireMerges();
    Checkpoint one = work("one", "one.txt", "1\n");
    Merging.Candidate candidate = candidate(merge(branch(), one));
    candidate.workspace().close();

    for (int i = 0; i < 2; i++) {
      restart();
      assertThat(workspaces.advance(candidate.request(), candidate.before(), candidate.merged()))
          .isInstanceOf(Advance.Advanced.class);
      assertThat(branchHolds("after-" + i, "one.txt")).isTrue();
    }
  }

  @Test
  final void mergeNothingThatTheBranchHoldsAlready() throws Exception {
    requireMerges();
    Checkpoint one = work("one", "one.txt", "1\n");
    Merging.Candidate first = candidate(merge(branch(), one));
    first.workspace().close();
    workspaces.advance(first);

    Merging.Candidate again = candidate(merge(branch(), one));
    again.workspace().close();

    assertThat(again.merged()).isEqualTo(again.before());
  }

  @Test
  final void moveNoBranchThatSomethingElseHasMoved() throws Exception {
    requireMerges();
    Checkpoint one = work("one", "one.txt", "1\n");
    Checkpoint two = work("two", "two.txt", "2\n");
    Merging.Candidate late = candidate(merge("late", branch(), two));
    late.workspace().close();
    Merging.Candidate early = candidate(merge("early", branch(), one));
    early.workspace().close();
    workspaces.advance(early);

    assertThat(workspaces.advance(late)).isInstanceOf(Advance.Moved.class);

    assertThat(branchHolds("after", "one.txt")).isTrue();
    assertThat(branchHolds("after-too", "two.txt")).isFalse();
  }

  @Test
  final void sayWhatDoesNotMerge() throws Exception {
    requireMerges();
    Checkpoint one = work("one", "README", "1\n");
    Checkpoint two = work("two", "README", "2\n");
    Merging.Candidate first = candidate(merge(branch(), one));
    first.workspace().close();
    workspaces.advance(first);

    assertThat(merge(branch(), two))
        .isInstanceOfSatisfying(
            Merging.Conflict.class,
            conflict -> assertThat(conflict.paths()).containsExactly("README"));
  }

  @Test
  final void refuseToMergeIntoABranchThatDoesNotExist() throws Exception {
    requireMerges();
    Checkpoint one = work("one", "one.txt", "1\n");

    assertThat(merge("no-such-branch", one)).isInstanceOf(Merging.Refused.class);
  }

  @Test
  final void mergeNothingWhereTheyDoNotSaySo() throws Exception {
    Assumptions.assumeFalse(workspaces.capabilities().merges(), "the workspaces merge");
    try (Workspace workspace = open("one")) {
      Checkpoint head = workspace.head();

      assertThatThrownBy(() -> merge(branch(), head)).isInstanceOf(MaestroException.class);
    }
  }

  @Test
  final void putBackNothingWhereTheyKeepNothing() throws Exception {
    Assumptions.assumeFalse(
        workspaces.capabilities().checkpoints(), "the workspaces keep checkpoints");
    try (Workspace workspace = open("one")) {
      write(workspace, "tests/one.txt", "weakened\n");

      assertThatThrownBy(() -> workspace.restore(TESTS, workspace.base()))
          .isInstanceOf(MaestroException.class);
      assertThat(read(workspace, "tests/one.txt")).isEqualTo("weakened\n");
    }
  }

  @Test
  final void releaseAsOftenAsTheyAreAskedAndHarmNothing() throws Exception {
    Path directory;
    try (Workspace workspace = open("one")) {
      directory = workspace.directory();
      write(workspace, "README", "changed\n");
      accept(workspace);
    }

    workspaces.release(RUN);
    workspaces.release(RUN);
    restart();
    workspaces.release(run("never-heard-of"));

    if (workspaces.capabilities().isolates()) {
      assertThat(directory).doesNotExist();
    }
    assertThat(place).isDirectory();
    try (Workspace again = open("one")) {
      assertThat(read(again, "README")).isEqualTo("changed\n");
    }
  }

  @Test
  final void releaseNoOtherRun() throws Exception {
    requireIsolation();
    RunKey other = run("r2");
    try (Workspace mine = open("one");
        Workspace others = opened(request(other, "one"))) {
      write(others, "half.txt", "done\n");

      workspaces.release(RUN);

      assertThat(mine.directory()).doesNotExist();
      assertThat(read(others, "half.txt")).isEqualTo("done\n");
    }
  }

  private Workspace open(String task, Checkpoint... bases) throws InterruptedException {
    return opened(request(RUN, task, bases));
  }

  private Workspace opened(WorkspaceRequest request) throws InterruptedException {
    Opening opening = workspaces.open(request);
    assertThat(opening).isInstanceOf(Opening.Opened.class);
    return ((Opening.Opened) opening).workspace();
  }

  private static WorkspaceRequest request(RunKey run, String task, Checkpoint... bases) {
    return new WorkspaceRequest(run, TaskId.of(task), List.of(bases));
  }

  private static RunKey run(String id) {
    return new RunKey(Tenant.DEFAULT, RunId.of(id));
  }

  private Checkpoint work(String task, String path, String text) throws Exception {
    try (Workspace workspace = open(task)) {
      write(workspace, path, text);
      return accept(workspace);
    }
  }

  private static Checkpoint keep(Workspace workspace) throws InterruptedException {
    return workspace.checkpoint(CommitMessage.of("What stands there"));
  }

  private static Checkpoint accept(Workspace workspace) throws InterruptedException {
    Checkpoint checkpoint = keep(workspace);
    workspace.accept(checkpoint);
    return checkpoint;
  }

  private Merging merge(String branch, Checkpoint... sources) throws InterruptedException {
    return merge("merge", branch, sources);
  }

  private Merging merge(String task, String branch, Checkpoint... sources)
      throws InterruptedException {
    return workspaces.merge(
        new MergeRequest(
            RUN, TaskId.of(task), branch, List.of(sources), CommitMessage.of("Merge the work")));
  }

  private static Merging.Candidate candidate(Merging merging) {
    assertThat(merging).isInstanceOf(Merging.Candidate.class);
    return (Merging.Candidate) merging;
  }

  /** {@return whether a run that starts now finds the file} */
  private boolean branchHolds(String run, String path) throws InterruptedException {
    try (Workspace workspace = opened(request(run(run), "look"))) {
      return Files.exists(workspace.directory().resolve(path));
    }
  }

  private static String read(Workspace workspace, String path) throws IOException {
    return Files.readString(workspace.directory().resolve(path));
  }

  private static void write(Workspace workspace, String path, String text) throws IOException {
    Path file = workspace.directory().resolve(path);
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(file, text);
  }
}
