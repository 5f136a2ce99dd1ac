package dev.maestro.git;

import static dev.maestro.git.TestRepository.candidate;
import static dev.maestro.git.TestRepository.merge;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.work;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever opens a pipe that nobody writes to waits for ever, so nobody may. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PipesTest {

  private static final CommitMessage MESSAGE = CommitMessage.of("Work");
  private static final PathGlobs TESTS = PathGlobs.of("src/test/**");

  @TempDir Path temp;

  /** Put a pipe there, whatever stands there now. */
  private static void pipe(Path place) throws Exception {
    WorktreeFiles.delete(place);
    Files.createDirectories(place.getParent());
    assertThat(new ProcessBuilder("mkfifo", place.toString()).start().waitFor()).isZero();
  }

  @BothWays
  void aPipeInPlaceOfAFileMeansThatTheFileIsGone(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path directory = workspace.directory();
      pipe(directory.resolve("README"));
      pipe(directory.resolve("src/test"));
      write(directory, "zebra", "after the pipe\n");

      assertThat(workspace.changesSince(workspace.base()))
          .containsExactly(
              new Change(Change.Kind.DELETED, "README"),
              new Change(Change.Kind.DELETED, "src/test/ATest.java"),
              new Change(Change.Kind.ADDED, "zebra"));
      Checkpoint checkpoint = workspace.checkpoint(MESSAGE);
      assertThat(repository.git("ls-tree", "-r", "--name-only", checkpoint.id()).lines())
          .containsExactly(".gitignore", "src/A.java", "zebra");

      workspace.restore(PathGlobs.of("**"), workspace.base());
      assertThat(read(directory, "README")).isEqualTo("hello\n");
      assertThat(read(directory, "src/test/ATest.java")).contains("class ATest");
      assertThat(workspace.changesSince(workspace.base())).isEmpty();
    }
  }

  @BothWays
  void protectedPlacesAreFreedOfPipesAndSockets(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use);
        ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      Workspace workspace = open(workspaces, "green");
      Path tests = workspace.directory().resolve("src/test");
      pipe(tests.resolve("ATest.java"));
      pipe(tests.resolve("conftest.py"));
      Path shortName = temp.resolve("s");
      socket.bind(UnixDomainSocketAddress.of(shortName));
      Files.move(shortName, tests.resolve("fed"));

      assertThat(workspace.restore(TESTS, workspace.base()))
          .containsExactly("src/test/ATest.java", "src/test/conftest.py", "src/test/fed");
      assertThat(tests.toFile().list()).containsExactly("ATest.java");
      assertThat(workspace.restore(TESTS, workspace.base())).isEmpty();
    }
  }

  @Test
  void aPipeThatGitWaitsForIsNamed() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.REQUIRED)) {
      for (String place : List.of("src/.gitignore", "src/test/.gitattributes", ".gitignore")) {
        Workspace workspace = open(workspaces, "green");
        Path pipe = workspace.directory().resolve(place);
        pipe(pipe);
        write(pipe.getParent(), "Other.java", "class Other {}\n");

        assertThatThrownBy(() -> workspace.checkpoint(MESSAGE))
            .as(place)
            .isInstanceOf(PermanentException.class)
            .hasMessageContaining(pipe + " is a pipe");

        Files.delete(pipe);
        workspace.restore(PathGlobs.of("**"), workspace.base());
        assertThat(workspace.changesSince(workspace.base())).isEmpty();
      }
    }
  }

  @BothWays
  void aPipeInTheRepositoryItselfIsNamed(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path git = repository.root().resolve(".git");
    List<String> places =
        List.of(
            "config",
            "packed-refs",
            "shallow",
            "info/attributes",
            "info/exclude",
            "objects/info/alternates",
            "refs/maestro/r/green/base",
            "worktrees/maestro+r+green/index");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      for (String place : places) {
        Path file = git.resolve(place);
        Path aside = temp.resolve("aside");
        if (Files.exists(file)) {
          Files.move(file, aside);
        }
        pipe(file);

        assertThatThrownBy(() -> open(workspaces, "green").changesSince(workspace.base()))
            .as(place)
            .isInstanceOf(PermanentException.class)
            .hasMessageContaining(place + " is a pipe");
        Files.delete(file);
        if (Files.exists(aside)) {
          Files.move(aside, file);
        }
      }
      assertThat(open(workspaces, "green").changesSince(workspace.base())).isEmpty();
    }
  }

  @BothWays
  void aPipeOfTheUsersStandsInTheWayOfAMerge(NativeUse use) throws Exception {
    for (String place : List.of("new/file", "README")) {
      TestRepository repository =
          TestRepository.in(Files.createDirectories(temp.resolve(place.replace('/', '-'))));
      try (GitWorkspaces workspaces = repository.workspaces(use)) {
        Checkpoint done = work(open(workspaces, "green"), place, "new\n");
        Merging.Candidate merge = candidate(merge(workspaces, "main", done));
        pipe(repository.root().resolve(place));

        assertThat(workspaces.advance(merge.request(), merge.before(), merge.merged()))
            .isInstanceOf(Advance.Refused.class);
        assertThat(Files.isRegularFile(repository.root().resolve(place))).isFalse();
        assertThat(repository.git("rev-parse", "main")).isEqualTo(merge.before().id());
      }
    }
  }
}
