package dev.maestro.git;

import static dev.maestro.git.TestRepository.RUN;
import static dev.maestro.git.TestRepository.opened;
import static dev.maestro.git.TestRepository.work;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.TaskId;
import dev.maestro.workspace.Adoption;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.PreviewRequest;
import dev.maestro.workspace.Standing;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnRefsTest {

  private static final Standing NOTHING_BEGUN = new Standing(null, List.of());

  @TempDir Path temp;
  private TestRepository repository;
  private String other;

  @BeforeEach
  void makeRepository() {
    repository = TestRepository.in(temp);
    // a commit that is nobody's
    other = repository.git("commit-tree", "-m", "other", "HEAD^{tree}");
  }

  private static WorkspaceRequest request(String task, Standing standing, Checkpoint... bases) {
    return new WorkspaceRequest(RUN, TaskId.of(task), List.of(bases), "this one", standing);
  }

  private static Standing on(Checkpoint... heads) {
    return new Standing(null, List.of(heads).stream().map(Checkpoint::id).toList());
  }

  private static String moved(Opening opening) {
    assertThat(opening).isInstanceOf(Opening.Moved.class);
    return ((Opening.Moved) opening).message();
  }

  private void move(String ref, String to) {
    repository.git("update-ref", ref, to);
  }

  /** What is moved, and deleted, is Maestro's own. */
  @BothWays
  void aRefThatWasMadeToStandForTheUsersBranchLeavesThatAlone(NativeUse use) throws Exception {
    String main = repository.git("rev-parse", "main");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = TestRepository.open(workspaces, "one");
      repository.git("symbolic-ref", "refs/heads/maestro/r/one", "refs/heads/main");
      repository.git("symbolic-ref", "refs/maestro/r/one/head", "refs/heads/main");
      Checkpoint done = work(workspace, "new", "n\n");

      assertThat(repository.git("rev-parse", "main")).isEqualTo(main);
      assertThat(repository.git("rev-parse", "maestro/r/one")).isEqualTo(done.id());
      assertThat(repository.git("rev-parse", "refs/maestro/r/one/head")).isEqualTo(done.id());

      TestRepository.candidate(TestRepository.merge(workspaces, "main", done));
      repository.git("symbolic-ref", "refs/heads/maestro/r/merge@merge", "refs/heads/main");
      TestRepository.candidate(TestRepository.merge(workspaces, "main", done));

      assertThat(repository.git("rev-parse", "main")).isEqualTo(main);
      assertThat(repository.git("status", "--porcelain")).isEmpty();
    }
  }

  /** Its working tree would stay behind, and so would the other when it is only a name. */
  @BothWays
  void aBranchThatOnlyStandsForAnotherIsNotMergedInto(NativeUse use) throws Exception {
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint done = work(TestRepository.open(workspaces, "one"), "new", "n\n");
      repository.git("branch", "alias");
      Merging.Candidate merge =
          TestRepository.candidate(TestRepository.merge(workspaces, "alias", done));
      repository.git("symbolic-ref", "refs/heads/alias", "refs/heads/main");

      assertThat(TestRepository.merge(workspaces, "alias", done))
          .isInstanceOfSatisfying(
              Merging.Refused.class,
              refused -> assertThat(refused.message()).contains("only stands for refs/heads/main"));
      assertThat(workspaces.advance(merge.request(), merge.before(), merge.merged()))
          .isInstanceOf(Advance.Refused.class);
      assertThat(repository.git("rev-parse", "main")).isEqualTo(merge.before().id());
    }
  }

  @Test
  void aWorkspaceInWhichNothingHasBegunIsFoundAsItWasMade() throws Exception {
    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      Workspace one = opened(workspaces.open(request("one", NOTHING_BEGUN)));
      Workspace again = opened(workspaces.open(request("one", NOTHING_BEGUN)));

      assertThat(again.base()).isEqualTo(one.base());
      assertThat(again.head()).isEqualTo(one.base());
    }
  }

  @Test
  void aMergeOfSeveralIsKnownByItsParentsAndItsFiles() throws Exception {
    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      Checkpoint a = made(workspaces, "a");
      Checkpoint b = made(workspaces, "b");
      Workspace both = opened(workspaces.open(request("c", NOTHING_BEGUN, a, b)));
      Opening again = workspaces.open(request("c", NOTHING_BEGUN, a, b));
      assertThat(opened(again).base()).isEqualTo(both.base());

      String lie = repository.git("commit-tree", "-m", "x", "-p", a.id(), "-p", b.id(), a.tree());
      move("refs/maestro/r/c/base", lie);
      move("refs/maestro/r/c/head", lie);

      assertThat(moved(workspaces.open(request("c", NOTHING_BEGUN, a, b))))
          .contains("refs/maestro/r/c/base points to " + lie);
    }
  }

  private static Checkpoint made(GitWorkspaces workspaces, String task) throws Exception {
    Workspace workspace = opened(workspaces.open(request(task, NOTHING_BEGUN)));
    return work(workspace, task + ".txt", task);
  }

  @Test
  void refsThatWereThereBeforeATaskBeganAreTakenByNobody() throws Exception {
    move("refs/maestro/r/one/head", other);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      assertThat(moved(workspaces.open(request("one", NOTHING_BEGUN))))
          .contains("git update-ref -d refs/maestro/r/one/head");
      repository.git("update-ref", "-d", "refs/maestro/r/one/head");
      move("refs/maestro/r/one/base", other);
      assertThat(moved(workspaces.open(request("one", NOTHING_BEGUN))))
          .contains(
              "git update-ref refs/maestro/r/one/base " + repository.git("rev-parse", "HEAD"));
    }
    assertThat(repository.git("for-each-ref", "refs/maestro/r/one/kept")).contains(other);
    assertThat(repository.git("worktree", "list").lines()).hasSize(1);
  }

  @Test
  void aHeadIsOneOfThoseThatAreKnownOrRefused() throws Exception {
    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      Workspace one = opened(workspaces.open(request("one", NOTHING_BEGUN)));
      Checkpoint base = one.base();
      Checkpoint accepted = work(one, "a.txt", "a");

      assertThat(opened(workspaces.open(request("one", on(accepted)))).head()).isEqualTo(accepted);
      assertThat(opened(workspaces.open(request("one", on(base, accepted)))).head())
          .isEqualTo(accepted);
      assertThat(moved(workspaces.open(request("one", on(base)))))
          .contains("git update-ref refs/maestro/r/one/head " + base.id());
      assertThat(moved(workspaces.open(request("one", NOTHING_BEGUN))))
          .contains("refs/maestro/r/one/head");
      repository.git("update-ref", "-d", "refs/maestro/r/one/head");
      assertThat(moved(workspaces.open(request("one", on(accepted))))).contains("is gone");
    }
  }

  @Test
  void whereARunStartedIsWhatIsKnownOfItWhateverItsRefSays() throws Exception {
    String start = repository.git("rev-parse", "HEAD");
    Standing known = new Standing(start, List.of());
    String lie =
        repository.git(
            "commit-tree", "-m", "Start of a run of Maestro: this one", "-p", other, "HEAD^{tree}");
    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      assertThat(workspaces.start().orElseThrow().id()).isEqualTo(start);
      move("refs/maestro/r/@start", lie);
      assertThat(moved(workspaces.open(request("one", known)))).contains("@start");
      move("refs/maestro/r/@start", other);
      assertThat(moved(workspaces.open(request("one", known))))
          .contains("git update-ref -d refs/maestro/r/@start");

      repository.git("update-ref", "-d", "refs/maestro/r/@start");
      repository.commitAll("main moves on");
      assertThat(opened(workspaces.open(request("one", known))).base().id()).isEqualTo(start);

      move("refs/maestro/r/@start", lie);
      assertThat(moved(workspaces.open(request("two", known)))).contains("@start");
      Adoption adoption = new Adoption(RUN, TestRepository.run("fork"), Map.of(), start);
      assertThat(workspaces.adopt(adoption).orElseThrow().id()).isEqualTo(start);
    }
  }

  @Test
  void whatARunHasChangedIsSeenFromWhereItIsKnownToHaveStarted() throws Exception {
    String start = repository.git("rev-parse", "HEAD");
    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      Checkpoint made = made(workspaces, "one");
      String lie =
          repository.git(
              "commit-tree",
              "-m",
              "Start of a run of Maestro: this one",
              "-p",
              made.id(),
              made.tree());
      move("refs/maestro/r/@start", lie);

      PreviewRequest request = new PreviewRequest(RUN, List.of(made), null, 1000, start);
      assertThat(workspaces.preview(request).orElseThrow().diff()).contains("one.txt");
    }
  }
}
