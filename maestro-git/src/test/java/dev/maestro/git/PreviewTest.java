package dev.maestro.git;

import static dev.maestro.git.TestRepository.RUN;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.work;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Preview;
import dev.maestro.workspace.PreviewRequest;
import java.nio.file.Path;
import java.util.List;
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
  void saysWhatDoesNotGoTogetherAndShowsEach(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint red = work(open(workspaces, "red"), "README", "red\n");
      repository.write("README", "gone on\n");
      repository.commitAll("meanwhile");

      Preview conflict = preview(workspaces, "main", red);
      assertThat(conflict.diff()).contains("does not merge cleanly", "README", "+red\n");
      assertThat(conflict.trees()).hasSize(2).endsWith(red.tree());
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
