package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.Task;
import dev.maestro.store.FileStore;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A new run from a task of an old one, in git worktrees, with an agent that counts its launches.
 */
@Timeout(300)
class ForkingTest {

  private static final RunId OLD = RunId.of("limits");
  private static final RunId NEW = RunId.of("limits-again");

  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted")
          .on("design", Turn.says("a token bucket").writes("design.md", "bucket\n").uses(cents(40)))
          .on("build", Turn.says("built").writes("limit.txt", "limit\n").uses(cents(20)))
          .on("review", Turn.says("fine").writes("review.md", "fine\n").uses(cents(5)))
          .build();

  @TempDir Path directory;
  private Path repository;

  @BeforeEach
  void makeARepository() throws Exception {
    repository = directory.resolve("repository");
    DemoProject.create(repository, "main");
  }

  private static Usage cents(int cents) {
    return Usage.of(1_000, 100, Money.usd("0." + (cents < 10 ? "0" : "") + cents));
  }

  private Maestro maestro() {
    return Maestro.builder()
        .store(FileStore.at(directory.resolve("store")))
        .discoverNothing()
        .workspaces(GitWorkspaces.of(repository))
        .provider(agent)
        .build();
  }

  private static Pipeline pipeline(String howToBuild) {
    return Pipeline.named("limits")
        .step("design", s -> s.agent("architect").prompt("Design {{ task }}").output("design"))
        .step(
            "build",
            s ->
                s.agent("engineer")
                    .after("design")
                    .prompt(howToBuild + ": {{ design }}")
                    .attempts(3))
        .step("review", s -> s.agent("reviewer").after("build").prompt("Review it").attempts(3))
        .build();
  }

  private static Inputs inputs() {
    return Inputs.of("task", "rate limits");
  }

  @Test
  void whatIsReusedIsNeitherDoneNorPaidAgainAlsoAfterARestart() throws Exception {
    String tree;
    try (Maestro maestro = maestro()) {
      Task design =
          ended(maestro.start(pipeline("Build"), OLD, inputs()))
              .snapshot()
              .task("design")
              .orElseThrow();
      tree = design.checkpoint().orElseThrow().tree();

      // sample: fork
      Run fork = maestro.fork(RunId.of("limits"), TaskId.of("build"), RunId.of("limits-again"));
      // sample: end
      assertThat(fork.snapshot().task("design").orElseThrow().reusedUsage()).contains(cents(40));
    }
    deleteEverythingOf("limits");

    try (Maestro maestro = maestro()) {
      maestro.recover();
      RunResult result = ended(maestro.find(NEW).orElseThrow());

      assertThat(agent.launches("design")).hasSize(1);
      assertThat(agent.launches("build").size()).isBetween(2, 3);
      assertThat(git("rev-parse", "refs/maestro/limits-again/build/base^{tree}")).isEqualTo(tree);
      assertThat(git("show", "maestro/limits-again/review:design.md")).isEqualTo("bucket");
      assertThat(result.text("design")).contains("a token bucket");
      assertThat(result.usage().cost()).isLessThan(Money.usd("0.40"));
    }
  }

  @Test
  void aRunThatHasEndedIsForkedByThePlanOfTheConflict() throws Exception {
    try (Maestro maestro = maestro()) {
      ended(maestro.start(pipeline("Build"), OLD, inputs()));

      ResumePlan plan = maestro.find(OLD).orElseThrow().plan(pipeline("Build with care"), inputs());
      assertThat(plan.forks()).isTrue();
      assertThat(plan.cost(ResumePlan.Group.RERUN).known().cost()).isEqualTo(Money.usd("0.25"));
      ended(maestro.fork(plan, NEW));

      assertThat(agent.launches("design")).hasSize(1);
      assertThat(agent.launches("build")).hasSize(2);
      assertThat(agent.launches("build").get(1).request().prompt())
          .contains("Build with care: a token bucket");
      assertThatThrownBy(() -> maestro.fork(plan, NEW))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("there is a run");
    }
  }

  private static RunResult ended(Run run) throws InterruptedException {
    RunResult result = run.await();
    assertThat(result.status()).as(result.snapshot().toString()).isEqualTo(RunStatus.SUCCEEDED);
    return result;
  }

  private void deleteEverythingOf(String run) throws Exception {
    git("for-each-ref", "--format=%(refname)", "refs/maestro/" + run, "refs/heads/maestro/" + run)
        .lines()
        .forEach(
            ref -> {
              try {
                git("update-ref", "-d", ref);
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            });
  }

  private String git(String... words) throws IOException, InterruptedException {
    String[] command = new String[words.length + 1];
    command[0] = "git";
    System.arraycopy(words, 0, command, 1, words.length);
    Process process =
        new ProcessBuilder(command)
            .directory(repository.toFile())
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text.strip();
  }
}
