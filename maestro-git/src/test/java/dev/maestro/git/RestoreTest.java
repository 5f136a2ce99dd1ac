package dev.maestro.git;

import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.delete;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreTest {

  private static final PathGlobs TESTS = PathGlobs.of("src/test/**");

  @TempDir Path temp;

  /** {@return whether some kept commit of the task has this file with this text} */
  private static boolean isKept(TestRepository repository, String path, String text) {
    repository.git("gc", "--quiet", "--prune=now");
    return repository
        .git("for-each-ref", "--format=%(objectname)", "refs/maestro/r/green/kept")
        .lines()
        .map(commit -> TestRepository.tryGit(repository.root(), "show", commit + ":" + path))
        .anyMatch(shown -> shown.exitCode() == 0 && shown.output().equals(text));
  }

  @BothWays
  void putsBackWhatMatchesAndKeepsWhatStoodThere(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.write("src/test/BTest.java", "class BTest {}\n");
    repository.commitAll("another test");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path directory = workspace.directory();
      write(directory, "src/test/ATest.java", "weakened\n");
      write(directory, "src/test/deep/Added.java", "added\n");
      delete(directory, "src/test/BTest.java");
      write(directory, "src/A.java", "the real work\n");

      assertThat(workspace.restore(TESTS, workspace.base()))
          .containsExactly(
              "src/test/ATest.java", "src/test/BTest.java", "src/test/deep/Added.java");

      assertThat(read(directory, "src/test/ATest.java"))
          .isEqualTo(repository.git("show", "main:src/test/ATest.java") + "\n");
      assertThat(directory.resolve("src/test/BTest.java")).exists();
      assertThat(directory.resolve("src/test/deep")).doesNotExist();
      assertThat(read(directory, "src/A.java")).isEqualTo("the real work\n");
      assertThat(isKept(repository, "src/test/ATest.java", "weakened\n")).isTrue();
      assertThat(isKept(repository, "src/test/deep/Added.java", "added\n")).isTrue();
      assertThat(workspace.restore(TESTS, workspace.base())).isEmpty();
      accept(workspace, "done");
      assertThat(repository.git("diff", "--name-only", "main", "maestro/r/green"))
          .isEqualTo("src/A.java");
      repository.requireSound();
    }
  }

  @BothWays
  void putsBackModesAndLinks(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Files.createSymbolicLink(repository.root().resolve("src/test/link"), Path.of("ATest.java"));
    repository.commitAll("link");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path directory = workspace.directory();
      Files.setPosixFilePermissions(
          directory.resolve("src/test/ATest.java"), PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.delete(directory.resolve("src/test/link"));
      write(directory, "src/test/link", "no link any more\n");

      assertThat(workspace.restore(TESTS, workspace.base()))
          .containsExactly("src/test/ATest.java", "src/test/link");
      assertThat(Files.isExecutable(directory.resolve("src/test/ATest.java"))).isFalse();
      assertThat(Files.readSymbolicLink(directory.resolve("src/test/link")))
          .isEqualTo(Path.of("ATest.java"));
    }
  }

  @BothWays
  void followsNoLinkOutOfTheWorkspace(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path outside = temp.resolve("outside");
    write(outside, "ATest.java", "precious\n");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path tests = workspace.directory().resolve("src/test");
      delete(tests, "ATest.java");
      Files.delete(tests);
      Files.createSymbolicLink(tests, outside);

      assertThat(workspace.restore(TESTS, workspace.base())).contains("src/test/ATest.java");

      assertThat(read(outside, "ATest.java")).isEqualTo("precious\n");
      assertThat(Files.isDirectory(tests, LinkOption.NOFOLLOW_LINKS)).isTrue();
      assertThat(read(tests, "ATest.java")).contains("class ATest");
      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
    }
  }

  @BothWays
  void makesRoomWhereADirectoryTookTheNameOfAFile(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path directory = workspace.directory();
      delete(directory, "README");
      write(directory, "README/inside", "kept\n");
      workspace.restore(PathGlobs.of("README"), workspace.base());

      assertThat(read(directory, "README")).isEqualTo("hello\n");
      assertThat(isKept(repository, "README/inside", "kept\n")).isTrue();
    }
  }

  @BothWays
  void findsWhatWasHiddenByIgnoringIt(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path directory = workspace.directory();
      write(directory, "src/.gitignore", "test/Sly.java\ntest/ATest.java\n");
      write(directory, "src/test/Sly.java", "sly\n");
      gitIn(directory, "rm", "-q", "--cached", "src/test/ATest.java");
      write(directory, "src/test/ATest.java", "weakened\n");
      workspace.restore(TESTS, workspace.base());

      assertThat(directory.resolve("src/test/Sly.java")).doesNotExist();
      assertThat(read(directory, "src/test/ATest.java")).contains("class ATest");
      assertThat(isKept(repository, "src/test/Sly.java", "sly\n")).isTrue();
      assertThat(isKept(repository, "src/test/ATest.java", "weakened\n")).isTrue();
    }
  }

  @BothWays
  void leavesBuildOutputsAlone(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "src/target/out.class", "built");
      write(workspace.directory(), "src/test/ATest.java", "weakened\n");
      workspace.restore(TESTS, workspace.base());

      assertThat(workspace.directory().resolve("src/target/out.class")).exists();
    }
  }

  @BothWays
  void saysWhenARepositoryLiesWhereFilesBelong(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path inner = workspace.directory().resolve("src/test/inner");
      write(inner, "Sly.java", "sly\n");
      gitIn(inner, "init", "-q");
      gitIn(inner, "add", "-A");
      gitIn(inner, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "inner");

      assertThatThrownBy(() -> workspace.restore(TESTS, workspace.base()))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("could not be put back");
    }
  }

  @BothWays
  void takesNoRepositoryAwayThatNobodyHasKept(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace unborn = open(workspaces, "unborn");
      requireLeft(unborn, "src/A.java", false);
      requireLeft(open(workspaces, "born"), "src/A.java", true);
      Workspace above = open(workspaces, "above");
      WorktreeFiles.delete(above.directory().resolve("src"));
      above.checkpoint(CommitMessage.of("without src"));
      requireLeft(above, "src", false);
      requireLeft(above, "src", true);
    }
  }

  /** An agent makes a repository where a file has to be put back, or a directory with one. */
  private static void requireLeft(Workspace workspace, String place, boolean commits)
      throws Exception {
    Path inner = workspace.directory().resolve(place);
    WorktreeFiles.delete(inner);
    write(inner, "A.java", "precious\n");
    gitIn(inner, "init", "-q");
    if (commits) {
      gitIn(inner, "add", "-A");
      gitIn(inner, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "inner");
      write(inner, "A.java", "more precious\n");
    }

    assertThatThrownBy(() -> workspace.restore(PathGlobs.of("**"), workspace.base()))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("could not be put back");
    assertThat(read(inner, "A.java")).endsWith("precious\n");
    assertThat(inner.resolve(".git/HEAD")).exists();
  }

  @Test
  void saysWhenAFileIsCalledInAWayThatCannotBeHandedOn() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      Workspace workspace = open(workspaces, "green");
      new ProcessBuilder(
              "sh",
              "-c",
              "echo 'src/test/*' >> .gitignore; echo lie > \"$(printf 'src/test/\\377.java')\"")
          .directory(workspace.directory().toFile())
          .start()
          .waitFor();

      assertThatThrownBy(() -> workspace.restore(TESTS, workspace.base()))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("could not be put back");
    }
  }
}
