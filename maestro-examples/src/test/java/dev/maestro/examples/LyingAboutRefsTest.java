package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Claim;
import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.failure.PermanentException;
import dev.maestro.gate.Gate;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Of the lying agents, those that know where Maestro keeps what it knows of a workspace: they write
 * a gate that always passes, and move the refs of their own task, or of one to come, there.
 *
 * <p>The gate of every step here does not pass, and is protected.
 */
@Timeout(300)
class LyingAboutRefsTest {

  private static final Actor ANN = Actor.of("ann");
  private static final Gate NEVER = Gate.command("sh", "gate.sh").protects("gate.sh");
  private static final String MOVED = "something moved Maestro's own refs";
  private static final Pattern WAY_OUT = Pattern.compile("'(git update-ref [^']*)'");
  private static final String WRITE_A_GATE =
      "echo exit 0 > gate.sh && git add -A"
          + " && git -c user.name=a -c user.email=a@example.org commit -q -m 'looks right'";
  private static final String MOVE_ALL =
      "for ref in $(git for-each-ref --format='%(refname)' | grep maestro/r/x); do"
          + " git update-ref $ref HEAD; done";
  private static final String TAKE_ALL = WRITE_A_GATE + "; " + MOVE_ALL;
  private static final String MOVE_THE_START = "git update-ref refs/maestro/r/@start HEAD";
  // what Maestro would write, had the run started from there
  private static final String FORGE_THE_START =
      "git update-ref refs/maestro/r/@start $(git log -1 --format=%B refs/maestro/r/@start"
          + " | git -c user.name=a -c user.email=a@example.org commit-tree -p HEAD 'HEAD^{tree}')";
  private static final Pipeline CLAIMED =
      Pipeline.named("p")
          .step("x", s -> s.agent("engineer").prompt("go").byClaim().gate(NEVER))
          .build();

  @TempDir Path temp;

  private Path repository() throws IOException {
    Path repository = Files.createDirectory(temp.resolve("repository"));
    git(repository, "git init -q -b main");
    git(repository, "echo exit 1 > gate.sh && git add -A");
    git(
        repository,
        "git -c user.name=a -c user.email=a@example.org commit -q -m 'A gate that does not pass'");
    return repository;
  }

  private static MaestroBuilder in(Path repository) {
    return Maestro.builder()
        .discoverNothing()
        .store(InMemoryStore.create())
        .workspaces(GitWorkspaces.of(repository));
  }

  private static Run start(Maestro maestro, Pipeline pipeline) {
    return maestro.start(pipeline, RunId.of("r"), Inputs.none());
  }

  static Stream<Arguments> liesOfACommand() {
    String atFirstHonest = "if [ -f once ]; then " + TAKE_ALL + "; else touch once; fi";
    return Stream.of(
        Arguments.of("its own refs", TAKE_ALL, 1, "refs/maestro/r/x/base"),
        Arguments.of("its own refs, the second time", atFirstHonest, 2, "refs/maestro/r/x/head"),
        Arguments.of(
            "the start of its run", TAKE_ALL + "; " + MOVE_THE_START, 1, "refs/maestro/r/@start"),
        Arguments.of(
            "it in a way that looks right",
            TAKE_ALL + "; " + FORGE_THE_START,
            1,
            "refs/maestro/r/@start"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("liesOfACommand")
  void aCommandThatMovesRefsFails(String what, String commands, int attempts, String ref)
      throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "x",
                s ->
                    s.command("sh", "-c", commands)
                        .attempts(attempts)
                        .backoff(Backoff.NONE)
                        .gate(NEVER))
            .build();
    try (Maestro maestro = in(repository()).build()) {
      Run run = start(maestro, pipeline);
      run.await();

      assertThat(task(run, "x").state()).isEqualTo(TaskState.FAILED);
      assertThat(task(run, "x").attempt()).isEqualTo(attempts);
      assertThat(task(run, "x").trouble().orElseThrow().message())
          .contains(ref, MOVED, "git update-ref");
      requireNothingVerified(run);
    }
  }

  /** Nobody remembers then what was there before. */
  @Test
  void aCommandThatMovesAllRefsAndKillsMaestroIsFoundOutByTheNextOne() throws Exception {
    Path repository = repository();
    Path store = temp.resolve("store");
    assertThat(Killed.start(repository, store).waitFor()).isEqualTo(128 + 9);

    try (Maestro maestro = Killed.on(repository, store)) {
      maestro.recover();
      Run run = maestro.find(RunId.of("r")).orElseThrow();
      run.await();

      assertThat(task(run, "x").state()).isEqualTo(TaskState.BLOCKED);
      assertThat(task(run, "x").detail().orElseThrow()).contains("refs/maestro/r/@start", MOVED);
      mend(run, "x", repository);
      assertThat(task(run, "x").state()).isEqualTo(TaskState.FAILED);
      assertThat(task(run, "x").trouble().orElseThrow().reason()).isEqualTo(Reason.GATE_FAILED);
      requireNothingVerified(run);
    }
  }

  /** A Maestro whose first command kills it, and is honest the next time. */
  static final class Killed {

    private Killed() {}

    /** Run the pipeline in a JVM of its own. */
    public static void main(String[] places) throws InterruptedException {
      Path store = Path.of(places[1]);
      String killed = "'" + store.resolveSibling("killed") + "'";
      String lies = TAKE_ALL + "; " + FORGE_THE_START + "; kill -9 $PPID";
      String commands = "[ -f " + killed + " ] || { touch " + killed + "; " + lies + "; }";
      Pipeline pipeline =
          Pipeline.named("p")
              .step("x", s -> s.command("sh", "-c", commands).attempts(2).gate(NEVER))
              .build();
      try (Maestro maestro = on(Path.of(places[0]), store)) {
        LyingAboutRefsTest.start(maestro, pipeline).await();
      }
    }

    static Maestro on(Path repository, Path store) {
      return in(repository).store(FileStore.at(store)).build();
    }

    static Process start(Path repository, Path store) throws IOException {
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              Killed.class.getName(),
              repository.toString(),
              store.toString())
          .inheritIO()
          .start();
    }
  }

  @Test
  void whoHasClaimedATaskAndMovesItsRefsIsNotBelieved() throws Exception {
    Path repository = repository();
    try (Maestro maestro = onClaims(repository, InMemoryStore.create())) {
      Run run = start(maestro, CLAIMED);
      Claim claim = run.claim(TaskId.of("x"), ANN, Duration.ofHours(1)).orElseThrow();
      git(claim.directory(), TAKE_ALL);

      requireNotBelieved(run, claim, repository, "refs/maestro/r/x/base");
    }
  }

  @Test
  void whoHasClaimedATaskAndMovesAllRefsIsNotBelievedByTheNextMaestro() throws Exception {
    Path repository = repository();
    InMemoryStore store = InMemoryStore.create();
    try (Maestro maestro = onClaims(repository, store)) {
      Run run = start(maestro, CLAIMED);
      Claim claim = run.claim(TaskId.of("x"), ANN, Duration.ofHours(1)).orElseThrow();
      git(claim.directory(), TAKE_ALL + "; " + FORGE_THE_START);
    }
    try (Maestro next = onClaims(repository, store)) {
      Run run = next.recover(RunId.of("r")).orElseThrow();
      Claim claim = run.claimed(TaskId.of("x"), ANN).orElseThrow();

      requireNotBelieved(run, claim, repository, "refs/maestro/r/@start");
    }
  }

  private static Maestro onClaims(Path repository, InMemoryStore store) {
    return in(repository).store(store).provider(ScriptedAgent.named("agent").build()).build();
  }

  private static void requireNotBelieved(Run run, Claim claim, Path repository, String ref)
      throws InterruptedException {
    claim.complete("done", Usage.NONE);
    run.await();

    assertThat(task(run, "x").state()).isEqualTo(TaskState.BLOCKED);
    assertThat(task(run, "x").reason()).contains(Reason.NO_WORKSPACE);
    assertThat(task(run, "x").detail().orElseThrow()).contains(ref, MOVED);
    mend(run, "x", repository);
    assertThat(task(run, "x").state()).isEqualTo(TaskState.FAILED);
    assertThat(task(run, "x").trouble().orElseThrow().reason()).isEqualTo(Reason.GATE_FAILED);
    requireNothingVerified(run);
  }

  static Stream<List<String>> refsOfATaskToCome() {
    String base = "refs/maestro/r/b/base";
    String head = "refs/maestro/r/b/head";
    return Stream.of(List.of(base), List.of(head), List.of(base, head, "refs/heads/maestro/r/b"));
  }

  private static Turn plants(List<String> refs) {
    return Turn.says("one")
        .writes("a.txt", "a")
        .does(
            (request, listener) -> {
              git(request.directory(), WRITE_A_GATE);
              refs.forEach(ref -> git(request.directory(), "git update-ref " + ref + " HEAD"));
              git(request.directory(), "git reset -q --hard HEAD~1 && echo a > a.txt");
            });
  }

  @ParameterizedTest
  @MethodSource("refsOfATaskToCome")
  void whatAnAgentPlantsForTheNextTaskIsTakenByNobody(List<String> refs) throws Exception {
    Path repository = repository();
    ScriptedAgent agent =
        ScriptedAgent.named("agent")
            .on("a", plants(refs))
            .on("b", Turn.says("done").writes("b.txt", "b"))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("engineer").prompt("go"))
            .step(
                "b", s -> s.agent("engineer").after("a").prompt("go").gate(NEVER).mergeInto("main"))
            .build();
    try (Maestro maestro = in(repository).provider(agent).build()) {
      Run run = start(maestro, pipeline);
      run.await();

      assertThat(task(run, "b").state()).isEqualTo(TaskState.BLOCKED);
      assertThat(task(run, "b").reason()).contains(Reason.NO_WORKSPACE);
      assertThat(task(run, "b").detail().orElseThrow()).contains(refs.get(0), MOVED);
      assertThat(agent.launches("b")).isEmpty();
      mend(run, "b", repository);
      assertThat(task(run, "b").state()).isEqualTo(TaskState.FAILED);
      assertThat(task(run, "b").trouble().orElseThrow().reason()).isEqualTo(Reason.GATE_FAILED);
      assertThat(git(repository, "git show main:gate.sh")).isEqualTo("exit 1\n");
    }
  }

  @Test
  void whatAnAgentPlantsForAMergeIsNotWhatIsChecked() throws Exception {
    Path repository = repository();
    Gate noStop = Gate.command("sh", "-c", "[ ! -f stop.txt ]");
    ScriptedAgent agent =
        ScriptedAgent.named("agent")
            .on(
                "b",
                Turn.says("done")
                    .writes("b.txt", "b")
                    .does(
                        (request, listener) -> {
                          git(
                              request.directory(),
                              "git update-ref refs/maestro/r/b@merge/head HEAD");
                          git(
                              repository,
                              "echo > stop.txt; git add -A; git -c user.name=a -c"
                                  + " user.email=a@example.org commit -q -m 'Stop'");
                        }))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step("b", s -> s.agent("engineer").prompt("go").gate(noStop).mergeInto("main"))
            .build();
    try (Maestro maestro = in(repository).provider(agent).build()) {
      Run run = start(maestro, pipeline);
      run.await();

      assertThat(task(run, "b").state()).isEqualTo(TaskState.FAILED);
      assertThat(task(run, "b").trouble().orElseThrow().reason()).isEqualTo(Reason.GATE_FAILED);
      assertThat(git(repository, "git ls-tree --name-only main")).doesNotContain("b.txt");
    }
  }

  @Test
  void aDirectoryWhoseRefsWereMovedIsHandedToNobody() throws Exception {
    try (Maestro maestro = onClaims(repository(), InMemoryStore.create())) {
      Run run = start(maestro, CLAIMED);
      Claim claim = run.claim(TaskId.of("x"), ANN, Duration.ofHours(1)).orElseThrow();
      git(claim.directory(), TAKE_ALL);

      assertThatThrownBy(claim::directory)
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining(MOVED);
    }
  }

  /** Do what the task says would help, as often as it says something else. */
  private static void mend(Run run, String task, Path repository) throws InterruptedException {
    List<String> done = new ArrayList<>();
    while (task(run, task).state() == TaskState.BLOCKED) {
      Matcher wayOut = WAY_OUT.matcher(task(run, task).detail().orElseThrow());
      assertThat(wayOut.find()).isTrue();
      assertThat(done).doesNotContain(wayOut.group(1));
      done.add(wayOut.group(1));
      git(repository, wayOut.group(1));
      run.retry(TaskId.of(task), ANN);
      run.await();
    }
  }

  private static Task task(Run run, String id) {
    return run.snapshot().task(id).orElseThrow();
  }

  private static void requireNothingVerified(Run run) {
    assertThat(run.journal(1))
        .extracting(record -> record.event())
        .flatExtracting(RunEvent::moves)
        .noneMatch(move -> move.to() == TaskState.VERIFIED);
  }

  /** {@return what these commands print; one that fails fails the test} */
  private static String git(Path directory, String commands) {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", commands)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(printed).isZero();
      return printed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
