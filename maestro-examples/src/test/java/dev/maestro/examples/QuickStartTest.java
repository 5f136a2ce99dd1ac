package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.ProviderId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.gate.Gate;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Guardrail;
import dev.maestro.providers.CommandAgent;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the README, run. */
@Timeout(300)
class QuickStartTest {

  @TempDir Path directory;

  @Test
  void theFirstProgramOfTheReadmeRuns() throws Exception {
    Path repository = directory.resolve("repository");
    DemoProject.create(repository, "main");
    AgentProvider agent =
        CommandAgent.of(
            ProviderId.of("sh"),
            "sh",
            "-c",
            "cat > prompt.txt; mkdir -p src/test; echo test > src/test/Limit.txt; echo limit >> limit.txt; echo done");

    // sample: quick-start
    try (Maestro maestro =
        Maestro.builder()
            .store(FileStore.at(directory.resolve(".maestro")))
            .workspaces(GitWorkspaces.of(repository))
            .provider(agent)
            .build()) {

      Pipeline tdd =
          Pipeline.named("tdd")
              .step(
                  "red",
                  s ->
                      s.agent("tester")
                          .prompt("Write failing tests for: {{ task }}")
                          .output("tests"))
              .step(
                  "green",
                  s ->
                      s.agent("engineer")
                          .after("red")
                          .prompt("Make them pass: {{ tests }}")
                          .gate(
                              Gate.command("grep", "-q", "limit", "limit.txt")
                                  .protects("src/test/**"))
                          .attempts(3)
                          .mergeInto("main"))
              .build();

      Run run =
          maestro.start(tdd, RunId.of("rate-limit-42"), Inputs.of("task", "Add rate limiting"));
      RunResult result = run.await();
      // sample: end
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.snapshot().task("green").orElseThrow().state())
          .isEqualTo(TaskState.COMPLETED);
      assertThat(repository.resolve("limit.txt")).exists();
    }
  }

  @Test
  void aPersonAnswersAfterARestart() throws Exception {
    FileStore store = FileStore.at(directory.resolve(".maestro"));
    Pipeline pipeline =
        Pipeline.named("release").step("release", s -> s.approval("Release it?")).build();
    try (Maestro maestro = Maestro.builder().store(store).build()) {
      maestro.start(pipeline, RunId.of("release-1"), Inputs.none()).await();
    }
    try (Maestro maestro = Maestro.builder().store(store).build()) {
      Run run = maestro.find(RunId.of("release-1")).orElseThrow();
      // sample: approve
      RunResult waiting = run.await();
      Question question = waiting.questions().get(0);
      run.answer(question.id(), Answer.approve(), Actor.of("ann"));
      RunResult result = run.await();
      // sample: end
      assertThat(result.isSuccess()).isTrue();
    }
  }

  @Test
  void rulesStandBetweenAnAgentAndTheBranch() throws Exception {
    Path repository = directory.resolve("repository");
    DemoProject.create(repository, "main");
    AgentProvider agent =
        CommandAgent.of(ProviderId.of("sh"), "sh", "-c", "cat > prompt.txt; echo done");
    try (Maestro maestro =
        Maestro.builder()
            .store(FileStore.at(directory.resolve(".maestro")))
            .workspaces(GitWorkspaces.of(repository))
            .discoverNothing()
            .provider(agent)
            .build()) {
      // sample: careful
      Pipeline careful =
          Pipeline.named("careful")
              .guard(Guardrail.paths("pom.xml", ".github/**"))
              .guard(Guardrail.secrets())
              .budget(
                  Budget.usd("2.00").tokens(400_000).perAttempt(Cap.ofUsd("0.50").tokens(100_000)))
              .step(
                  "change",
                  s ->
                      s.agent("engineer")
                          .prompt("{{ task }}")
                          .guard(Guardrail.commands())
                          .attempts(3)
                          .review()
                          .mergeInto("main"))
              .build();
      // sample: end
      Run run = maestro.start(careful, RunId.of("careful-1"), Inputs.of("task", "Write a note"));
      RunResult waiting = run.await();
      Question question = waiting.questions().get(0);
      assertThat(waiting.snapshot().task("change").orElseThrow().state())
          .isEqualTo(TaskState.READY_FOR_REVIEW);
      assertThat(repository.resolve("prompt.txt")).doesNotExist();
      run.answer(question.id(), Answer.approve().to(question), Actor.of("ann"));
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(repository.resolve("prompt.txt")).exists();
      assertThat(run.judgments()).isNotEmpty();
    }
  }
}
