package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Asking;
import dev.maestro.approval.Question;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.run.RunEvent;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.api.Git;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an approval step shows of work in a real repository, and what a yes to it is about. */
@Timeout(300)
class ApprovalOnGitTest {

  private static final Actor ANN = Actor.of("ann");
  private static final RunId RUN = RunId.of("r");
  private static final String SHARED = "shared.txt";
  private static final String TOKEN = "canary-0123";

  private static final Pipeline MERGED_AFTER_A_YES =
      Pipeline.named("approved")
          .step("a", s -> s.agent("writer").prompt("Write a.txt").secret("TOKEN"))
          .step("ok", s -> s.approval("Into main with it?").after("a").mergeInto("main"))
          .step(
              "b",
              s ->
                  s.agent("writer")
                      .prompt("Write b.txt")
                      .after("ok")
                      .attempts(2)
                      .budget(Budget.usd("3.00").perAttempt(Cap.ofUsd("1.00"))))
          .build();

  @TempDir Path directory;

  private Path repository;

  @BeforeEach
  void makeARepository() throws Exception {
    repository = directory.resolve("repository");
    DemoProject.create(repository, "main");
    commitToMain(SHARED, lines("first", "last"));
  }

  private static String lines(String first, String last) {
    return first + "\n" + "between\n".repeat(20) + last + "\n";
  }

  private Maestro open(StoreSource store) {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on(
                "a",
                Turn.says("done")
                    .writes("a.txt", (TOKEN + "\n").repeat(1_200))
                    .writes(SHARED, lines("first", "work")))
            .on("b", Turn.says("done").writes("b.txt", "second"))
            .build();
    MaestroBuilder builder =
        Maestro.builder()
            .store(store)
            .workspaces(GitWorkspaces.of(repository))
            .discoverNothing()
            .secrets(name -> Optional.of(TOKEN))
            .provider(agent);
    return builder.build();
  }

  private static Question only(RunResult result) {
    assertThat(result.questions()).hasSize(1);
    return result.questions().get(0);
  }

  private void commitToMain(String file) throws Exception {
    commitToMain(file, "meanwhile");
  }

  private void commitToMain(String file, String text) throws Exception {
    try (Git git = Git.open(repository.toFile())) {
      Files.writeString(repository.resolve(file), text);
      git.add().addFilepattern(file).call();
      git.commit().setMessage("Meanwhile").setAuthor("x", "x@y").setSign(false).call();
    }
  }

  private boolean isOnMain(String file) throws Exception {
    try (Git git = Git.open(repository.toFile())) {
      return git.getRepository().resolve("main:" + file) != null;
    }
  }

  @Test
  void theDiffIsShownWithoutSecretsBesideWhatMayFollow() throws Exception {
    try (Maestro maestro = open(InMemoryStore.create())) {
      Run run = maestro.start(MERGED_AFTER_A_YES, RUN, Inputs.none());
      Question asked = only(run.await());

      assertThat(asked.shown().text())
          .contains("2 files changed", "+++ b/a.txt", "+***")
          .contains(
              "agents are launched by b: at most 2 launches, 2 usd as far as agents keep to their"
                  + " caps; unknown: tokens.")
          .doesNotContain("canary")
          .endsWith("…");
      run.answer(asked.id(), Answer.approve().to(asked), ANN);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(isOnMain("a.txt")).isTrue();
    }
  }

  @Test
  void aYesStaysGoodWhereTheBranchMovedOnInOtherFiles() throws Exception {
    try (Maestro maestro = open(InMemoryStore.create())) {
      Run run = maestro.start(MERGED_AFTER_A_YES, RUN, Inputs.none());
      Question asked = only(run.await());
      commitToMain("other.txt");

      run.answer(asked.id(), Answer.approve().to(asked), ANN);

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(isOnMain("a.txt") && isOnMain("other.txt")).isTrue();
      assertThat(run.journal(0))
          .filteredOn(one -> one.event() instanceof RunEvent.Asked)
          .as("nobody was asked again")
          .hasSize(1);
    }
  }

  @Test
  void aYesBeforeAFileOfTheMergeMovedIsStaleAndWhatIsThereNowIsAskedAbout() throws Exception {
    try (Maestro maestro = open(InMemoryStore.create())) {
      Run run = maestro.start(MERGED_AFTER_A_YES, RUN, Inputs.none());
      Question first = only(run.await());
      commitToMain(SHARED, lines("meanwhile", "last"));

      run.answer(first.id(), Answer.approve().to(first), ANN);
      Question second = only(run.await());
      assertThat(isOnMain("a.txt")).isFalse();
      assertThat(second.text()).contains("not what was agreed to any more");
      assertThat(second.shown().text()).contains("+***").doesNotContain("canary");
      assertThatThrownBy(() -> run.answer(second.id(), Answer.approve().to(first), ANN))
          .isInstanceOfSatisfying(
              RefusedException.class, refused -> assertThat(refused.code()).isEqualTo("stale"));

      run.answer(second.id(), Answer.approve().to(second), ANN);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(isOnMain("a.txt")).isTrue();
    }
  }

  @Test
  void twoWhoAgreeOnBothSidesOfAMoveOfTheBranchHaveAgreedToNothing() throws Exception {
    Pipeline bothAgree =
        Pipeline.named("both")
            .step("a", s -> s.agent("writer").prompt("Write a.txt").secret("TOKEN"))
            .step(
                "ok",
                s ->
                    s.approval("Into main with it?")
                        .after("a")
                        .mergeInto("main")
                        .asking(Asking.DEFAULT.quorum(2)))
            .build();
    Actor bob = Actor.of("bob");
    try (Maestro maestro = open(InMemoryStore.create())) {
      Run run = maestro.start(bothAgree, RUN, Inputs.none());
      Question first = only(run.await());
      run.answer(first.id(), Answer.approve().to(first), ANN);
      commitToMain(SHARED, lines("meanwhile", "last"));
      run.answer(first.id(), Answer.approve().to(first), bob);

      Question second = only(run.await());
      run.answer(second.id(), Answer.approve().to(second), bob);
      assertThat(only(run.await()).answering().approvedBy()).containsExactly(bob);
      assertThat(isOnMain("a.txt")).isFalse();

      run.answer(second.id(), Answer.approve().to(second), ANN);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(isOnMain("a.txt")).isTrue();
    }
  }

  @Test
  void whatWasShownIsWhatIsStoredAndBindsAfterARestart() throws Exception {
    Path store = directory.resolve("store");
    Question first;
    try (Maestro maestro = open(FileStore.at(store))) {
      first = only(maestro.start(MERGED_AFTER_A_YES, RUN, Inputs.none()).await());
    }
    commitToMain(SHARED, lines("meanwhile", "last"));

    try (Maestro maestro = open(FileStore.at(store))) {
      maestro.recover();
      Run run = maestro.find(RUN).orElseThrow();
      assertThat(only(run.await())).isEqualTo(first);
      run.answer(first.id(), Answer.approve().to(first), ANN);
      Question second = only(run.await());
      assertThat(second.hash()).isNotEqualTo(first.hash());
      assertThat(isOnMain("a.txt")).isFalse();
      run.answer(second.id(), Answer.reject("not like this"), ANN);
      assertThat(run.await().status()).isEqualTo(RunStatus.FAILED);
      assertThat(isOnMain("a.txt")).isFalse();
    }
  }
}
