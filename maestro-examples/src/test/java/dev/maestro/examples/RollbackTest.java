package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.approval.Answer;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.PermanentException;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Budget;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.workspace.DirectoryWorkspaces;
import dev.maestro.workspace.Workspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.Repository;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Putting the files of a failed task back, in a real repository. */
@Timeout(300)
class RollbackTest {

  private static final Actor ANN = Actor.of("ann");
  private static final TaskId WORK = TaskId.of("work");
  private static final Pipeline PIPELINE =
      Pipeline.named("failing")
          .step("first", s -> s.agent("writer").prompt("Begin"))
          .step("work", s -> s.agent("writer").prompt("Go on").continues("first"))
          .step("open", s -> s.approval("Is that all?"))
          .build();

  @TempDir Path directory;

  private Path repository;
  private Path worktree;
  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted")
          .on("first", Turn.says("done").writes("a.txt", "accepted"))
          .on(
              "work",
              Turn.failing(ErrorClass.PERMANENT, "I am stuck")
                  .does((request, hears) -> worktree = request.directory())
                  .writes("a.txt", "half done")
                  .writes("new.txt", "stray"))
          .then(Turn.says("done").writes("b.txt", "more"))
          .build();

  @BeforeEach
  void makeARepository() throws Exception {
    repository = directory.resolve("repository");
    DemoProject.create(repository, "main");
  }

  private Maestro open(Workspaces workspaces) {
    return Maestro.builder()
        .store(InMemoryStore.create())
        .workspaces(workspaces)
        .discoverNothing()
        .provider(agent)
        .build();
  }

  @Test
  void theFilesAreWhatWasAcceptedAndWhatStoodThereIsKept() throws Exception {
    try (Maestro maestro = open(GitWorkspaces.of(repository))) {
      Run run = maestro.start(PIPELINE, RunId.of("r"), Inputs.none());
      assertThat(run.await().snapshot().task(WORK).orElseThrow().state())
          .isEqualTo(TaskState.FAILED);
      assertThat(worktree.resolve("new.txt")).exists();

      RunEvent.RolledBack done = run.rollbackToCheckpoint(WORK, ANN);
      assertThat(worktree.resolve("a.txt")).content().isEqualTo("accepted");
      assertThat(worktree.resolve("new.txt")).doesNotExist();
      assertThat(done.changed()).isEqualTo(2);
      try (Git git = Git.open(repository.toFile())) {
        assertThat(file(git.getRepository(), done.kept().id(), "a.txt")).isEqualTo("half done");
        assertThat(file(git.getRepository(), done.kept().id(), "new.txt")).isEqualTo("stray");
        assertThat(file(git.getRepository(), done.to().id(), "a.txt")).isEqualTo("accepted");
      }
      assertThat(run.rollbackToCheckpoint(WORK, ANN).changed()).isZero();

      run.retry(WORK, ANN);
      assertThat(run.await().snapshot().task(WORK).orElseThrow().state())
          .isEqualTo(TaskState.COMPLETED);
      assertThat(agent.launches("work").get(1).request().prompt())
          .contains("Its changes were put away");
      assertThat(Files.readString(worktree.resolve("a.txt"))).isEqualTo("accepted");
      run.answer(run.snapshot().questions().get(0).id(), Answer.approve(), ANN);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThatThrownBy(() -> run.rollbackToCheckpoint(WORK, ANN))
          .isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void aPlainDirectoryKeepsNothingThatCouldBePutBack() throws Exception {
    try (Maestro maestro = open(DirectoryWorkspaces.at(repository))) {
      Run run = maestro.start(PIPELINE, RunId.of("r"), Inputs.none());
      run.await();

      assertThatThrownBy(() -> run.rollbackToCheckpoint(WORK, ANN))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("use a git repository");
      assertThat(repository.resolve("new.txt")).exists();
    }
  }

  /** A launch that reaches its cap with files half written. */
  private static ScriptedAgent reachingItsCap(long tokens) {
    return ScriptedAgent.named("scripted")
        .on(
            "work",
            Turn.says("never said")
                .session("one")
                .writes("new.txt", "half done")
                .emits(new AgentEvent.UsageReported(Usage.of(tokens, 0, Money.ZERO)))
                .hangs())
        .then(Turn.says("done").writes("b.txt", "more"))
        .build();
  }

  private RunResult ruled(ScriptedAgent scripted, Pipeline pipeline) throws Exception {
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .workspaces(GitWorkspaces.of(repository))
            .discoverNothing()
            .provider(scripted)
            .build()) {
      return maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
    }
  }

  @Test
  void whatOnlyWaitsForTheMoneyOfTheRunKeepsItsFiles() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .budget(Budget.ofTokens(100))
            .step(
                "work",
                s ->
                    s.agent("writer")
                        .prompt("Go on")
                        .rollback()
                        .budget(Budget.ofTokens(1_000).aborts()))
            .build();
    RunResult result = ruled(reachingItsCap(100), pipeline);

    Task work = result.snapshot().task(WORK).orElseThrow();
    assertThat(work.state()).isEqualTo(TaskState.PAUSED);
    assertThat(work.reason()).contains(Reason.BUDGET_EXCEEDED);
    assertThat(work.isRolledBack()).isFalse();
  }

  @Test
  void aLaunchThatReachedItsOwnCapHasFailedAndItsFilesArePutBack() throws Exception {
    ScriptedAgent scripted = reachingItsCap(50);
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "work",
                s ->
                    s.agent("writer")
                        .prompt("Go on")
                        .rollback()
                        .attempts(2)
                        .backoff(Backoff.NONE)
                        .budget(Budget.ofTokens(1_000).perAttempt(Cap.ofTokens(50))))
            .step("open", s -> s.approval("Is that all?"))
            .build();
    RunResult result = ruled(scripted, pipeline);

    assertThat(result.snapshot().task(WORK).orElseThrow().state()).isEqualTo(TaskState.COMPLETED);
    assertThat(scripted.launches("work").get(1).request().prompt())
        .contains("Its changes were put away");
  }

  @Test
  void whatIsNotAtRestIsRefused() throws Exception {
    try (Maestro maestro = open(GitWorkspaces.of(repository))) {
      Run run = maestro.start(PIPELINE, RunId.of("r"), Inputs.none());
      run.await();

      assertThatThrownBy(() -> run.rollbackToCheckpoint(TaskId.of("nobody"), ANN))
          .isInstanceOf(RefusedException.class);
    }
  }

  private static String file(Repository repository, String commit, String path) throws Exception {
    return new String(
        repository.open(repository.resolve(commit + ":" + path)).getBytes(),
        StandardCharsets.UTF_8);
  }
}
