package dev.maestro.git;

import static dev.maestro.git.TestRepository.RUN;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The name of a file is bytes; Java has it as a text of some encoding. */
class OddNamesTest {

  private static final CommitMessage MESSAGE = CommitMessage.of("Work");

  @TempDir Path temp;

  /** Write to files whose names have bytes in octal. */
  private static void writeOdd(Path directory, String... names) throws Exception {
    for (String name : names) {
      shell(
          directory,
          "n=\"$(printf '" + name + "')\"; mkdir -p \"$(dirname \"$n\")\"; echo odd > \"$n\"");
    }
  }

  private static void shell(Path directory, String text) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-c", text).directory(directory.toFile()).inheritIO().start();
    assertThat(shell.waitFor()).isZero();
  }

  @Test
  void nativeGitKeepsThem() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.REQUIRED)) {
      Workspace workspace = open(workspaces, "green");
      writeOdd(workspace.directory(), "gr\\374n.txt", "d\\374/in");
      Checkpoint checkpoint = workspace.checkpoint(MESSAGE);

      assertThat(repository.git("ls-tree", "-r", "--name-only", checkpoint.id()))
          .contains("\"gr\\374n.txt\"", "\"d\\374/in\"");
    }
  }

  @Test
  void jgitSaysThatItCannotKeepThemAndDeletesNothing() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.NEVER)) {
      Workspace file = open(workspaces, "file");
      writeOdd(file.directory(), "gr\\374n.txt");
      Workspace directory = open(workspaces, "directory");
      writeOdd(directory.directory(), "src/d\\374/in");
      Workspace other = open(workspaces, "other");
      write(other.directory(), "new", "n\n");

      for (Workspace odd : new Workspace[] {file, directory}) {
        assertThatThrownBy(() -> odd.checkpoint(MESSAGE))
            .isInstanceOf(PermanentException.class)
            .hasMessageContaining("is no text in this machine's encoding");
        assertThatThrownBy(() -> odd.changesSince(odd.base()))
            .hasMessageContaining(odd == file ? "gr\ufffdn.txt" : "src/d\ufffd");
      }
      assertThatThrownBy(() -> workspaces.release(RUN)).hasMessageContaining("is no text");
      assertThat(file.directory()).exists();
      assertThat(directory.directory().resolve("src").toFile().list()).hasSize(3);
      assertThat(other.directory()).doesNotExist();
    }
  }

  /** Its commits are nowhere else. */
  @Test
  void aRepositoryOfSuchANameIsNotDeletedWithItsWorktree() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.REQUIRED)) {
      Workspace workspace = open(workspaces, "green");
      writeOdd(workspace.directory(), "inner/file");
      Path inner = workspace.directory().resolve("inner");
      gitIn(inner, "init", "-q");
      gitIn(inner, "add", "-A");
      gitIn(inner, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "inner");
      shell(workspace.directory(), "mv inner \"$(printf 'd\\374')\"");

      workspaces.release(RUN);
      assertThat(workspace.directory().toFile().list()).hasSize(5);
    }
  }

  @Test
  void whatIsIgnoredMayBeCalledAnything() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.NEVER)) {
      Workspace workspace = open(workspaces, "green");
      writeOdd(workspace.directory(), "target/gr\\374n", "src/target/d\\374/in");
      write(workspace.directory(), "new", "n\n");

      assertThat(workspace.changesSince(workspace.base()))
          .containsExactly(new Change(Change.Kind.ADDED, "new"));
      workspace.restore(PathGlobs.of("**"), workspace.base());
      workspaces.release(RUN);
      assertThat(workspace.directory()).doesNotExist();
    }
  }

  @Test
  void jgitRefusesARepositoryThatHasThem() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    writeOdd(repository.root(), "gr\\374n.txt");
    repository.commitAll("odd");

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.NEVER)) {
      assertThatThrownBy(() -> open(workspaces, "green"))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("names that are not in UTF-8");
    }
  }

  @Test
  void inALocaleWithoutUtf8AnyNameBeyondAsciiIsOne() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    Process child =
        ChildJvm.start(WithoutUtf8.class, Map.of("LC_ALL", "C"), repository.root().toString());

    assertThat(child.waitFor()).isZero();
  }

  /** Does the same in a JVM that takes names for ASCII. */
  static final class WithoutUtf8 {

    public static void main(String[] arguments) throws Exception {
      assertThat(System.getProperty("sun.jnu.encoding")).isNotEqualTo("UTF-8");
      TestRepository repository = new TestRepository(Path.of(arguments[0]));
      try (GitWorkspaces workspaces = repository.workspaces(NativeUse.NEVER)) {
        Workspace workspace = open(workspaces, "green");
        writeOdd(workspace.directory(), "gr\\303\\274n.txt");
        assertThatThrownBy(() -> workspace.checkpoint(MESSAGE))
            .hasMessageContaining("is no text in this machine's encoding");
        assertThatThrownBy(() -> workspaces.release(RUN)).hasMessageContaining("is no text");
        assertThat(workspace.directory().toFile().list()).hasSize(5);
      }
      try (GitWorkspaces workspaces = repository.workspaces(NativeUse.REQUIRED)) {
        Checkpoint kept = open(workspaces, "green").checkpoint(MESSAGE);
        assertThat(repository.git("ls-tree", "-r", "--name-only", kept.id()))
            .contains("\"gr\\303\\274n.txt\"");
      }
    }
  }
}
