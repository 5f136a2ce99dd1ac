package dev.maestro.git;

import static dev.maestro.git.TestRepository.RUN;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.run;
import static dev.maestro.git.TestRepository.work;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Adoption;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

class AdoptTest {

  private static final RunKey FORK = run("fork");
  private static final TaskId RED = TaskId.of("red");

  @TempDir Path temp;

  @BothWays
  void whatAnotherRunBuildsOnStaysWhenEverythingOfTheFirstIsDeleted(NativeUse use)
      throws Exception {
    TestRepository repository = TestRepository.in(temp);
    String first = repository.git("rev-parse", "HEAD");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint done = work(open(workspaces, "red"), "new", "n\n");
      repository.write("README", "gone on\n");
      repository.commitAll("second");
      Optional<Checkpoint> start = adopt(workspaces, done, first);
      assertThat(adopt(workspaces, done, first)).isEqualTo(start);
      workspaces.release(RUN);
      deleteEverythingOf(repository, "r");
      repository.git("reflog", "expire", "--expire=now", "--all");
      repository.git("gc", "--quiet", "--prune=now");

      assertThat(start).map(Checkpoint::id).contains(first);
      Workspace green = openedOn(workspaces, "green", done);
      assertThat(read(green.directory(), "new")).isEqualTo("n\n");
      assertThat(green.base()).isEqualTo(done);
      assertThat(repository.git("rev-parse", green.head().id() + "^{tree}")).isEqualTo(done.tree());
      Workspace beside = openedOn(workspaces, "beside", start.orElseThrow());
      assertThat(read(beside.directory(), "README")).isEqualTo("hello\n");
      repository.requireSound();
    }
  }

  @BothWays
  void aRunThatNeverWorkedHereStartedNowhere(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      assertThat(workspaces.adopt(new Adoption(RUN, FORK, Map.of(), null))).isEmpty();
    }
    assertThat(repository.git("for-each-ref", "refs/maestro")).isEmpty();
  }

  @BothWays
  void aCheckpointThatIsNotThereIsRefused(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Checkpoint gone = new Checkpoint("0123456789012345678901234567890123456789", "t");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      assertThatThrownBy(() -> adopt(workspaces, gone, null))
          .isInstanceOf(PermanentException.class);
    }
  }

  private static Optional<Checkpoint> adopt(
      GitWorkspaces workspaces, Checkpoint done, @Nullable String start)
      throws InterruptedException {
    return workspaces.adopt(new Adoption(RUN, FORK, Map.of(RED, List.of(done)), start));
  }

  private static Workspace openedOn(GitWorkspaces workspaces, String task, Checkpoint base)
      throws InterruptedException {
    WorkspaceRequest request = new WorkspaceRequest(FORK, TaskId.of(task), List.of(base));
    return ((Opening.Opened) workspaces.open(request)).workspace();
  }

  private static void deleteEverythingOf(TestRepository repository, String run) {
    repository
        .git("for-each-ref", "--format=%(refname)", "refs/maestro/" + run, "refs/heads/maestro")
        .lines()
        .forEach(ref -> repository.git("update-ref", "-d", ref));
  }
}
