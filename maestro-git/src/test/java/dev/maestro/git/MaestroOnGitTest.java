package dev.maestro.git;

import static dev.maestro.git.TestRepository.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.WriteGuard;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class MaestroOnGitTest {

  private static final Actor ANN = Actor.of("ann");

  @TempDir Path temp;

  private Maestro on(TestRepository repository) {
    return Maestro.builder()
        .store(InMemoryStore.create())
        .discoverNothing()
        .workspaces(GitWorkspaces.of(repository.root()))
        .build();
  }

  private static Pipeline twoTasksAndAMerge() {
    return Pipeline.named("p")
        .step("one", s -> s.command("sh", "-c", "echo 1 > one.txt"))
        .step("two", s -> s.command("sh", "-c", "echo 2 > two.txt"))
        .step(
            "merge",
            s ->
                s.approval("Merge it?")
                    .after("one", "two")
                    .gate(Gate.command("test", "-f", "one.txt", "-a", "-f", "two.txt"))
                    .mergeInto("main"))
        .step("after", s -> s.command("ls").after("merge").output("files"))
        .build();
  }

  @Test
  void mergesTheWorkOfTwoTasksOnceAPersonSaysYes() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (Maestro maestro = on(repository)) {
      Run run = maestro.start(twoTasksAndAMerge(), RunId.of("r"), Inputs.none());
      RunResult asked = run.await();
      assertThat(asked.status()).isEqualTo(RunStatus.WAITING);
      assertThat(repository.root().resolve("one.txt")).doesNotExist();

      run.answer(asked.questions().get(0).id(), Answer.approve(), ANN);
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(read(repository.root(), "one.txt")).isEqualTo("1\n");
      assertThat(read(repository.root(), "two.txt")).isEqualTo("2\n");
      assertThat(result.text("files")).hasValueSatisfying(f -> assertThat(f).contains("one.txt"));
      assertThat(repository.git("status", "--porcelain")).isEmpty();
    }
    assertThat(repository.git("worktree", "list").lines()).hasSize(1);
    repository.requireSound();
  }

  @Test
  void waitsForADirtyTreeToBeCleanedAndThenMergesWithoutDoingAnythingAgain() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (Maestro maestro = on(repository)) {
      Run run = maestro.start(twoTasksAndAMerge(), RunId.of("r"), Inputs.none());
      RunResult asked = run.await();
      repository.write("README", "changed by a person");
      run.answer(asked.questions().get(0).id(), Answer.approve(), ANN);
      RunResult blocked = run.await();
      assertThat(blocked.snapshot().task("merge").orElseThrow().state())
          .isEqualTo(TaskState.BLOCKED);
      assertThat(blocked.snapshot().task("merge").orElseThrow().reason())
          .contains(Reason.MERGE_CONFLICT);
      assertThat(read(repository.root(), "README")).isEqualTo("changed by a person");

      repository.commitAll("mine");
      run.retry(TaskId.of("merge"), ANN);
      // the branch has moved in another file, so that the yes was to this merge
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(read(repository.root(), "README")).isEqualTo("changed by a person");
      assertThat(read(repository.root(), "one.txt")).isEqualTo("1\n");
      assertThat(result.snapshot().task("one").orElseThrow().attempt()).isOne();
    }
    repository.requireSound();
  }

  @Test
  void blocksAMergeThatDoesNotMergeCleanlyUntilOneOfTheTasksIsReworked() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Pipeline pipeline =
        Pipeline.named("p")
            .step("one", s -> s.command("sh", "-c", "echo 1 > README"))
            .step("two", s -> s.command("sh", "-c", "echo ${MAESTRO_FEEDBACK:-2} > README"))
            .step("both", s -> s.command("cat", "README").after("one", "two"))
            .build();

    try (Maestro maestro = on(repository)) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      RunResult blocked = run.await();

      assertThat(blocked.status()).isEqualTo(RunStatus.WAITING);
      assertThat(blocked.snapshot().task("both").orElseThrow().detail())
          .hasValueSatisfying(why -> assertThat(why).contains("README"));
      assertThat(blocked.snapshot().task("both").orElseThrow().attempt()).isLessThanOrEqualTo(1);

      run.rework(TaskId.of("two"), "1", ANN);
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.snapshot().task("one").orElseThrow().attempt()).isOne();
    }
    repository.requireSound();
  }

  @Test
  void whatADiffDoesNotShowIsSearchedAndNotTakenForSmall() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    String key = "AKIA" + "ABCDEFGHIJKLMNOP";
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "key",
                s ->
                    s.command("sh", "-c", "printf '" + key + "\\n\\0' > key.bin")
                        .guard(Guardrail.secrets())
                        .attempts(1))
            .step(
                "long",
                s ->
                    s.command("sh", "-c", "{ printf '\\0'; seq 3000; } > long.bin")
                        .guard(WriteGuard.atMostLines(500)))
            .build();

    try (Maestro maestro = on(repository)) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      assertThat(result.snapshot().task("key").orElseThrow().reason())
          .contains(Reason.GUARDRAIL_BLOCKED);
      assertThat(result.questions())
          .singleElement()
          .satisfies(asked -> assertThat(asked.task()).isEqualTo(TaskId.of("long")));
    }
    repository.requireSound();
  }
}
