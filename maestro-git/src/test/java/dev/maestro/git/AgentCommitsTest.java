package dev.maestro.git;

import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.tryGit;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class AgentCommitsTest {

  @TempDir Path temp;

  private static String commit(Path directory, String path, String text) {
    write(directory, path, text);
    gitIn(directory, "add", "-A");
    gitIn(directory, "commit", "-qm", "by the agent: " + path);
    return gitIn(directory, "rev-parse", "HEAD");
  }

  private static void requireOneCommit(TestRepository repository, Workspace workspace) {
    assertThat(repository.git("log", "--format=%s", "main..maestro/r/green")).isEqualTo("done");
    assertThat(gitIn(workspace.directory(), "branch", "--show-current"))
        .isEqualTo("maestro/r/green");
    assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
    repository.requireSound();
  }

  private static void requireKept(TestRepository repository, String commit) {
    repository.git("worktree", "prune");
    repository.git("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all");
    repository.git("gc", "--quiet", "--prune=now");
    assertThat(repository.git("cat-file", "-t", commit)).isEqualTo("commit");
  }

  @BothWays
  void squashesCommitsOfTheAgentAndKeepsThem(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      commit(workspace.directory(), "one", "1");
      String last = commit(workspace.directory(), "two", "2");
      write(workspace.directory(), "three", "3");
      accept(workspace, "done");

      requireOneCommit(repository, workspace);
      assertThat(repository.git("ls-tree", "-r", "--name-only", "maestro/r/green"))
          .contains("one", "two", "three");
      requireKept(repository, last);
    }
  }

  @BothWays
  void keepsCommitsThatTheAgentThrewAway(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      String thrown = commit(workspace.directory(), "one", "1");
      gitIn(workspace.directory(), "reset", "-q", "--hard", "HEAD~1");
      write(workspace.directory(), "two", "2");
      accept(workspace, "done");

      requireOneCommit(repository, workspace);
      requireKept(repository, thrown);
    }
  }

  @BothWays
  void goesOnFromTheFilesWhenTheAgentLeftTheBranch(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      gitIn(workspace.directory(), "checkout", "-q", "-b", "own-idea");
      String own = commit(workspace.directory(), "one", "1");
      gitIn(workspace.directory(), "checkout", "-q", "--detach");
      String detached = commit(workspace.directory(), "two", "2");
      gitIn(workspace.directory(), "branch", "-qD", "maestro/r/green");
      accept(workspace, "done");

      requireOneCommit(repository, workspace);
      assertThat(repository.git("rev-parse", "own-idea")).isEqualTo(own);
      requireKept(repository, detached);
    }
  }

  @BothWays
  void goesOnFromTheFilesInTheMiddleOfAConflict(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      gitIn(workspace.directory(), "checkout", "-q", "-b", "side");
      commit(workspace.directory(), "README", "side\n");
      gitIn(workspace.directory(), "checkout", "-q", "maestro/r/green");
      commit(workspace.directory(), "README", "ours\n");
      assertThat(tryGit(workspace.directory(), "merge", "side").exitCode()).isNotZero();
      Checkpoint checkpoint = accept(workspace, "done");

      requireOneCommit(repository, workspace);
      assertThat(repository.git("show", checkpoint.id() + ":README")).contains("<<<<<<<");
      assertThat(gitIn(workspace.directory(), "status")).doesNotContain("merging");
    }
  }

  @BothWays
  void mendsAWorktreeWhoseLinkToGitIsGone(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path directory = workspace.directory();
      Files.delete(directory.resolve(".git"));
      repository.git("worktree", "prune");
      write(directory, "one", "1");
      accept(workspace, "done");

      requireOneCommit(repository, workspace);
      assertThat(repository.git("status", "--porcelain")).isEmpty();
    }
  }

  @BothWays
  void setsAsideARepositoryThatTheAgentMadeInPlaceOfTheWorktree(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path directory = workspace.directory();
      Files.delete(directory.resolve(".git"));
      gitIn(directory, "init", "-q");
      gitIn(directory, "config", "user.name", "a");
      gitIn(directory, "config", "user.email", "a@b");
      String own = commit(directory, "one", "1");
      accept(workspace, "done");

      requireOneCommit(repository, workspace);
      assertThat(gitIn(temp, "--git-dir", directory + ".git-1", "cat-file", "-t", own))
          .isEqualTo("commit");
    }
  }
}
