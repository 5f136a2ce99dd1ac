package dev.maestro.git;

import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.call;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.Workspace;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitCheckpointTest {

  private static final CommitMessage MESSAGE = CommitMessage.of("feat: green - it works");

  @TempDir Path temp;

  @BothWays
  void keepsAStateWithoutMovingTheBranch(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "new", "text");
      Checkpoint checkpoint = workspace.checkpoint(MESSAGE);

      assertThat(repository.git("rev-parse", "maestro/r/green")).isEqualTo(workspace.head().id());
      assertThat(repository.git("ls-tree", "-r", "--name-only", checkpoint.id())).contains("new");
      assertThat(repository.git("rev-parse", checkpoint.id() + "^{tree}"))
          .isEqualTo(checkpoint.tree());
      assertThat(repository.git("for-each-ref", "--contains", checkpoint.id()))
          .contains("refs/maestro/r/green/kept/" + checkpoint.id());
      repository.git("gc", "--quiet", "--prune=now");
      repository.requireSound();
      assertThat(repository.git("cat-file", "-t", checkpoint.id())).isEqualTo("commit");
    }
  }

  @BothWays
  void showsOneCommitATaskWhateverWasTried(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "new", "first try");
      Checkpoint failed = workspace.checkpoint(CommitMessage.of("attempt 1"));
      write(workspace.directory(), "new", "second try");
      CommitMessage message =
          new CommitMessage(
              "feat: green - it works", List.of("Co-Authored-By: Agent <agent@example.org>"));
      Checkpoint done = workspace.checkpoint(message);
      workspace.accept(done);

      assertThat(repository.git("log", "--format=%s", "main..maestro/r/green"))
          .isEqualTo("feat: green - it works");
      assertThat(repository.git("log", "-1", "--format=%(trailers)", "maestro/r/green"))
          .isEqualTo("Co-Authored-By: Agent <agent@example.org>");
      assertThat(workspace.head()).isEqualTo(done);
      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
      assertThat(repository.git("show", failed.id() + ":new")).isEqualTo("first try");
      assertThat(gitIn(workspace.directory(), "reflog", "-1")).contains("maestro: accept");
      assertThat(repository.git("reflog", "show", "maestro/r/green")).contains("maestro: accept");
      assertThat(repository.git("reflog", "show", "HEAD")).doesNotContain("maestro");
      repository.requireSound();
    }
  }

  @BothWays
  void makesNoCommitWhenNothingChanged(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "target/built", "ignored");

      assertThat(workspace.checkpoint(MESSAGE)).isEqualTo(workspace.head());
      assertThat(workspace.changesSince(workspace.head())).isEmpty();
      workspace.accept(workspace.head());
      assertThat(repository.git("log", "main..maestro/r/green")).isEmpty();
    }
  }

  @BothWays
  void remembersTheAcceptedCheckpointAfterARestart(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Checkpoint base;
    Checkpoint accepted;
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      base = workspace.base();
      write(workspace.directory(), "new", "n");
      accepted = accept(workspace, "one");
      write(workspace.directory(), "new", "unaccepted");
      workspace.checkpoint(MESSAGE);
    }
    repository.git("gc", "--quiet", "--prune=now");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");

      assertThat(workspace.base()).isEqualTo(base);
      assertThat(workspace.head()).isEqualTo(accepted);
      assertThat(workspace.changesSince(accepted))
          .containsExactly(new Change(Change.Kind.MODIFIED, "new"));
    }
  }

  @BothWays
  void listsEveryKindOfChange(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "README", "changed\n");
      write(workspace.directory(), "added/deep/file", "new");
      Files.delete(workspace.directory().resolve("src/A.java"));

      assertThat(workspace.changesSince(workspace.base()))
          .containsExactly(
              new Change(Change.Kind.MODIFIED, "README"),
              new Change(Change.Kind.ADDED, "added/deep/file"),
              new Change(Change.Kind.DELETED, "src/A.java"));
    }
  }

  @BothWays
  void writesTheTreeThatNativeGitWouldWrite(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.write(".gitattributes", "*.txt text eol=crlf\n*.bin -text\n");
    repository.write("dos.txt", "one\ntwo\n");
    repository.commitAll("attributes");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      makeOddFiles(workspace.directory());
      Checkpoint checkpoint = workspace.checkpoint(MESSAGE);

      Path control = temp.resolve("control");
      repository.git("worktree", "add", "-q", "--detach", control.toString(), "main");
      makeOddFiles(control);
      gitIn(control, "add", "-A");
      assertThat(checkpoint.tree()).isEqualTo(gitIn(control, "write-tree"));
      assertThat(Files.readString(workspace.directory().resolve("dos.txt")))
          .isEqualTo("one\r\ntwo\r\n");
      workspace.accept(checkpoint);
      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
      repository.requireSound();
    }
  }

  private static void makeOddFiles(Path directory) throws IOException {
    write(directory, "with space", "1");
    write(directory, "with\nnewline", "2");
    write(directory, "-leading dash", "3");
    write(directory, "gr\u00fc\u00dfe/\u65e5\u672c\ud83d\ude00.txt", "crlf\r\nlines\r\n");
    write(directory, "quote\"and\\backslash", "4");
    write(directory, ":(exclude)magic", "5");
    write(directory, "*", "6");
    write(directory, "script.sh", "#!/bin/sh\n");
    Files.setPosixFilePermissions(
        directory.resolve("script.sh"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(directory.resolve("empty/nested"));
    Files.createSymbolicLink(directory.resolve("link"), Path.of("README"));
    Files.createSymbolicLink(directory.resolve("dangling"), Path.of("/nowhere/at all"));
    Files.createSymbolicLink(directory.resolve("outside"), Path.of("/nowhere"));
    write(directory, "target/ignored", "7");
    write(directory, "mixed.bin", "a\r\nb\n\0");
    Files.delete(directory.resolve("src/test/ATest.java"));
    write(directory, "src/test/ATest.java/now a directory", "8");
    try (RandomAccessFile large = new RandomAccessFile(directory.resolve("large").toFile(), "rw")) {
      large.setLength(40_000_000);
      large.seek(39_999_990);
      large.write("the end".getBytes(StandardCharsets.UTF_8));
    }
  }

  @BothWays
  void recordsARepositoryInsideByItsCommit(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path inner = workspace.directory().resolve("inner");
      write(inner, "file", "text");
      gitIn(inner, "init", "-q");
      gitIn(inner, "add", "-A");
      gitIn(inner, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "inner");
      Checkpoint checkpoint = workspace.checkpoint(MESSAGE);

      assertThat(repository.git("ls-tree", checkpoint.id(), "inner"))
          .isEqualTo("160000 commit " + gitIn(inner, "rev-parse", "HEAD") + "\tinner");
    }
  }

  @BothWays
  void leavesOutARepositoryInsideThatHasNoCommit(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path inner = workspace.directory().resolve("inner");
      write(inner, "file", "text");
      write(workspace.directory(), "beside", "text");
      gitIn(inner, "init", "-q");
      Checkpoint checkpoint = workspace.checkpoint(MESSAGE);

      assertThat(repository.git("ls-tree", "-r", "--name-only", checkpoint.id()).lines())
          .contains("beside")
          .noneMatch(path -> path.startsWith("inner"));
      repository.requireSound();
    }
  }

  @BothWays
  void leavesSubmodulesAsTheyAre(NativeUse use) throws Exception {
    TestRepository library = TestRepository.in(Files.createDirectory(temp.resolve("library")));
    TestRepository repository = TestRepository.in(temp);
    repository.git(
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        library.root().toString(),
        "lib");
    repository.commitAll("submodule");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");

      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
      assertThat(workspace.checkpoint(MESSAGE)).isEqualTo(workspace.head());
      write(workspace.directory(), "new", "n");
      assertThat(workspace.changesSince(workspace.base()))
          .containsExactly(new Change(Change.Kind.ADDED, "new"));
      accept(workspace, "done");
      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
      workspaces.release(TestRepository.RUN);
      assertThat(workspace.directory()).doesNotExist();
    }
  }

  @BothWays
  void leavesOutPipes(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path pipe = workspace.directory().resolve("pipe");
      assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
      write(workspace.directory(), "zebra", "after the pipe");
      Checkpoint checkpoint = workspace.checkpoint(MESSAGE);

      assertThat(repository.git("ls-tree", "-r", "--name-only", checkpoint.id()).lines())
          .contains("zebra", "README")
          .doesNotContain("pipe");
    }
  }

  @BothWays
  void seesChangesInFilesThatWereMarkedAsUnchanging(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      gitIn(workspace.directory(), "update-index", "--assume-unchanged", "README");
      gitIn(workspace.directory(), "update-index", "--skip-worktree", "src/A.java");
      write(workspace.directory(), "README", "sly\n");
      write(workspace.directory(), "src/A.java", "sly\n");

      assertThat(workspace.changesSince(workspace.base()))
          .extracting(Change::path)
          .containsExactly("README", "src/A.java");
    }
  }

  /** No command of git's own leaves such an index, but one makes it on demand. */
  @BothWays
  void anIndexThatContradictsItselfIsNamedWithTheWayOut(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path stages = Files.writeString(temp.resolve("stages"), stages(workspace.directory()));
      Process git =
          new ProcessBuilder("git", "update-index", "--index-info")
              .directory(workspace.directory().toFile())
              .redirectInput(stages.toFile())
              .start();
      assertThat(git.waitFor()).isZero();
      write(workspace.directory(), "NEW", "new\n");

      assertThatThrownBy(() -> workspace.checkpoint(MESSAGE))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("'README' is in the index")
          .hasMessageContaining("git reset");
      gitIn(workspace.directory(), "reset", "-q");
      workspace.checkpoint(MESSAGE);
    }
  }

  private static String stages(Path directory) throws Exception {
    String blob = gitIn(directory, "rev-parse", ":README").strip();
    return "100644 %1$s 0\tREADME\n100644 %1$s 1\tREADME\n".formatted(blob);
  }

  /** One attempt spoils the rules, is rolled back or not, and the next has them as they were. */
  @BothWays
  void whatIsIgnoredAgainIsNoWork(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    String rules = "target/\n*.log\n";
    repository.write(".gitignore", rules);
    repository.commitAll("rules");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Path directory = open(workspaces, "green").directory();
      write(directory, "target/.env", "KEY=secret\n");
      write(directory, "wanted.log", "added by the agent\n");
      gitIn(directory, "add", "-f", "wanted.log");
      write(directory, ".gitignore", "*.log\n");
      Checkpoint spoilt = open(workspaces, "green").checkpoint(MESSAGE);
      assertThat(repository.git("ls-tree", "-r", "--name-only", spoilt.id()))
          .contains("target/.env");

      write(directory, ".gitignore", rules);
      Workspace again = open(workspaces, "green");
      assertThat(again.changesSince(again.base()))
          .containsExactly(new Change(Change.Kind.ADDED, "wanted.log"));
      accept(again, "done");

      assertThat(repository.git("log", "--name-only", "--format=", "maestro/r/green"))
          .doesNotContain(".env");
      assertThat(read(directory, "target/.env")).isEqualTo("KEY=secret\n");
    }
  }

  @BothWays
  void keepsWhatWasOnlyInTheIndex(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "new", "staged and then overwritten");
      gitIn(workspace.directory(), "add", "new");
      String blob = gitIn(workspace.directory(), "rev-parse", ":new");
      write(workspace.directory(), "new", "final");
      accept(workspace, "done");
      repository.git("gc", "--quiet", "--prune=now");

      assertThat(repository.git("cat-file", "-p", blob)).isEqualTo("staged and then overwritten");
    }
  }

  @BothWays
  void showsADifferenceAndCutsALongOne(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "README", "hello\nworld\n");
      Checkpoint small = workspace.checkpoint(MESSAGE);
      write(workspace.directory(), "big", "0123456789\n".repeat(100_000));
      Checkpoint big = workspace.checkpoint(MESSAGE);

      assertThat(workspace.diff(workspace.base(), small, 10_000))
          .contains("diff --git a/README b/README", "@@ -1 +1,2 @@", "+world");
      assertThat(workspace.diff(workspace.base(), big, 10_000))
          .hasSizeBetween(10_001, 10_100)
          .endsWith("[cut after 10000 characters]\n");
      assertThat(workspace.diff(small, small, 100)).isEmpty();
    }
  }

  @BothWays
  void refusesWhatDoesNotDescendFromTheHead(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.write("other", "o");
    String other = repository.commitAll("elsewhere");
    repository.git("reset", "-q", "--hard", "HEAD~1");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "new", "n");
      accept(workspace, "done");

      assertThatThrownBy(() -> workspace.accept(new Checkpoint(other, "x")))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("does not descend");
      assertThatThrownBy(() -> workspace.accept(new Checkpoint("--help", "x")))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("is not the id of a commit");
    }
  }

  @Test
  void commitsAsWhomTheConfigurationNamesAndWhenTheClockSays() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    InstantSource clock = InstantSource.fixed(Instant.parse("2030-01-02T03:04:05Z"));

    try (GitWorkspaces workspaces = GitWorkspaces.builder(repository.root()).clock(clock).build()) {
      Workspace workspace = open(workspaces, "configured");
      write(workspace.directory(), "new", "n");
      accept(workspace, "done");
    }
    try (GitWorkspaces workspaces =
        GitWorkspaces.builder(repository.root())
            .identity("Somebody <else>", "else@example.org")
            .build()) {
      Workspace workspace = open(workspaces, "named");
      write(workspace.directory(), "new", "n");
      accept(workspace, "done");
    }

    assertThat(repository.git("log", "-1", "--format=%an %ae %aI", "maestro/r/configured"))
        .isEqualTo("Tester tester@example.org 2030-01-02T03:04:05+00:00");
    assertThat(repository.git("log", "-1", "--format=%cn %ce", "maestro/r/named"))
        .isEqualTo("Somebody else else@example.org");
    repository.requireSound();
  }

  @BothWays
  void runsNoHookOfTheRepository(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    for (String hook :
        List.of("pre-commit", "post-checkout", "post-index-change", "reference-transaction")) {
      Path file = repository.root().resolve(".git/hooks").resolve(hook);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "#!/bin/sh\ntouch '" + temp + "/ran-" + hook + "'\nexit 1\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "new", "n");
      accept(workspace, "done");
    }

    assertThat(call(() -> temp.toFile().list())).noneMatch(name -> name.startsWith("ran-"));
    assertThat(Files.exists(temp.resolve("ran-x"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }
}
