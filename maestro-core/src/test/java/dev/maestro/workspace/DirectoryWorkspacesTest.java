package dev.maestro.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DirectoryWorkspacesTest {

  private static final CommitMessage MESSAGE = CommitMessage.of("done");
  private static final RunKey RUN = new RunKey(Tenant.DEFAULT, RunId.of("r"));

  @TempDir Path directory;

  private Workspace open() throws InterruptedException {
    Opening opening =
        DirectoryWorkspaces.at(directory)
            .open(new WorkspaceRequest(RUN, TaskId.of("t"), List.of()));
    assertThat(opening).isInstanceOf(Opening.Opened.class);
    return ((Opening.Opened) opening).workspace();
  }

  private Path write(String path, String text) throws IOException {
    Path file = directory.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Test
  void promisesNothingAndAdmitsOneTask() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
    DirectoryWorkspaces workspaces = DirectoryWorkspaces.at(directory);

    assertThat(workspaces.capabilities()).isEqualTo(new WorkspaceCapabilities(false, false, false));
    assertThat(workspaces.capacity().limit()).isEqualTo(1);
    assertThat(workspaces.capacity()).isEqualTo(DirectoryWorkspaces.at(link).capacity());
    assertThat(workspaces.startBranch()).isEmpty();
    assertThat(workspaces.description()).isEqualTo(directory.toString());
  }

  @Test
  void refusesADirectoryThatDoesNotExist() throws Exception {
    DirectoryWorkspaces workspaces = DirectoryWorkspaces.at(directory.resolve("missing"));

    assertThat(workspaces.open(new WorkspaceRequest(RUN, TaskId.of("t"), List.of())))
        .isInstanceOf(Opening.Refused.class);
  }

  @Test
  void tellsWhetherAnythingChanged() throws Exception {
    write("a", "1");
    write("b/c", "2");
    Workspace workspace = open();

    assertThat(workspace.directory()).isEqualTo(directory);
    assertThat(workspace.head()).isEqualTo(workspace.base());
    assertThat(workspace.checkpoint(MESSAGE)).isEqualTo(workspace.base());
    write("b/c", "3");
    write("d", "4");
    Files.delete(directory.resolve("a"));
    Checkpoint after = workspace.checkpoint(MESSAGE);

    assertThat(after.tree()).isNotEqualTo(workspace.base().tree());
    assertThat(workspace.changesSince(workspace.base()))
        .containsExactly(
            new Change(Change.Kind.DELETED, "a"),
            new Change(Change.Kind.MODIFIED, "b/c"),
            new Change(Change.Kind.ADDED, "d"));
    assertThat(workspace.diff(workspace.base(), after, 1000))
        .isEqualTo("DELETED a\nMODIFIED b/c\nADDED d\n");
    workspace.accept(after);
    assertThat(workspace.head()).isEqualTo(after);
  }

  @Test
  void knowsAfterARestartOnlyThatSomethingDiffers() throws Exception {
    write("a", "1");
    Checkpoint before = open().base();

    assertThat(open().changesSince(before)).isEmpty();
    write("a", "2");
    assertThat(open().changesSince(before)).containsExactly(new Change(Change.Kind.MODIFIED, "."));
  }

  @Test
  void countsModesAndLinksButNotTimesOrWhatIsMaestros() throws Exception {
    Path file = write("a", "1");
    write(".git/HEAD", "x");
    Workspace workspace = open();

    write("a", "1");
    write(".git/HEAD", "y");
    write(".maestro/store", "z");
    write("sub/.git", "gitdir: elsewhere");
    assertThat(workspace.changesSince(workspace.base())).isEmpty();

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createSymbolicLink(directory.resolve("link"), Path.of("/nowhere"));
    assertThat(workspace.changesSince(workspace.base()))
        .containsExactly(
            new Change(Change.Kind.MODIFIED, "a"), new Change(Change.Kind.ADDED, "link"));
  }

  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipeInPlaceOfAFileMeansThatTheFileIsGone() throws Exception {
    Path file = write("a", "1");
    Workspace workspace = open();
    Files.delete(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();

    assertThat(workspace.changesSince(workspace.base()))
        .containsExactly(new Change(Change.Kind.DELETED, "a"));
  }

  @Test
  void aChangeInOneOfTwoFilesWhoseNamesReadTheSameIsSeen() throws Exception {
    shell("printf 1 > \"$(printf 'a\\376')\"; printf 1 > \"$(printf 'a\\377')\"");
    Workspace workspace = open();

    for (String name : List.of("a\\376", "a\\377")) {
      Checkpoint before = workspace.checkpoint(MESSAGE);
      shell("printf 2 > \"$(printf '" + name + "')\"");
      assertThat(workspace.changesSince(before)).hasSize(1);
    }
  }

  private void shell(String text) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-c", text).directory(directory.toFile()).inheritIO().start();
    assertThat(shell.waitFor()).isZero();
  }

  @Test
  void saysThatNothingCanBePutBackOrMerged() throws Exception {
    Workspace workspace = open();
    DirectoryWorkspaces workspaces = DirectoryWorkspaces.at(directory);

    assertThatThrownBy(() -> workspace.restore(PathGlobs.of("**"), workspace.base()))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("use a git repository");
    assertThatThrownBy(
            () ->
                workspaces.merge(
                    new MergeRequest(
                        RUN, TaskId.of("t"), "main", List.of(workspace.base()), MESSAGE)))
        .isInstanceOf(PermanentException.class);
  }

  @Test
  void stopsReadingWhenInterrupted() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(this::open).isInstanceOf(InterruptedException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void cutsALongTextBetweenCharacters() {
    assertThat(DiffText.cut("abc", 3)).isEqualTo("abc");
    assertThat(DiffText.cut("abcd", 3)).isEqualTo("abc\n[cut after 3 characters]\n");
    assertThat(DiffText.cut("ab\ud83d\ude00d", 3)).isEqualTo("ab\n[cut after 2 characters]\n");
  }
}
