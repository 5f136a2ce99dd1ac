package dev.maestro.git;

import static dev.maestro.git.TestRepository.candidate;
import static dev.maestro.git.TestRepository.delete;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.lines;
import static dev.maestro.git.TestRepository.merge;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.work;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Workspace;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergingTest {

  @TempDir Path temp;

  @BothWays
  void mergesIntoABranchWithoutMovingIt(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint a = work(open(workspaces, "a"), "a.txt", "a");
      Checkpoint b = work(open(workspaces, "b"), "b.txt", "b");
      repository.write("m.txt", "m");
      String main = repository.commitAll("meanwhile on main");

      Merging.Candidate candidate = candidate(merge(workspaces, "main", a, b));

      assertThat(repository.git("rev-parse", "main")).isEqualTo(main);
      assertThat(candidate.before().id()).isEqualTo(main);
      assertThat(repository.git("log", "-1", "--format=%s %P", candidate.merged().id()))
          .isEqualTo("Merge the work " + main + " " + a.id() + " " + b.id());
      Path directory = candidate.workspace().directory();
      assertThat(gitIn(directory, "branch", "--show-current")).isEqualTo("maestro/r/merge@merge");
      assertThat(gitIn(directory, "status", "--porcelain")).isEmpty();
      assertThat(gitIn(directory, "ls-files").lines())
          .contains("a.txt", "b.txt", "m.txt", "README");
      repository.requireSound();
    }
  }

  @BothWays
  void saysWhichFilesConflictAndMakesNothing(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint a = work(open(workspaces, "a"), "README", "ours\n");
      repository.write("README", "theirs\n");
      repository.commitAll("meanwhile on main");
      String refs = repository.git("for-each-ref");

      Merging merging = merge(workspaces, "main", a);

      assertThat(merging).isInstanceOf(Merging.Conflict.class);
      assertThat(((Merging.Conflict) merging).paths()).containsExactly("README");
      assertThat(((Merging.Conflict) merging).message()).contains("into main");
      assertThat(repository.git("for-each-ref")).isEqualTo(refs);
      assertThat(repository.git("status", "--porcelain")).isEmpty();
    }
  }

  private static Merging renameAgainstEdit(TestRepository repository, GitWorkspaces workspaces)
      throws InterruptedException {
    Workspace renames = open(workspaces, "renames");
    delete(renames.directory(), "src/A.java");
    Checkpoint renamed = work(renames, "src/B.java", lines("class A {}"));
    repository.write("src/A.java", lines("class A { int edited; }"));
    repository.commitAll("edit");
    return merge(workspaces, "main", renamed);
  }

  @Test
  void nativeGitFollowsARename() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.REQUIRED)) {
      Merging.Candidate candidate = candidate(renameAgainstEdit(repository, workspaces));

      assertThat(read(candidate.workspace().directory(), "src/B.java")).contains("int edited");
      assertThat(candidate.workspace().directory().resolve("src/A.java")).doesNotExist();
    }
  }

  @Test
  void withoutNativeGitARenameIsAConflictThatSaysWhy() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.NEVER)) {
      Merging merging = renameAgainstEdit(repository, workspaces);

      assertThat(merging).isInstanceOf(Merging.Conflict.class);
      assertThat(((Merging.Conflict) merging).message()).contains("without detection of renames");
    }
  }

  @BothWays
  void makesNoMergeOfWhatTheBranchHolds(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace idle = open(workspaces, "idle");
      Merging.Candidate candidate = candidate(merge(workspaces, "main", idle.head()));

      assertThat(candidate.merged()).isEqualTo(candidate.before());
      assertThat(candidate.merged().id()).isEqualTo(repository.git("rev-parse", "main"));
    }
  }

  @BothWays
  void makesAMergeCommitWhereAFastForwardWouldDo(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint a = work(open(workspaces, "a"), "a.txt", "a");
      Checkpoint onTop = work(open(workspaces, "onTop", a), "b.txt", "b");
      Merging.Candidate candidate = candidate(merge(workspaces, "main", a, onTop));

      assertThat(repository.git("log", "-1", "--format=%P", candidate.merged().id()))
          .isEqualTo(candidate.before().id() + " " + onTop.id());
      assertThat(candidate.merged().tree()).isEqualTo(onTop.tree());
    }
  }

  @BothWays
  void refusesABranchThatDoesNotExistOrCannot(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint a = work(open(workspaces, "a"), "a.txt", "a");

      for (String branch : new String[] {"missing", "--force", "a..b", "", "with space", "@{-1}"}) {
        assertThat(merge(workspaces, branch, a)).isInstanceOf(Merging.Refused.class);
      }
    }
  }

  @BothWays
  void judgesEachMergeInAFreshDirectoryAndKeepsTheOld(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint a = work(open(workspaces, "a"), "a.txt", "a");
      Merging.Candidate first = candidate(merge(workspaces, "main", a));
      write(first.workspace().directory(), "left", "by a gate\n");
      write(first.workspace().directory(), "target/stale", "by a gate\n");
      repository.write("m.txt", "m");
      repository.commitAll("meanwhile on main");

      Merging.Candidate second = candidate(merge(workspaces, "main", a));

      assertThat(second.merged()).isNotEqualTo(first.merged());
      assertThat(second.workspace().directory().resolve("left")).doesNotExist();
      assertThat(second.workspace().directory().resolve("target")).doesNotExist();
      assertThat(second.workspace().directory().resolve("m.txt")).exists();
      repository.git("gc", "--quiet", "--prune=now");
      assertThat(repository.git("cat-file", "-t", first.merged().id())).isEqualTo("commit");
      repository.requireSound();
    }
  }
}
