package dev.maestro.git;

import static dev.maestro.git.TestRepository.RUN;
import static dev.maestro.git.TestRepository.candidate;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.merge;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.work;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.TaskId;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class ReleaseTest {

  @TempDir Path temp;

  @BothWays
  void takesWorktreesAwayAndKeepsBranchesAndWhatStoodThere(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Checkpoint done = work(workspace, "new", "n");
      write(workspace.directory(), "unsaved", "precious\n");
      workspaces.release(RUN);

      assertThat(workspace.directory()).doesNotExist();
      assertThat(repository.root().resolve(".maestro/worktrees/r")).doesNotExist();
      assertThat(repository.git("worktree", "list").lines()).hasSize(1);
      assertThat(repository.git("rev-parse", "maestro/r/green")).isEqualTo(done.id());
      repository.git("gc", "--quiet", "--prune=now");
      assertThat(
              repository
                  .git("for-each-ref", "--format=%(objectname)", "refs/maestro/r/green/kept")
                  .lines()
                  .map(c -> TestRepository.tryGit(repository.root(), "show", c + ":unsaved")))
          .anyMatch(shown -> shown.output().equals("precious\n"));
      repository.requireSound();
      workspaces.release(RUN);
    }
  }

  @BothWays
  void opensAReleasedWorkspaceAgainAtItsHead(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint done = work(open(workspaces, "green"), "new", "n");
      workspaces.release(RUN);
      Workspace again = open(workspaces, "green");

      assertThat(again.head()).isEqualTo(done);
      assertThat(read(again.directory(), "new")).isEqualTo("n");
      assertThat(gitIn(again.directory(), "status", "--porcelain")).isEmpty();
    }
  }

  @BothWays
  void remembersNothingOfARunWhoseDirectoriesSomebodyElseTookAway(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace gone = open(workspaces, "green");
      repository.git("worktree", "remove", "-f", "-f", gone.directory().toString());
      workspaces.release(RUN);
      repository.git("config", "core.autocrlf", "false");
      Workspace again = open(workspaces, "green");
      Checkpoint done = work(again, "new", "n");

      assertThat(again.head()).isEqualTo(done);
    }
  }

  @BothWays
  void touchesNoWorktreeThatIsNotItsOwn(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path users = repository.root().resolve(".maestro/worktrees/r/users");
    repository.git("worktree", "add", "-q", "-b", "users", users.toString());

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      open(workspaces, "green");
      Workspace other =
          TestRepository.opened(
              workspaces.open(
                  new WorkspaceRequest(TestRepository.run("r2"), TaskId.of("green"), List.of())));
      workspaces.release(RUN);

      assertThat(users.resolve("README")).exists();
      assertThat(other.directory().resolve("README")).exists();
      assertThat(gitIn(users, "status", "--porcelain")).isEmpty();
    }
  }

  @BothWays
  void deletesWriteProtectedDirectoriesAndNothingBehindLinks(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path outside = temp.resolve("outside");
    write(outside, "precious", "p");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "target/cache/file", "c");
      Files.createSymbolicLink(workspace.directory().resolve("target/link"), outside);
      Files.setPosixFilePermissions(
          workspace.directory().resolve("target/cache"),
          PosixFilePermissions.fromString("r-xr-xr-x"));
      workspaces.release(RUN);

      assertThat(workspace.directory()).doesNotExist();
      assertThat(read(outside, "precious")).isEqualTo("p");
    }
  }

  @BothWays
  void leavesAWorktreeThatHoldsARepositoryOfItsOwn(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace unborn = open(workspaces, "unborn");
      write(unborn.directory(), "inner/file", "text");
      gitIn(unborn.directory().resolve("inner"), "init", "-q");
      Workspace born = open(workspaces, "born");
      write(born.directory(), "inner/file", "text");
      Path inner = born.directory().resolve("inner");
      gitIn(inner, "init", "-q");
      gitIn(inner, "add", "-A");
      gitIn(inner, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "inner");
      workspaces.release(RUN);

      assertThat(read(unborn.directory(), "inner/file")).isEqualTo("text");
      assertThat(read(inner, "file")).isEqualTo("text");
    }
  }

  @BothWays
  void leavesAWorktreeThatHoldsWhatGitPassesOver(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Path directory = open(workspaces, "directory").directory();
      write(directory, "fixtures/.git/data", "precious\n");
      Path file = open(workspaces, "file").directory();
      write(file, "fixtures/.git", "precious\n");
      Path tracked = open(workspaces, "tracked").directory();
      gitIn(tracked.resolve("src"), "init", "-q");
      Path ignored = open(workspaces, "ignored").directory();
      write(ignored, "target/deps/.git/HEAD", "ref: refs/heads/main\n");
      workspaces.release(RUN);

      assertThat(read(directory, "fixtures/.git/data")).isEqualTo("precious\n");
      assertThat(read(file, "fixtures/.git")).isEqualTo("precious\n");
      assertThat(tracked.resolve("src/.git/HEAD")).exists();
      assertThat(ignored).doesNotExist();
    }
  }

  @BothWays
  void dropsTheScratchBranchOfAMergeAndKeepsItsCommit(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint done = work(open(workspaces, "green"), "new", "n");
      Merging.Candidate candidate = candidate(merge(workspaces, "main", done));
      write(candidate.workspace().directory(), "left", "by a gate");
      workspaces.release(RUN);

      assertThat(repository.git("branch", "--list", "maestro/*").strip())
          .isEqualTo("maestro/r/green");
      repository.git("gc", "--quiet", "--prune=now");
      assertThat(repository.git("cat-file", "-t", candidate.merged().id())).isEqualTo("commit");
      repository.requireSound();
    }
  }

  @BothWays
  void finishesAReleaseThatACrashInterrupted(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path gitDirectory = repository.root().resolve(".git/worktrees/maestro+r+green");
      Files.writeString(gitDirectory.resolve("locked"), "releasing\n");
      Files.delete(workspace.directory().resolve(".git"));
      Files.delete(workspace.directory().resolve("README"));
      workspaces.release(RUN);

      assertThat(workspace.directory()).doesNotExist();
      assertThat(gitDirectory).doesNotExist();
      assertThat(repository.git("for-each-ref", "refs/maestro/r/green/kept")).isEmpty();
    }
  }
}
