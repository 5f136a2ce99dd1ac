package dev.maestro.git;

import static dev.maestro.git.TestRepository.RUN;
import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.opened;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.request;
import static dev.maestro.git.TestRepository.work;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitWorkspacesOpeningTest {

  @TempDir Path temp;

  @BothWays
  void startsFromTheCheckedOutBranchOnABranchOfItsOwn(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green/one");

      assertThat(gitIn(workspace.directory(), "branch", "--show-current"))
          .isEqualTo("maestro/r/green--one");
      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
      assertThat(workspace.head().id()).isEqualTo(repository.git("rev-parse", "HEAD"));
      assertThat(workspace.head().tree()).isEqualTo(repository.git("rev-parse", "HEAD^{tree}"));
      assertThat(workspace.base()).isEqualTo(workspace.head());
      assertThat(read(workspace.directory(), "README")).isEqualTo("hello\n");
      assertThat(repository.git("worktree", "list", "--porcelain"))
          .contains("worktree " + workspace.directory())
          .contains("branch refs/heads/maestro/r/green--one")
          .contains("locked Maestro works here: r/green--one");
      assertThat(repository.git("status", "--porcelain")).isEmpty();
      repository.requireSound();
    }
  }

  @BothWays
  void findsTheSameWorkspaceAgainWithWhatStoodInIt(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path directory;
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      directory = workspace.directory();
      TestRepository.write(directory, "unsaved", "text");
    }

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace again = open(workspaces, "green");

      assertThat(again.directory()).isEqualTo(directory);
      assertThat(read(directory, "unsaved")).isEqualTo("text");
      assertThat(repository.git("worktree", "list").lines()).hasSize(2);
    }
  }

  @BothWays
  void startsEveryTaskOfARunFromTheSameCommitHoweverTheBranchMoves(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      String start = repository.git("rev-parse", "HEAD");
      open(workspaces, "one");
      repository.write("later.txt", "later");
      repository.commitAll("somebody else works on");

      assertThat(open(workspaces, "two").base().id()).isEqualTo(start);
      repository.requireSound();
    }
  }

  @Test
  void refusesARunWhoseNameAnotherRunHasUsedHere() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      WorkspaceRequest first =
          new WorkspaceRequest(RUN, TaskId.of("one"), List.of(), "begun on Monday");
      WorkspaceRequest second =
          new WorkspaceRequest(RUN, TaskId.of("one"), List.of(), "begun on Tuesday");
      opened(workspaces.open(first)).close();

      assertThat(workspaces.open(first)).isInstanceOf(Opening.Opened.class);
      assertThat(workspaces.open(second))
          .isInstanceOfSatisfying(
              Opening.Refused.class,
              refused ->
                  assertThat(refused.message())
                      .contains("begun on Monday")
                      .contains("choose another run id"));
    }
  }

  @BothWays
  void startsFromTheCheckpointOfADependency(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint red = work(open(workspaces, "red"), "test.txt", "t");
      repository.write("later", "on main");
      repository.commitAll("meanwhile");

      Workspace green = open(workspaces, "green", red);

      assertThat(green.head()).isEqualTo(red);
      assertThat(green.directory().resolve("test.txt")).exists();
      assertThat(green.directory().resolve("later")).doesNotExist();
    }
  }

  @BothWays
  void startsFromTheMergeOfSeveralDependencies(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint a = work(open(workspaces, "a"), "a.txt", "a");
      Checkpoint b = work(open(workspaces, "b"), "b.txt", "b");
      Checkpoint c = work(open(workspaces, "c"), "c.txt", "c");
      Workspace join = open(workspaces, "join", a, b, c);

      assertThat(join.directory())
          .isDirectoryContaining(file -> file.endsWith("a.txt"))
          .isDirectoryContaining(file -> file.endsWith("b.txt"))
          .isDirectoryContaining(file -> file.endsWith("c.txt"));
      assertThat(gitIn(join.directory(), "log", "-1", "--format=%P"))
          .isEqualTo(a.id() + " " + b.id() + " " + c.id());
      assertThat(gitIn(join.directory(), "status", "--porcelain")).isEmpty();
      repository.requireSound();
    }
  }

  @BothWays
  void makesNothingWhenDependenciesConflict(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint a = work(open(workspaces, "a"), "README", "a\n");
      Checkpoint b = work(open(workspaces, "b"), "README", "b\n");
      String refs = repository.git("for-each-ref");

      Opening opening = workspaces.open(request("join", a, b));

      assertThat(opening).isInstanceOf(Opening.Conflict.class);
      assertThat(((Opening.Conflict) opening).paths()).containsExactly("README");
      assertThat(((Opening.Conflict) opening).message()).contains("does not merge cleanly");
      assertThat(repository.git("for-each-ref")).isEqualTo(refs);
      assertThat(repository.git("worktree", "list").lines()).hasSize(3);
    }
  }

  @BothWays
  void opensBesideADirtyAndDetachedMainTree(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("checkout", "-q", "--detach");
    repository.write("README", "dirty\n");
    repository.write("new", "untracked\n");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");

      assertThat(workspaces.startBranch()).isEmpty();
      assertThat(read(workspace.directory(), "README")).isEqualTo("hello\n");
      assertThat(repository.git("status", "--porcelain").lines())
          .containsExactlyInAnyOrder("M README", "?? new");
    }
  }

  @BothWays
  void refusesARepositoryWithoutACommit(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.empty(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Opening opening = workspaces.open(request("green"));

      assertThat(opening).isInstanceOf(Opening.Refused.class);
      assertThat(((Opening.Refused) opening).message()).contains("has no commit yet");
    }
  }

  @BothWays
  void refusesWhenABranchIsInTheWay(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      for (String branch : List.of("maestro", "maestro/r", "maestro/r/green/x")) {
        repository.git("branch", branch);
        assertThat(workspaces.open(request("green")))
            .isInstanceOfSatisfying(
                Opening.Refused.class,
                refused ->
                    assertThat(refused.message())
                        .contains("the branch " + branch + " is in the way"));
        repository.git("branch", "-D", branch);
      }
      repository.git("branch", "maestro/r/green");
      assertThat(workspaces.open(request("green")))
          .isInstanceOfSatisfying(
              Opening.Refused.class,
              refused -> assertThat(refused.message()).contains("Maestro did not make it"));
      assertThat(repository.git("for-each-ref", "refs/maestro")).isEmpty();
    }
  }

  @BothWays
  void worksInABareRepository(NativeUse use) throws Exception {
    TestRepository source = TestRepository.in(temp);
    Path bare = temp.resolve("bare.git");
    source.git("clone", "-q", "--bare", ".", bare.toString());

    try (GitWorkspaces workspaces = GitWorkspaces.builder(bare).nativeGit(use).build()) {
      Workspace workspace = open(workspaces, "green");
      work(workspace, "new", "text");

      assertThat(workspaces.startBranch()).contains("main");
      assertThat(workspace.directory()).startsWith(bare.toRealPath());
      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
      new TestRepository(bare).requireSound();
    }
  }

  @BothWays
  void worksFromALinkedWorktreeOfTheUser(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path linked = temp.resolve("linked");
    repository.git("worktree", "add", "-q", "-b", "feature", linked.toString());
    TestRepository.write(linked, "feature.txt", "f");
    gitIn(linked, "add", "-A");
    gitIn(linked, "commit", "-qm", "feature");

    try (GitWorkspaces workspaces = GitWorkspaces.builder(linked).nativeGit(use).build()) {
      Workspace workspace = open(workspaces, "green");

      assertThat(workspaces.startBranch()).contains("feature");
      assertThat(workspace.directory())
          .startsWith(repository.root().toRealPath().resolve(".maestro"));
      assertThat(workspace.directory().resolve("feature.txt")).exists();
    }
  }

  @BothWays
  void keepsTenantsApart(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    RunKey other = new RunKey(Tenant.of("acme"), RunId.of("r"));

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace ours = open(workspaces, "green");
      Workspace theirs =
          opened(workspaces.open(new WorkspaceRequest(other, TaskId.of("green"), List.of())));

      assertThat(theirs.directory()).isNotEqualTo(ours.directory());
      assertThat(repository.git("branch", "--list", "maestro/*").lines().map(s -> s.substring(2)))
          .containsExactlyInAnyOrder("maestro/r/green", "maestro/acme+r/green");
      workspaces.release(RUN);
      assertThat(theirs.directory()).exists();
      assertThat(ours.directory()).doesNotExist();
    }
  }

  @BothWays
  void takesNamesAsLongAsIdsMayBe(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    RunKey run = TestRepository.run("r".repeat(100));
    TaskId task = TaskId.of("a".repeat(100) + "/" + "b".repeat(100) + "/" + "c".repeat(100));
    TaskId sibling = TaskId.of("a".repeat(100) + "/" + "b".repeat(100) + "/" + "d".repeat(100));

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace one = opened(workspaces.open(new WorkspaceRequest(run, task, List.of())));
      Workspace two = opened(workspaces.open(new WorkspaceRequest(run, sibling, List.of())));
      accept(one, "nothing");

      assertThat(one.directory()).isNotEqualTo(two.directory());
      repository.requireSound();
    }
  }

  @BothWays
  void putsWorktreesWhereToldTo(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path inside = repository.root().resolve("scratch");

    try (GitWorkspaces workspaces =
        GitWorkspaces.builder(repository.root()).nativeGit(use).worktrees(inside).build()) {
      Workspace workspace = open(workspaces, "green");

      assertThat(workspace.directory()).isEqualTo(inside.resolve("r/green"));
      assertThat(repository.git("status", "--porcelain")).isEmpty();
    }
  }

  @Test
  void startsFromANamedBranch() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("branch", "stable");
    repository.write("new", "n");
    repository.commitAll("ahead");

    try (GitWorkspaces workspaces =
        GitWorkspaces.builder(repository.root()).branch("stable").limit(2).build()) {
      assertThat(open(workspaces, "green").head().id())
          .isEqualTo(repository.git("rev-parse", "stable"));
      assertThat(workspaces.capacity().limit()).isEqualTo(2);
      assertThat(workspaces.capacity().key()).endsWith("#stable");
    }
    try (GitWorkspaces workspaces =
        GitWorkspaces.builder(repository.root()).branch("missing").build()) {
      WorkspaceRequest ofAnotherRun =
          new WorkspaceRequest(TestRepository.run("other"), TaskId.of("green"), List.of());
      assertThat(workspaces.open(ofAnotherRun)).isInstanceOf(Opening.Refused.class);
    }
  }

  @Test
  void admitsThreeTasksUnlessToldOtherwise() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces one = GitWorkspaces.of(repository.root());
        GitWorkspaces two =
            GitWorkspaces.of(Files.createSymbolicLink(temp.resolve("link"), repository.root()))) {
      assertThat(one.capacity().limit()).isEqualTo(3);
      assertThat(one.capacity()).isEqualTo(two.capacity());
    }
  }

  @Test
  void saysWhatIsNotARepository() {
    assertThatThrownBy(() -> GitWorkspaces.of(temp.resolve("missing")))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("there is no directory");
    assertThatThrownBy(() -> GitWorkspaces.of(temp))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("is not the root of a git repository");
  }

  @Test
  void usesNoRepositoryAboveTheOneNamed() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    assertThatThrownBy(() -> GitWorkspaces.of(repository.root().resolve("src")))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("is not the root of a git repository");
  }
}
