package dev.maestro.git;

import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.maestro.failure.PermanentException;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefusedRepositoriesTest {

  @TempDir Path temp;

  private static void requireRefused(ThrowingCallable work, String what) {
    assertThatThrownBy(work).isInstanceOf(PermanentException.class).hasMessageContaining(what);
  }

  @Test
  void refusesObjectIdsThatJGitWouldCorrupt() throws Exception {
    Path directory = Files.createDirectory(temp.resolve("sha256"));
    gitIn(directory, "init", "-q", "--object-format=sha256");

    for (NativeUse use : NativeUse.values()) {
      requireRefused(
          () -> GitWorkspaces.builder(directory).nativeGit(use).build(), "sha256 object ids");
    }
  }

  @Test
  void refusesExtensionsItDoesNotKnow() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("config", "core.repositoryformatversion", "1");
    Files.writeString(
        repository.root().resolve(".git/config"),
        "[extensions]\n\tfutureThing = true\n",
        StandardOpenOption.APPEND);

    for (NativeUse use : NativeUse.values()) {
      requireRefused(() -> repository.workspaces(use), "futureThing");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "extensions.worktreeConfig, true, single worktrees",
    "core.sparseCheckout, true, sparse checkout",
    "index.sparse, true, sparse checkout",
    "core.splitIndex, true, split index",
    "remote.origin.promisor, true, partial clone"
  })
  void refusesWithoutGitWhatOnlyGitHandles(String key, String value, String what) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("config", key, value);

    requireRefused(() -> repository.workspaces(NativeUse.NEVER), what);
    requireRefused(() -> repository.workspaces(NativeUse.NEVER), "install git");
    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.REQUIRED)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "new", "n");
      accept(workspace, "done");
      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
      repository.requireSound();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*.txt ident",
        "*.txt working-tree-encoding=UTF-16",
        "*.txt filter=lfs diff=lfs merge=lfs -text",
        "*.txt filter=proc",
        "[attr]special ident",
        "*.txt merge=union"
      })
  void refusesWithoutGitAttributesThatWouldGiveWrongBytes(String line) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("config", "filter.proc.process", "false");

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.NEVER)) {
      Workspace before = open(workspaces, "before");
      write(before.directory(), "deep/.gitattributes", line + "\n");
      requireRefused(() -> before.checkpoint(CommitMessage.of("x")), "only native git handles");

      repository.write("deep/.gitattributes", line + "\n");
      repository.commitAll("attributes");
      WorkspaceRequest later =
          new WorkspaceRequest(TestRepository.run("later"), TaskId.of("after"), List.of());
      requireRefused(() -> workspaces.open(later), "only native git handles");
    }
  }

  @Test
  void nativeGitWritesTheBytesThatAttributesAskFor() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("config", "filter.upper.clean", "tr A-Z a-z");
    repository.git("config", "filter.upper.smudge", "tr a-z A-Z");
    repository.git("config", "filter.upper.required", "true");
    repository.write(
        ".gitattributes", "*.id ident\n*.wide working-tree-encoding=UTF-16LE\n*.up filter=upper\n");
    repository.write("a.id", "$Id$\n");
    Files.write(repository.root().resolve("a.wide"), "wide\n".getBytes(StandardCharsets.UTF_16LE));
    repository.write("a.up", "LOUD\n");
    repository.commitAll("attributes");

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.REQUIRED)) {
      Workspace workspace = open(workspaces, "green");
      Path directory = workspace.directory();

      assertThat(read(directory, "a.id")).startsWith("$Id: ");
      assertThat(Files.readAllBytes(directory.resolve("a.wide")))
          .isEqualTo("wide\n".getBytes(StandardCharsets.UTF_16LE));
      assertThat(read(directory, "a.up")).isEqualTo("LOUD\n");
      write(directory, "a.up", "LOUDER\n");
      accept(workspace, "done");
      assertThat(repository.git("show", "maestro/r/green:a.up")).isEqualTo("louder");
    }
  }

  @BothWays
  void usesCleanAndSmudgeCommandsEitherWay(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("config", "filter.upper.clean", "tr A-Z a-z");
    repository.git("config", "filter.upper.smudge", "tr a-z A-Z");
    repository.write(".gitattributes", "*.up filter=upper\n");
    repository.write("a.up", "LOUD\n");
    repository.commitAll("attributes");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");

      assertThat(read(workspace.directory(), "a.up")).isEqualTo("LOUD\n");
      assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
    }
  }

  @BothWays
  void refusesARepositoryOfAnotherUser(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    assumeTrue(chown(repository.root(), "nobody"));

    requireRefused(() -> repository.workspaces(use), "safe.directory");
  }

  /** Only root can give a file away. */
  private static boolean chown(Path directory, String user) throws Exception {
    return "root".equals(System.getProperty("user.name"))
        && new ProcessBuilder("chown", "-R", user, directory.toString()).start().waitFor() == 0;
  }

  @Test
  void startsNativeGitWithACleanEnvironment() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    TestRepository other = TestRepository.in(Files.createDirectory(temp.resolve("other")));
    String before = other.git("for-each-ref");

    int exit =
        ChildJvm.start(
                OpenOnce.class,
                Map.of(
                    "GIT_DIR", other.root().resolve(".git").toString(),
                    "GIT_WORK_TREE", other.root().toString(),
                    "GIT_INDEX_FILE", other.root().resolve("nowhere").toString(),
                    "LC_ALL", "C.UTF-8"),
                repository.root().toString())
            .waitFor();

    assertThat(exit).isZero();
    assertThat(other.git("for-each-ref")).isEqualTo(before);
    assertThat(repository.git("branch", "--list", "maestro/r/green")).isNotEmpty();
  }

  @Test
  void namesThatJavaCannotSayAreNativeGitsOrRefused() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.write("src/test/gr\u00fc\u00dfe.txt", "hello\n");
    repository.commitAll("a name");

    assertThat(protectUnderPosixLocale(repository, NativeUse.REQUIRED)).isZero();
    assertThat(repository.git("diff", "--name-only", "main", "maestro/r/green")).isEqualTo("new");
    assertThat(protectUnderPosixLocale(repository, NativeUse.NEVER)).isEqualTo(7);
    repository.requireSound();
  }

  private static int protectUnderPosixLocale(TestRepository repository, NativeUse use)
      throws Exception {
    return ChildJvm.start(
            Protect.class, Map.of("LC_ALL", "C"), repository.root().toString(), use.name())
        .waitFor();
  }

  /** Spoils every test by a program that knows its name, and has it put back. */
  static final class Protect {
    public static void main(String[] arguments) throws InterruptedException, IOException {
      try (GitWorkspaces workspaces =
          GitWorkspaces.builder(Path.of(arguments[0]))
              .nativeGit(NativeUse.valueOf(arguments[1]))
              .build()) {
        Workspace workspace = open(workspaces, "green");
        new ProcessBuilder("find", "src/test", "-type", "f", "-delete")
            .directory(workspace.directory().toFile())
            .start()
            .waitFor();
        write(workspace.directory(), "new", "n");
        workspace.restore(PathGlobs.of("src/test/**"), workspace.base());
        accept(workspace, "done");
      } catch (PermanentException e) {
        System.exit(e.getMessage().contains("without UTF-8") ? 7 : 1);
      }
    }
  }

  /** Opens a workspace in a JVM whose environment was meant for something else. */
  static final class OpenOnce {
    public static void main(String[] arguments) throws InterruptedException, IOException {
      try (GitWorkspaces workspaces =
          GitWorkspaces.builder(Path.of(arguments[0])).nativeGit(NativeUse.REQUIRED).build()) {
        Workspace workspace = open(workspaces, "green");
        write(workspace.directory(), "new", "n");
        accept(workspace, "done");
      }
    }
  }
}
