package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.Task;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
  private static final Actor ANN = Actor.of("ann");

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

  /** The branch has got another file of that name meanwhile. */
  @Test
  void acceptedWorkThatDidNotMergeIsMergedByAForkAndNotPaidAgain() throws Exception {
    Pipeline merging =
        Pipeline.named("merging")
            .step("design", s -> s.agent("architect").prompt("Design it"))
            .step("ask", s -> s.approval("Build it?").after("design"))
            .step("build", s -> s.agent("engineer").after("ask").prompt("Go").mergeInto("main"))
            .step("review", s -> s.agent("reviewer").after("build").prompt("Review it"))
            .build();
    try (Maestro maestro = maestro()) {
      Run old = maestro.start(merging, OLD, Inputs.none());
      QuestionId question = old.await().questions().get(0).id();
      write("other\n");
      old.answer(question, Answer.approve(), ANN);
      assertThat(task(old.await(), "build").reason()).contains(Reason.MERGE_CONFLICT);
      old.cancel("the branch is in the way", ANN);
      git("rm", "-q", "limit.txt");
      git("commit", "-q", "-m", "out of the way");
    }

    try (Maestro maestro = maestro()) {
      RunResult result = ended(maestro.fork(OLD, TaskId.of("review"), NEW));

      assertThat(agent.launches("build")).hasSize(1);
      assertThat(task(result, "build").reusedUsage()).contains(cents(20));
      assertThat(git("show", "main:limit.txt")).isEqualTo("limit");
      assertThat(git("show", "maestro/limits-again/review:limit.txt")).isEqualTo("limit");
    }
  }

  @Test
  void whatSomebodyWantedToBeDifferentIsToldToWhoeverDoesItInAFork() throws Exception {
    Pipeline asking =
        Pipeline.named("asking")
            .step("build", s -> s.agent("engineer").prompt("Build it").attempts(3))
            .step("ask", s -> s.approval("Good?").after("build"))
            .build();
    try (Maestro maestro = maestro()) {
      Run old = maestro.start(asking, OLD, Inputs.none());
      old.await();
      old.rework(TaskId.of("build"), "use a leaky bucket", ANN);
      old.await();

      maestro.fork(OLD, TaskId.of("build"), NEW).await();

      assertThat(agent.launches("build")).hasSize(3);
      assertThat(agent.launches("build").get(1).request().prompt())
          .contains("what is here of its files", "ann wants it", "use a leaky bucket");
      assertThat(agent.launches("build").get(2).request().prompt())
          .contains("in another run, and none of that is here", "ann wants it", "a leaky bucket");
    }
  }

  private void write(String text) throws Exception {
    Files.writeString(repository.resolve("limit.txt"), text);
    git("add", "limit.txt");
    git("commit", "-q", "-m", "somebody else's");
  }

  private static Task task(RunResult result, String id) {
    return result.snapshot().task(id).orElseThrow();
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
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(repository.toFile()).redirectErrorStream(true);
    // the machine may know no name for whoever tests
    for (String role : new String[] {"GIT_AUTHOR_", "GIT_COMMITTER_"}) {
      builder.environment().put(role + "NAME", "Ann");
      builder.environment().put(role + "EMAIL", "ann@example.com");
    }
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text.strip();
  }
}
