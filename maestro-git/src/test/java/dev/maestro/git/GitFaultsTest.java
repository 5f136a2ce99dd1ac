package dev.maestro.git;

import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.run.Evidence;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a run whose repository is changed under it; docs/durability.md says why. */
@Timeout(300)
class GitFaultsTest {

  private static final Actor ANN = Actor.of("ann");
  private static final Usage PAID = Usage.of(100, 10, Money.usd("0.01"));

  @TempDir Path temp;

  private TestRepository repository;

  @BeforeEach
  void makeRepository() {
    repository = TestRepository.in(temp);
  }

  private MaestroBuilder builder(Turn first, Turn second) {
    return Maestro.builder()
        .store(InMemoryStore.create())
        .discoverNothing()
        .provider(ScriptedAgent.named("scripted").otherwise(first).then(second).build())
        .workspaces(GitWorkspaces.of(repository.root()));
  }

  private static Pipeline one(UnaryOperator<StepBuilder> more) {
    return Pipeline.named("one")
        .step(
            "a",
            s -> more.apply(s.agent("engineer").prompt("Do it").attempts(2).backoff(Backoff.NONE)))
        .build();
  }

  private static RunResult run(MaestroBuilder builder, Pipeline pipeline) throws Exception {
    try (Maestro maestro = builder.build()) {
      return maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
    }
  }

  private static Task task(RunResult result) {
    return result.snapshot().task("a").orElseThrow();
  }

  private static Turn works() {
    return Turn.says("done").writes("work.txt", "work\n").uses(PAID);
  }

  private static Turn deletesItsWorktree() {
    return works().does((request, listener) -> delete(request.directory()));
  }

  @Test
  void workThatWentWithItsWorktreeFailsItsGateAndIsDoneAgain() throws Exception {
    RunResult result =
        run(
            builder(deletesItsWorktree(), works()),
            one(s -> s.gate(Gate.command("test", "-f", "work.txt")).mergeInto("main")));

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).launches()).isEqualTo(2);
    assertThat(read(repository.root(), "work.txt")).isEqualTo("work\n");
    assertThat(read(repository.root(), "README")).isEqualTo("hello\n");
    repository.requireSound();
  }

  @Test
  void aWorktreeThatIsDeletedNeverMeansThatItsFilesWereDeleted() throws Exception {
    RunResult result =
        run(builder(deletesItsWorktree(), deletesItsWorktree()), one(s -> s.mergeInto("main")));

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).evidence()).isEqualTo(Evidence.NONE);
    assertThat(read(repository.root(), "README")).isEqualTo("hello\n");
    assertThat(repository.git("ls-tree", "--name-only", "main")).contains("README");
    assertThat(repository.git("status", "--porcelain")).isEmpty();
    repository.requireSound();
  }

  @Test
  void aTasksBranchThatWasMovedShowsAcceptedWorkAgainAndLosesNothing() throws Exception {
    Turn moves =
        works()
            .does(
                (request, listener) -> {
                  gitIn(request.directory(), "commit", "-q", "--allow-empty", "-m", "by the agent");
                  String stray = gitIn(request.directory(), "rev-parse", "HEAD");
                  Files.writeString(temp.resolve("stray"), stray);
                  gitIn(request.directory(), "checkout", "-q", "--detach");
                  repository.git("branch", "-q", "-f", "maestro/r/a", "main~0");
                });

    RunResult result =
        run(
            builder(moves, works()),
            one(s -> s.gate(Gate.command("test", "-f", "work.txt")).mergeInto("main")));

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(repository.git("show", "maestro/r/a:work.txt")).isEqualTo("work");
    assertThat(read(repository.root(), "work.txt")).isEqualTo("work\n");
    repository.git("gc", "--quiet", "--prune=now");
    assertThat(repository.git("cat-file", "-t", Files.readString(temp.resolve("stray"))))
        .isEqualTo("commit");
    repository.requireSound();
  }

  @Test
  void aTasksBranchThatWasDeletedIsMadeAgain() throws Exception {
    Turn deletes =
        works()
            .does(
                (request, listener) -> {
                  gitIn(request.directory(), "checkout", "-q", "--detach");
                  repository.git("branch", "-q", "-D", "maestro/r/a");
                });

    RunResult result = run(builder(deletes, works()), one(s -> s.mergeInto("main")));

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(repository.git("show", "maestro/r/a:work.txt")).isEqualTo("work");
    repository.requireSound();
  }

  @Test
  void aBranchThatMovesWhileItIsMergedIntoKeepsWhatMovedItAndGetsTheWorkToo() throws Exception {
    AtomicBoolean moved = new AtomicBoolean();
    GateCheck mover =
        subject -> {
          if (moved.compareAndSet(false, true)) {
            repository.write("theirs.txt", "theirs\n");
            repository.commitAll("by a person, in the middle");
          }
          return GateCheck.Finding.pass();
        };
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("engineer").prompt("Do it"))
            .step(
                "merge",
                s -> s.command("true").after("a").gate(Gate.code("mover", "1")).mergeInto("main"))
            .build();

    RunResult result = run(builder(works(), works()).gate("mover", "1", mover), pipeline);

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(read(repository.root(), "theirs.txt")).isEqualTo("theirs\n");
    assertThat(read(repository.root(), "work.txt")).isEqualTo("work\n");
    assertThat(repository.git("log", "--format=%s", "main")).contains("by a person, in the middle");
    assertThat(repository.git("status", "--porcelain")).isEmpty();
    repository.requireSound();
  }

  @Test
  void aBranchToMergeIntoThatIsGoneBlocksAndNothingIsPaidAgain() throws Exception {
    repository.git("branch", "release");
    Turn deletes =
        works().does((request, listener) -> repository.git("branch", "-q", "-D", "release"));
    try (Maestro maestro = builder(deletes, Turn.lying()).build()) {
      Run run = maestro.start(one(s -> s.mergeInto("release")), RunId.of("r"), Inputs.none());
      RunResult blocked = run.await();
      assertThat(blocked.status()).isEqualTo(RunStatus.WAITING);
      assertThat(task(blocked).state()).isEqualTo(TaskState.BLOCKED);
      assertThat(task(blocked).detail())
          .hasValueSatisfying(why -> assertThat(why).contains("release"));

      repository.git("branch", "release", "main");
      run.retry(TaskId.of("a"), ANN);
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(task(result).launches()).isEqualTo(1);
      assertThat(repository.git("show", "release:work.txt")).isEqualTo("work");
    }
  }

  @Test
  void workInARepositoryThatIsGoneWaitsUntilAPersonSaysThatItIsBack() throws Exception {
    Path git = repository.root().resolve(".git");
    Turn hides = works().does((request, listener) -> Files.move(git, temp.resolve("hidden")));
    try (Maestro maestro = builder(hides, Turn.lying()).build()) {
      Run run = maestro.start(one(s -> s), RunId.of("r"), Inputs.none());
      RunResult asked = run.await();
      assertThat(asked.status()).isEqualTo(RunStatus.WAITING);
      assertThat(task(asked).detail())
          .hasValueSatisfying(
              why -> assertThat(why).contains(repository.root().toString()).contains("mended"));

      Files.move(temp.resolve("hidden"), git);
      run.answer(asked.questions().get(0).id(), Answer.approve(), ANN);
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(task(result).launches()).isEqualTo(1);
      assertThat(repository.git("show", "maestro/r/a:work.txt")).isEqualTo("work");
    }
    repository.requireSound();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
