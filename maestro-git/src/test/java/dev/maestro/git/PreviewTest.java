package dev.maestro.git;

import static dev.maestro.git.TestRepository.RUN;
import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.lines;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.work;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Preview;
import dev.maestro.workspace.PreviewRequest;
import dev.maestro.workspace.Workspace;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** What somebody sees who is asked before work goes on. */
class PreviewTest {

  private static final int MOST = 10_000;

  @TempDir Path temp;

  private static Preview preview(GitWorkspaces workspaces, String branch, Checkpoint... sources)
      throws InterruptedException {
    return workspaces
        .preview(new PreviewRequest(RUN, List.of(sources), branch, MOST))
        .orElseThrow();
  }

  @BothWays
  void isWhatHasChangedSinceTheRunStartedWhateverTheBranchHasDoneMeanwhile(NativeUse use)
      throws Exception {
    TestRepository repository = TestRepository.in(temp);
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint red = work(open(workspaces, "red"), "red.txt", "r\n");
      Checkpoint green = work(open(workspaces, "green", red), "green.txt", "g\n");
      Preview before = preview(workspaces, null, green);
      repository.write("README", "gone on\n");
      repository.commitAll("meanwhile");

      assertThat(preview(workspaces, null, green)).isEqualTo(before);
      assertThat(before.diff()).contains("+r\n", "+g\n").doesNotContain("gone on");
      assertThat(before.trees()).hasSize(2).endsWith(green.tree());
    }
  }

  @BothWays
  void showsSeveralTogether(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint red = work(open(workspaces, "red"), "red.txt", "r\n");
      Checkpoint green = work(open(workspaces, "green"), "green.txt", "g\n");

      assertThat(preview(workspaces, null, red, green).diff()).contains("+r\n", "+g\n");
    }
  }

  @BothWays
  void ofAMergeIsAnotherOneWhenTheBranchHasMoved(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint red = work(open(workspaces, "red"), "red.txt", "r\n");
      Preview before = preview(workspaces, "main", red);
      assertThat(preview(workspaces, "main", red)).isEqualTo(before);
      repository.write("README", "gone on\n");
      repository.commitAll("meanwhile");
      Preview after = preview(workspaces, "main", red);

      assertThat(after.diff()).isEqualTo(before.diff()).contains("+r\n");
      assertThat(after.trees()).doesNotContainAnyElementsOf(before.trees());
      assertThat(after.difference()).as("it changes the same").isEqualTo(before.difference());
      assertThat(before.difference()).isNotNull();
    }
  }

  @BothWays
  void ofAMergeChangesSomethingElseWhereTheBranchHasTouchedAFileOfIt(NativeUse use)
      throws Exception {
    TestRepository repository = TestRepository.in(temp);
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "red");
      write(workspace.directory(), "src/A.java", lines("class Red {}"));
      write(workspace.directory(), "data.bin", "\0red");
      Checkpoint red = accept(workspace, "Red");
      Preview agreed = preview(workspaces, "main", red);

      repository.git("mv", "src/test/ATest.java", "src/test/BTest.java");
      Preview elsewhere = after(repository, workspaces, red);
      repository.write("src/A.java", "// far above\n" + lines("class A {}"));
      Preview farAbove = after(repository, workspaces, red);
      repository.write("src/A.java", lines("class A {}"));
      Preview takenBack = after(repository, workspaces, red);
      repository.git("update-index", "--chmod=+x", "src/A.java");
      repository.git("commit", "-q", "-m", "mode");
      Preview executable = preview(workspaces, "main", red);
      repository.git("reset", "-q", "--hard", "HEAD^");
      repository.write("data.bin", "\0red");
      Preview alreadyThere = after(repository, workspaces, red);

      assertThat(agreed.diff()).contains("class Red", "data.bin").doesNotContain("-\0");
      assertThat(List.of(elsewhere, takenBack))
          .extracting(Preview::difference)
          .containsOnly(agreed.difference());
      assertThat(Set.of(farAbove, executable, alreadyThere))
          .extracting(Preview::difference)
          .doesNotContainNull()
          .doesNotContain(agreed.difference())
          .doesNotHaveDuplicates();
    }
  }

  private static Preview after(
      TestRepository repository, GitWorkspaces workspaces, Checkpoint source)
      throws InterruptedException {
    repository.commitAll("meanwhile");
    return preview(workspaces, "main", source);
  }

  @BothWays
  void saysWhatDoesNotGoTogetherAndShowsEach(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint red = work(open(workspaces, "red"), "README", "red\n");
      repository.write("README", "gone on\n");
      repository.commitAll("meanwhile");

      Preview conflict = preview(workspaces, "main", red);
      assertThat(conflict.diff()).contains("does not merge cleanly", "README", "+red\n");
      assertThat(conflict.trees()).hasSize(2).endsWith(red.tree());
      assertThat(conflict.difference()).isNull();
    }
  }

  @BothWays
  void movesNothingAndIsCutLikeAnyDiff(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint red = work(open(workspaces, "red"), "red.txt", "r\n".repeat(1_000));
      String refs = repository.git("for-each-ref");
      Preview cut =
          workspaces.preview(new PreviewRequest(RUN, List.of(red), "main", 200)).orElseThrow();

      assertThat(cut.diff()).contains("[cut after").hasSizeLessThan(300);
      assertThat(repository.git("for-each-ref")).isEqualTo(refs);
      repository.requireSound();
    }
  }

  @BothWays
  void ofWhatIsNotThereIsRefused(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Checkpoint gone = new Checkpoint("0123456789012345678901234567890123456789", "t");
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      assertThatThrownBy(() -> preview(workspaces, null, gone))
          .isInstanceOf(PermanentException.class);
    }
  }
}
