package dev.maestro.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.Task;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.testing.Launch;
import dev.maestro.testing.Script;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.workspace.Checkpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What tasks inside others find in their worktrees, and what is found behind them. */
@Timeout(300)
class InsideOnGitTest {

  private static final RunId RUN = RunId.of("r");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path temp;

  private TestRepository repository;

  @BeforeEach
  void makeRepository() {
    repository = TestRepository.in(temp);
  }

  private static Maestro maestro(
      TestRepository repository, StoreSource store, ScriptedAgent agent) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .provider(agent)
        .workspaces(GitWorkspaces.of(repository.root()))
        .build();
  }

  /** Every task writes a file that is called like it. */
  private static ScriptedAgent.Builder writers(String... tasks) {
    ScriptedAgent.Builder agent = ScriptedAgent.named("scripted");
    for (String task : tasks) {
      agent.on(task, writes(task));
    }
    return agent;
  }

  private static Turn writes(String task) {
    return Turn.says("done").writes(task + ".txt", "by " + task + "\n");
  }

  private static Pipeline eachThenBehind() {
    return Pipeline.named("p")
        .step("before", s -> s.agent("engineer").prompt("Begin"))
        .step(
            "each",
            s ->
                s.forEach("{{ list }}")
                    .parallel(2)
                    .agent("engineer")
                    .prompt("Do {{ item }}")
                    .attempts(2)
                    .after("before"))
        .step("behind", s -> s.agent("engineer").prompt("Go on").after("each"))
        .build();
  }

  private static Inputs list(String... elements) {
    return Inputs.of("list", List.of(elements));
  }

  private static Task task(RunResult result, String id) {
    return result.snapshot().task(id).orElseThrow();
  }

  private static String checkpoint(RunResult result, String task) {
    return task(result, task).checkpoint().map(Checkpoint::id).orElseThrow();
  }

  /** {@return the commit that the worktree of a task began with} */
  private String base(String task) {
    return repository.git(
        "rev-parse", Names.of(TestRepository.RUN, TaskId.of(task)).baseRef() + "^{commit}");
  }

  private List<String> parents(String commit) {
    return List.of(repository.git("log", "-1", "--format=%P", commit).split(" "));
  }

  private static List<String> added(TestRepository repository, String commit) {
    return repository.git("diff", "--name-only", "main", commit).lines().toList();
  }

  @Test
  void aSubPipelineBeginsWhereItsParentWouldAndHandsOnWhatItsLastTasksMade() throws Exception {
    ScriptedAgent agent =
        writers("before", "beside", "sub/first", "sub/left", "sub/right", "behind").build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step("before", s -> s.agent("engineer").prompt("Begin"))
            .step("beside", s -> s.agent("engineer").prompt("Mind your own business"))
            .step(
                "sub",
                s ->
                    s.pipeline(
                            p ->
                                p.step("first", a -> a.agent("engineer").prompt("First"))
                                    .step(
                                        "left", a -> a.agent("engineer").prompt("L").after("first"))
                                    .step(
                                        "right",
                                        a -> a.agent("engineer").prompt("R").after("first")))
                        .after("before"))
            .step("behind", s -> s.agent("engineer").prompt("Go on").after("sub"))
            .build();

    try (Maestro maestro = maestro(repository, InMemoryStore.create(), agent)) {
      RunResult result = maestro.start(pipeline, RUN, Inputs.none()).await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(base("sub/first")).isEqualTo(checkpoint(result, "before"));
      assertThat(base("sub/left")).isEqualTo(checkpoint(result, "sub/first"));
      assertThat(parents(base("behind")))
          .containsExactly(checkpoint(result, "sub/left"), checkpoint(result, "sub/right"));
      assertThat(added(repository, checkpoint(result, "behind")))
          .containsExactly(
              "before.txt", "behind.txt", "sub/first.txt", "sub/left.txt", "sub/right.txt");
    }
    repository.requireSound();
  }

  @Test
  void whatIsBehindAListBeginsWithTheMergeOfAllItsElements() throws Exception {
    ScriptedAgent agent = writers("before", "each/1", "each/2", "each/3", "behind").build();

    try (Maestro maestro = maestro(repository, InMemoryStore.create(), agent)) {
      RunResult result = maestro.start(eachThenBehind(), RUN, list("a", "b", "c")).await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      for (String element : List.of("each/1", "each/2", "each/3")) {
        assertThat(base(element)).isEqualTo(checkpoint(result, "before"));
        assertThat(added(repository, checkpoint(result, element)))
            .containsExactly("before.txt", element + ".txt");
      }
      assertThat(parents(base("behind")))
          .containsExactly(
              checkpoint(result, "each/1"),
              checkpoint(result, "each/2"),
              checkpoint(result, "each/3"));
      assertThat(added(repository, base("behind")))
          .containsExactly("before.txt", "each/1.txt", "each/2.txt", "each/3.txt");
    }
    repository.requireSound();
  }

  @Test
  void whatAFailedElementHasWrittenIsNotFoundBehindItsList() throws Exception {
    ScriptedAgent agent =
        writers("each/1/a", "each/1/b", "each/2/a", "behind")
            .on("each/2/b", Turn.lying().writes("each/2/b.txt", "wrong\n"))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "each",
                s ->
                    s.forEach("{{ list }}")
                        .parallel(2)
                        .failure(Action.Failure.KEEP)
                        .pipeline(
                            p ->
                                p.step("a", a -> a.agent("engineer").prompt("{{ item }}"))
                                    .step(
                                        "b",
                                        b ->
                                            b.agent("engineer")
                                                .prompt("{{ item }}")
                                                .gate(
                                                    Gate.command(
                                                        "sh", "-c", "! grep -rq wrong each"))
                                                .after("a"))))
            .step("behind", s -> s.agent("engineer").prompt("Go on").after("each"))
            .build();

    try (Maestro maestro = maestro(repository, InMemoryStore.create(), agent)) {
      RunResult result = maestro.start(pipeline, RUN, list("a", "b")).await();

      assertThat(task(result, "each/2").state()).isEqualTo(TaskState.FAILED);
      assertThat(base("behind")).isEqualTo(checkpoint(result, "each/1/b"));
      assertThat(added(repository, checkpoint(result, "behind")))
          .containsExactly("behind.txt", "each/1/a.txt", "each/1/b.txt");
    }
    repository.requireSound();
  }

  @Test
  void elementsThatDoNotMergeBlockWhatIsBehindBeforeItIsPaidUntilAForkDoesOneOfThemAgain()
      throws Exception {
    ScriptedAgent agent =
        writers("before", "behind")
            .on("each/1", Turn.says("done").writes("shared.txt", "one\n"))
            .on("each/2", Turn.says("done").does(sharedInTheFirstRun()))
            .build();

    try (Maestro maestro = maestro(repository, InMemoryStore.create(), agent)) {
      RunResult blocked = maestro.start(eachThenBehind(), RUN, list("a", "b")).await();

      assertThat(blocked.status()).isEqualTo(RunStatus.WAITING);
      Task behind = task(blocked, "behind");
      assertThat(behind.state()).isEqualTo(TaskState.BLOCKED);
      assertThat(behind.reason()).contains(Reason.MERGE_CONFLICT);
      assertThat(behind.detail().orElseThrow()).contains("does not merge cleanly", "shared.txt");
      assertThat(behind.launches()).isZero();
      assertThat(agent.launches("behind")).isEmpty();

      Run fork = maestro.fork(RUN, TaskId.of("each/2"), RunId.of("again"));
      RunResult result = fork.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("before")).hasSize(1);
      assertThat(agent.launches("each/1")).hasSize(1);
      assertThat(agent.launches("each/2")).hasSize(2);
      assertThat(agent.launches("behind")).hasSize(1);
      assertThat(added(repository, checkpoint(result, "behind")))
          .containsExactly("before.txt", "behind.txt", "other.txt", "shared.txt");
    }
    repository.requireSound();
  }

  private static Script sharedInTheFirstRun() {
    return (request, listener) -> {
      boolean first = request.attempt().key().run().equals(RUN);
      TestRepository.write(request.directory(), first ? "shared.txt" : "other.txt", "two\n");
    };
  }

  @Test
  void aListThatIsClosedInTheMiddleGoesOnWithoutDoingAnythingTwice() throws Exception {
    StoreSource store = FileStore.at(temp.resolve("store"));
    ScriptedAgent first =
        writers("before", "each/1")
            .on("each/2", Turn.says("").writes("each/2.txt", "half").hangs())
            .on("each/3", Turn.says("").writes("each/3.txt", "half").hangs())
            .build();
    try (Maestro maestro = maestro(repository, store, first)) {
      maestro.start(eachThenBehind(), RUN, list("a", "b", "c", "d"));
      first.awaitLaunch("each/2", 1, PATIENCE);
      first.awaitLaunch("each/3", 1, PATIENCE);
    }
    String accepted = repository.git("rev-parse", "maestro/r/each--1");

    ScriptedAgent second = writers("each/2", "each/3", "each/4", "behind").build();
    try (Maestro maestro = maestro(repository, store, second)) {
      RunResult result = maestro.recover().runs().get(0).await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(second.launches())
          .extracting(Launch::task)
          .containsExactlyInAnyOrder("each/2", "each/3", "each/4", "behind");
      assertThat(checkpoint(result, "each/1")).isEqualTo(accepted);
      assertThat(task(result, "each/1").launches()).isEqualTo(1);
      assertThat(task(result, "each/2").launches()).as("the one cut off counts").isEqualTo(2);
      assertThat(task(result, "each/4").launches()).isEqualTo(1);
      assertThat(repository.git("rev-parse", checkpoint(result, "behind") + "^{tree}"))
          .isEqualTo(treeWith("before", "each/1", "each/2", "each/3", "each/4", "behind"));
    }
    repository.requireSound();
  }

  /** {@return the tree of what stands on main and these files, as native git writes it} */
  private String treeWith(String... tasks) {
    for (String task : tasks) {
      repository.write(task + ".txt", "by " + task + "\n");
    }
    repository.git("add", "-A");
    return repository.git("write-tree");
  }
}
