package dev.maestro.git;

import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.candidate;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.merge;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.tryGit;
import static dev.maestro.git.TestRepository.work;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AdvanceTest {

  @TempDir Path temp;

  /** A merge of a task that changed, added and deleted a file. */
  private static Merging.Candidate prepared(GitWorkspaces workspaces) throws InterruptedException {
    Workspace task = open(workspaces, "task");
    TestRepository.delete(task.directory(), "src/test/ATest.java");
    write(task.directory(), "README", "merged\n");
    return candidate(merge(workspaces, "main", work(task, "new/file", "new\n")));
  }

  private static void requireMerged(TestRepository repository, Merging.Candidate candidate) {
    assertThat(repository.git("rev-parse", "main")).isEqualTo(candidate.merged().id());
    assertThat(repository.git("status", "--porcelain")).isEmpty();
    assertThat(read(repository.root(), "README")).isEqualTo("merged\n");
    assertThat(read(repository.root(), "new/file")).isEqualTo("new\n");
    assertThat(repository.root().resolve("src/test/ATest.java")).doesNotExist();
    repository.requireSound();
  }

  private static void requireRefused(Advance advance, String what) {
    assertThat(advance).isInstanceOf(Advance.Refused.class);
    assertThat(((Advance.Refused) advance).message()).contains(what);
  }

  /** Size and time of the file are what the index says; only the time of the index tells. */
  @BothWays
  void seesAChangeOfTheVeryMomentInWhichTheIndexWasWritten(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint done = work(open(workspaces, "green"), "new", "n\n");
      Merging.Candidate merge = candidate(merge(workspaces, "main", done));
      for (int round = 0; round < 10; round++) {
        Process shell =
            new ProcessBuilder("sh", "-c", "git reset -q --hard && echo dirty > README")
                .directory(repository.root().toFile())
                .start();
        assertThat(shell.waitFor()).isZero();

        assertThat(workspaces.advance(merge.request(), merge.before(), merge.merged()))
            .isInstanceOf(Advance.Refused.class);
        assertThat(read(repository.root(), "README")).isEqualTo("dirty\n");
      }
    }
  }

  @BothWays
  void takesACleanTreeAlong(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.write("untracked", "stays\n");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      repository.git("config", "core.logAllRefUpdates", "true");

      assertThat(workspaces.advance(candidate))
          .isEqualTo(new Advance.Advanced(candidate.before(), candidate.merged()));

      assertThat(read(repository.root(), "untracked")).isEqualTo("stays\n");
      Files.delete(repository.root().resolve("untracked"));
      requireMerged(repository, candidate);
      assertThat(repository.git("reflog", "-1")).contains("maestro: merge");
      assertThat(repository.git("reflog", "-1", "main")).contains("maestro: merge");
      assertThat(repository.git("rev-parse", "HEAD@{1}")).isEqualTo(candidate.before().id());
    }
  }

  @BothWays
  void movesABranchThatIsCheckedOutNowhere(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("checkout", "-q", "-b", "elsewhere");
    repository.write("README", "dirty\n");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);

      assertThat(workspaces.advance(candidate)).isInstanceOf(Advance.Advanced.class);
      assertThat(repository.git("rev-parse", "main")).isEqualTo(candidate.merged().id());
      assertThat(repository.git("status", "--porcelain")).isEqualTo("M README");
    }
  }

  @BothWays
  void takesALinkedTreeOfTheUserAlong(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("checkout", "-q", "-b", "elsewhere");
    Path linked = temp.resolve("linked");
    repository.git("worktree", "add", "-q", linked.toString(), "main");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);

      assertThat(workspaces.advance(candidate)).isInstanceOf(Advance.Advanced.class);
      assertThat(gitIn(linked, "status", "--porcelain")).isEmpty();
      assertThat(read(linked, "README")).isEqualTo("merged\n");
      assertThat(gitIn(linked, "reflog", "-1")).contains("maestro: merge");
    }
  }

  @BothWays
  void refusesWhenTheTreeIsNotClean(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      String main = repository.git("rev-parse", "main");

      repository.write("src/A.java", "the user's\n");
      requireRefused(workspaces.advance(candidate), "commit or stash");
      assertThat(read(repository.root(), "src/A.java")).isEqualTo("the user's\n");
      repository.git("add", "-A");
      requireRefused(workspaces.advance(candidate), "commit or stash");
      repository.git("reset", "-q", "--hard");

      repository.write("new/file", "the user's, untracked\n");
      requireRefused(workspaces.advance(candidate), "files where new ones would go");
      assertThat(read(repository.root(), "new/file")).isEqualTo("the user's, untracked\n");
      Files.delete(repository.root().resolve("new/file"));
      Files.delete(repository.root().resolve("new"));

      repository.write("new", "a file where a directory would go\n");
      requireRefused(workspaces.advance(candidate), "checked out in");
      assertThat(read(repository.root(), "new")).contains("a file where");
      Files.delete(repository.root().resolve("new"));

      repository.write("new/file/deep", "a directory where a file would go\n");
      requireRefused(workspaces.advance(candidate), "checked out in");
      assertThat(repository.root().resolve("new/file/deep")).exists();
      repository.git("clean", "-qfd", "new");

      repository.write(".git/info/exclude", "/.maestro/\nnew\n");
      repository.write("new/file", "the user's, ignored\n");
      requireRefused(workspaces.advance(candidate), "checked out in");
      assertThat(read(repository.root(), "new/file")).isEqualTo("the user's, ignored\n");
      repository.git("clean", "-qfdx", "new");

      assertThat(repository.git("rev-parse", "main")).isEqualTo(main);
      assertThat(workspaces.advance(candidate)).isInstanceOf(Advance.Advanced.class);
      requireMerged(repository, candidate);
    }
  }

  @BothWays
  void refusesInTheMiddleOfAMergeOrARebase(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("checkout", "-q", "-b", "side");
    repository.write("README", "side\n");
    repository.commitAll("side");
    repository.git("checkout", "-q", "main");
    repository.write("README", "main\n");
    repository.commitAll("main");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint work = work(open(workspaces, "task"), "new", "n");
      Merging.Candidate candidate = candidate(merge(workspaces, "main", work));

      tryGit(repository.root(), "merge", "-s", "ours", "--no-commit", "side");
      requireRefused(workspaces.advance(candidate), "not finished");
      repository.git("merge", "--abort");
      tryGit(repository.root(), "rebase", "side");
      requireRefused(workspaces.advance(candidate), "rebase");
      repository.git("rebase", "--abort");
      assertThat(workspaces.advance(candidate)).isInstanceOf(Advance.Advanced.class);
    }
  }

  @BothWays
  void saysWhenTheBranchMoved(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      repository.write("src/A.java", "class A { int moved; }\n");
      String moved = repository.commitAll("meanwhile");

      assertThat(workspaces.advance(candidate)).isEqualTo(new Advance.Moved(moved));
      assertThat(repository.git("status", "--porcelain")).isEmpty();
    }
  }

  @BothWays
  void movesNoBranchByForceOrOutOfNothing(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      Merging.Candidate backwards =
          new Merging.Candidate(
              candidate.request(), candidate.merged(), candidate.before(), candidate.workspace());
      workspaces.advance(candidate);

      requireRefused(workspaces.advance(backwards), "never moved by force");
      requireMerged(repository, candidate);
      repository.git("checkout", "-q", "--detach");
      repository.git("branch", "-qD", "main");
      requireRefused(workspaces.advance(candidate), "does not exist any more");
    }
  }

  @BothWays
  void isDoneWhenCalledAgain(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      workspaces.advance(candidate);
      repository.write("src/A.java", "the user works on\n");

      assertThat(workspaces.advance(candidate)).isInstanceOf(Advance.Advanced.class);
      assertThat(read(repository.root(), "src/A.java")).isEqualTo("the user works on\n");
      repository.git("checkout", "-q", "src/A.java");
      requireMerged(repository, candidate);
    }
  }

  @BothWays
  void finishesATreeThatACrashLeftBehind(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      repository.git(
          "update-ref", "refs/heads/main", candidate.merged().id(), candidate.before().id());
      assertThat(repository.git("status", "--porcelain")).isNotEmpty();

      assertThat(workspaces.advance(candidate)).isInstanceOf(Advance.Advanced.class);
      requireMerged(repository, candidate);
    }
  }

  @BothWays
  void finishesATreeThatACrashLeftHalfWay(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      repository.git("update-ref", "refs/heads/main", candidate.merged().id());
      repository.write("README", "merged\n");
      repository.write("new/file", "new\n");

      assertThat(workspaces.advance(candidate)).isInstanceOf(Advance.Advanced.class);
      requireMerged(repository, candidate);
    }
  }

  @BothWays
  void finishesATreeWhenAskedWithAFreshMergeOfNothing(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      repository.git(
          "update-ref", "-m", "maestro: merge", "refs/heads/main", candidate.merged().id());
      Merging.Candidate again =
          candidate(
              merge(workspaces, "main", candidate.request().sources().toArray(new Checkpoint[0])));

      assertThat(again.merged()).isEqualTo(again.before());
      assertThat(workspaces.advance(again)).isInstanceOf(Advance.Advanced.class);
      requireMerged(repository, candidate);
    }
  }

  @BothWays
  void touchesNoTreeThatIsBehindAndChanged(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      repository.git("update-ref", "refs/heads/main", candidate.merged().id());
      repository.write("README", "the user's\n");

      requireRefused(workspaces.advance(candidate), "behind the branch");
      assertThat(read(repository.root(), "README")).isEqualTo("the user's\n");
    }
  }

  @BothWays
  void refusesWhileTheIndexIsLocked(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(workspaces);
      Path lock = repository.root().resolve(".git/index.lock");
      Files.createFile(lock);

      requireRefused(workspaces.advance(candidate), "index.lock");
      assertThat(lock).exists();
      assertThat(repository.git("rev-parse", "main")).isEqualTo(candidate.before().id());
    }
  }

  /** What the user's tree has of its own where the merge writes, and what the agent does there. */
  private static Stream<Arguments> inTheWay() {
    return Stream.of(
        Arguments.of("d/x", "d/my.secret", "rm -r d; echo file > d"),
        Arguments.of("d/x", "a.secret", "mkdir a.secret; echo 1 > a.secret/f; git add -f a.secret"),
        Arguments.of("d/x", "n.secret/mine", "echo file > n.secret; git add -f n.secret"));
  }

  private static Stream<Arguments> inTheWayBothWays() {
    return inTheWay()
        .flatMap(
            way ->
                Stream.of(NativeUse.REQUIRED, NativeUse.NEVER)
                    .map(use -> Arguments.of(way.get()[0], way.get()[1], way.get()[2], use)));
  }

  private Merging.Candidate prepared(
      TestRepository repository, GitWorkspaces workspaces, String tracked, String commands)
      throws Exception {
    repository.write(tracked, "tracked\n");
    repository.write(".gitignore", "*.secret\n");
    repository.commitAll("what is there");
    Workspace workspace = open(workspaces, "one");
    new ProcessBuilder("sh", "-c", commands + "; echo more >> README")
        .directory(workspace.directory().toFile())
        .start()
        .waitFor();
    return candidate(merge(workspaces, "main", accept(workspace, "in the way")));
  }

  @ParameterizedTest
  @MethodSource("inTheWayBothWays")
  void takesNoFileOfTheUsersForOneOfItsOwnThoughItIsIgnored(
      String tracked, String own, String commands, NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(repository, workspaces, tracked, commands);
      repository.write(own, "precious\n");

      requireRefused(workspaces.advance(candidate), "files");
      assertThat(read(repository.root(), own)).isEqualTo("precious\n");
      assertThat(repository.git("rev-parse", "main")).isEqualTo(candidate.before().id());
    }
  }

  @ParameterizedTest
  @MethodSource("inTheWayBothWays")
  void finishesNoTreeInWhichTheUserHasPutFilesWhereItWrites(
      String tracked, String own, String commands, NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Merging.Candidate candidate = prepared(repository, workspaces, tracked, commands);
      repository.git("update-ref", "refs/heads/main", candidate.merged().id());
      repository.write("README", "hello\nmore\n");
      repository.write(own, "precious\n");

      requireRefused(workspaces.advance(candidate), "behind the branch");
      assertThat(read(repository.root(), own)).isEqualTo("precious\n");
    }
  }
}
