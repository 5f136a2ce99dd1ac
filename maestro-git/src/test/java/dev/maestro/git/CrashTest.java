package dev.maestro.git;

import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.candidate;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.merge;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.work;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.TransientException;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashTest {

  @TempDir Path temp;

  private static Path gitDirectory(TestRepository repository) {
    return repository.root().resolve(".git/worktrees/maestro+r+green");
  }

  private static void requireGood(TestRepository repository, Workspace workspace)
      throws InterruptedException {
    assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
    assertThat(gitIn(workspace.directory(), "branch", "--show-current"))
        .isEqualTo("maestro/r/green");
    assertThat(read(workspace.directory(), "README")).isEqualTo("hello\n");
    assertThat(repository.git("worktree", "list", "--porcelain")).doesNotContain("prunable");
    write(workspace.directory(), "new", "n");
    accept(workspace, "goes on");
    repository.requireSound();
  }

  @BothWays
  void finishesAWorktreeWhoseMakingStoppedAnywhere(NativeUse use) throws Exception {
    // each file of the git directory is the last one that was written before a crash
    for (String last : List.of("", "locked", "commondir", "HEAD", "maestro", "gitdir", ".git")) {
      TestRepository repository =
          TestRepository.in(Files.createDirectory(temp.resolve("after-" + last)));
      try (GitWorkspaces workspaces = repository.workspaces(use)) {
        open(workspaces, "green");
      }
      goBackTo(repository, last);

      try (GitWorkspaces workspaces = repository.workspaces(use)) {
        requireGood(repository, open(workspaces, "green"));
        assertThat(repository.root().resolve(".git/worktrees").toFile().list())
            .containsExactly("maestro+r+green");
      }
    }
  }

  private static void goBackTo(TestRepository repository, String last) throws IOException {
    Path gitDirectory = gitDirectory(repository);
    Path directory = repository.root().resolve(".maestro/worktrees/r/green");
    List<String> written = List.of("locked", "commondir", "HEAD", "maestro", "gitdir", ".git");
    for (String file : written.subList(written.indexOf(last) + 1, written.size())) {
      Files.deleteIfExists(gitDirectory.resolve(file));
    }
    Files.deleteIfExists(gitDirectory.resolve("index"));
    WorktreeFiles.delete(gitDirectory.resolve("logs"));
    if (Files.exists(gitDirectory.resolve("locked"))) {
      Files.writeString(gitDirectory.resolve("locked"), "initializing\n");
    }
    if (last.equals(".git")) {
      Files.delete(directory.resolve("src/A.java"));
      Files.writeString(directory.resolve("README"), "hel");
      // JGit writes files under such names and renames them
      Files.writeString(directory.resolve("src/._A.java5210351386237077911.tmp"), "cla");
    } else {
      WorktreeFiles.delete(directory);
    }
  }

  @BothWays
  void takesAwayWhatWasHalfWrittenWhenFilesWerePutBack(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "README", "changed\n");
      write(workspace.directory(), "work", "mine\n");
      workspace.restore(PathGlobs.of("README"), workspace.head());
      assertThat(gitDirectory(repository).resolve("maestro-writing")).doesNotExist();
    }
    Path directory = repository.root().resolve(".maestro/worktrees/r/green");
    Files.writeString(directory.resolve("src/._A.java5210351386237077911.tmp"), "cla");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      open(workspaces, "green");
      assertThat(directory.resolve("src/._A.java5210351386237077911.tmp"))
          .as("as long as nothing was being put back, it is somebody's")
          .exists();
      Files.writeString(gitDirectory(repository).resolve("maestro-writing"), "killed here\n");
    }
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      open(workspaces, "green");
      assertThat(gitIn(directory, "status", "--porcelain")).isEqualTo("A  work");
      assertThat(gitDirectory(repository).resolve("maestro-writing")).doesNotExist();
    }
  }

  @BothWays
  void goesOnWithRefsAndNothingElse(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    String main = repository.git("rev-parse", "main");
    repository.git("update-ref", "refs/maestro/r/green/base", main);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      requireGood(repository, open(workspaces, "green"));
    }
  }

  @BothWays
  void dropsTheLockOfAKilledGitInItsOwnWorktree(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Files.createFile(gitDirectory(repository).resolve("index.lock"));
      Files.createFile(gitDirectory(repository).resolve("HEAD.lock"));
      Files.createFile(repository.root().resolve(".git/index.lock"));
      requireGood(repository, workspace);
      assertThat(repository.root().resolve(".git/index.lock")).exists();
    }
  }

  @BothWays
  void makesADeletedDirectoryAgainAndKeepsOneThatGitForgot(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Path directory = open(workspaces, "green").directory();
      WorktreeFiles.delete(directory);
      assertThat(gitIn(open(workspaces, "green").directory(), "status", "--porcelain")).isEmpty();

      write(directory, "unsaved", "precious\n");
      Files.delete(directory.resolve("src/A.java"));
      WorktreeFiles.delete(gitDirectory(repository));
      Workspace again = open(workspaces, "green");

      assertThat(read(directory, "unsaved")).isEqualTo("precious\n");
      assertThat(gitIn(directory, "status", "--porcelain").lines())
          .containsExactlyInAnyOrder("D src/A.java", "?? unsaved");
      accept(again, "goes on");
      repository.requireSound();
    }
  }

  @BothWays
  void goesOnAfterTheRepositoryWasMoved(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      write(open(workspaces, "green").directory(), "unsaved", "precious\n");
    }
    TestRepository moved =
        new TestRepository(Files.move(repository.root(), temp.resolve("elsewhere")));

    try (GitWorkspaces workspaces = moved.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");

      assertThat(workspace.directory()).startsWith(moved.root().toRealPath());
      assertThat(read(workspace.directory(), "unsaved")).isEqualTo("precious\n");
      accept(workspace, "goes on");
      moved.requireSound();
    }
  }

  @BothWays
  void acceptsAgainWhenTheBranchMovedAndNothingElse(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Checkpoint checkpoint;
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      checkpoint = work(workspace, "new", "n");
      repository.git("update-ref", "refs/maestro/r/green/head", workspace.base().id());
    }

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      assertThat(workspace.head()).isEqualTo(workspace.base());
      workspace.accept(checkpoint);
      assertThat(workspace.head()).isEqualTo(checkpoint);
      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
    }
  }

  @Test
  void breaksTheLockOfADeadProcessThatAnnouncedItAndNoOther() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path lock = repository.root().toRealPath().resolve(".git/refs/heads/maestro/r/green.lock");
    Path ledger = repository.root().resolve(".git/maestro/locks");

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "new", "n");
      Checkpoint checkpoint = workspace.checkpoint(CommitMessage.of("done"));
      Files.createFile(lock);
      assertThatThrownBy(() -> workspace.accept(checkpoint))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("remove " + lock);
      Files.delete(lock);
      Files.writeString(ledger.resolve("dead"), deadProcess() + " 1\n" + lock + "\n");
      Files.createFile(lock);
      workspace.accept(checkpoint);

      assertThat(lock).doesNotExist();
      assertThat(repository.git("rev-parse", "maestro/r/green")).isEqualTo(checkpoint.id());
    }
  }

  /** A packed ref is deleted under two locks, and a kill leaves both. */
  @Test
  void breaksBothLocksOfADeadProcess() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path git = repository.root().toRealPath().resolve(".git");
    Path lock = git.resolve("refs/maestro/r/merge@merge/head.lock");
    Path packed = git.resolve("packed-refs.lock");

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      Checkpoint done = work(open(workspaces, "green"), "new", "n");
      merge(workspaces, "main", done);
      repository.git("pack-refs", "--all");
      Files.writeString(
          git.resolve("maestro/locks/dead"), deadProcess() + " 1\n" + lock + "\n" + packed + "\n");
      Files.createDirectories(lock.getParent());
      Files.createFile(lock);
      Files.createFile(packed);

      candidate(merge(workspaces, "main", done));
      assertThat(lock).doesNotExist();
      assertThat(packed).doesNotExist();
      assertThat(git.resolve("maestro/locks")).isEmptyDirectory();
    }
  }

  private static long deadProcess() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return process.pid();
  }

  /** Three kills each; {@code -Ptorture} tries fifty. */
  @BothWays
  void losesNothingWhenKilledAtAnyMoment(NativeUse use) throws Exception {
    losesNothing(use, 3);
  }

  @BothWays
  @Tag("torture")
  void losesNothingHoweverOftenItIsKilled(NativeUse use) throws Exception {
    losesNothing(use, 50);
  }

  private void losesNothing(NativeUse use, int kills) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Random random = new Random();
    List<String> acknowledged = new ArrayList<>();

    for (int round = 0; round < kills; round++) {
      Process worker = worker(repository, use, temp.resolve("said"));
      worker.waitFor(200 + random.nextInt(1800), TimeUnit.MILLISECONDS);
      worker.destroyForcibly().waitFor();
      acknowledged.addAll(Files.readAllLines(temp.resolve("said")));
      repository.requireSound();
    }
    Process last = worker(repository, use, temp.resolve("said"));

    assertThat(last.waitFor()).isZero();
    for (String commit : acknowledged) {
      // the last line may have been cut by the kill
      assertThat(commit).matches("[0-9a-f]{0,40}");
      if (commit.length() == 40) {
        assertThat(repository.git("for-each-ref", "--contains", commit)).isNotEmpty();
      }
    }
    for (String task : Worker.TASKS) {
      assertThat(repository.git("rev-list", "--count", "maestro/r/" + task, "^main~1"))
          .isNotEqualTo("0");
      assertThat(repository.git("show", "main:" + task + ".txt")).isEqualTo(task);
      assertThat(repository.git("log", "--format=%s", "--", task + ".txt"))
          .isEqualTo("Write " + task + ".txt");
    }
    assertThat(repository.git("status", "--porcelain")).isEmpty();
    repository.requireSound();
  }

  private static Process worker(TestRepository repository, NativeUse use, Path said)
      throws IOException {
    return ChildJvm.start(Worker.class, said, Map.of(), repository.root().toString(), use.name());
  }

  /** Does a small run, and does again what it cannot know to be done. */
  static final class Worker {

    static final List<String> TASKS = List.of("a", "b", "c");

    public static void main(String[] arguments) throws Exception {
      Path root = Path.of(arguments[0]);
      try (GitWorkspaces workspaces =
          GitWorkspaces.builder(root).nativeGit(NativeUse.valueOf(arguments[1])).build()) {
        List<Checkpoint> done = new ArrayList<>();
        for (String task : TASKS) {
          Workspace workspace = open(workspaces, task);
          if (workspace.head().equals(workspace.base())) {
            work(workspace, task + ".txt", task);
          }
          done.add(workspace.head());
          System.out.println(workspace.head().id());
        }
        Workspace join = open(workspaces, "join", done.toArray(new Checkpoint[0]));
        System.out.println(join.head().id());
        Merging.Candidate merge = candidate(merge(workspaces, "main", join.head()));
        System.out.println(merge.merged().id());
        assertThat(workspaces.advance(merge)).isInstanceOf(Advance.Advanced.class);
        workspaces.release(TestRepository.RUN);
      }
    }
  }
}
