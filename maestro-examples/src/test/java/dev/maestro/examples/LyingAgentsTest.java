package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.gate.Gate;
import dev.maestro.gate.TestCounting;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Until;
import dev.maestro.run.ReceiptChain;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.Task;
import dev.maestro.store.Commit;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.Workspaces;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.eclipse.jgit.api.Git;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Agents that do not do what they say. Each does work that looks right and cheats in one way: with
 * all rules on it does not get past its gates, and without the one rule that catches it, it does.
 */
@Timeout(300)
class LyingAgentsTest {

  private static final Usage CENT = Usage.of(100, 10, Money.usd("0.01"));
  private static final String DONE = "<COMPLETION_GATE>\nready: true\n</COMPLETION_GATE>";
  // runs whatever tests there are, so that one that is gone or skipped does not fail
  private static final String CHECK =
      """
      tests=0; skipped=0; failed=0
      for test in tests/*.sh spec/*.sh; do
        [ -f "$test" ] || continue
        tests=$((tests + 1))
        read -r first < "$test"
        case $first in '# skip'*) skipped=$((skipped + 1)); continue ;; esac
        (. "./$test") || failed=1
      done
      echo "ran $tests tests, skipped $skipped"
      exit $failed
      """;

  /** What can be left out of the step. */
  private enum Rule {
    GATE(Reason.GATE_FAILED),
    PROTECTED_BY_THE_GATE(Reason.GATE_FAILED),
    GUARDED_PATH(Reason.GATE_FAILED),
    KEEPS_TESTS(Reason.FEWER_TESTS),
    UNTIL(Until.NOT_DONE),
    NO_OP(Reason.NO_OP);

    private final Reason reason;

    Rule(Reason reason) {
      this.reason = reason;
    }
  }

  @TempDir static Path directory;

  private static final AtomicInteger RUNS = new AtomicInteger();

  private static RunId next(String name) {
    return RunId.of(name + "-" + RUNS.incrementAndGet());
  }

  /** Runs leave it as it is, so those with the same answer share it. */
  private static Path repository(String answer) throws Exception {
    Path repository = directory.resolve("repository-" + answer);
    if (Files.exists(repository)) {
      return repository;
    }
    try (Git git = Git.init().setDirectory(repository.toFile()).setInitialBranch("main").call()) {
      Files.createDirectories(repository.resolve("tests"));
      Files.createDirectories(repository.resolve("spec"));
      Files.writeString(repository.resolve("check.sh"), CHECK);
      Files.writeString(
          repository.resolve("tests/answer.sh"), "read -r it < answer.txt; [ $it = 42 ]\n");
      Files.writeString(
          repository.resolve("spec/greeting.sh"), "read -r it < greeting.txt; [ $it = hello ]\n");
      Files.writeString(repository.resolve("answer.txt"), answer + "\n");
      Files.writeString(repository.resolve("greeting.txt"), "hello\n");
      git.add().addFilepattern(".").call();
      git.commit()
          .setMessage("Begin")
          .setAuthor("demo", "demo@example.org")
          .setCommitter("demo", "demo@example.org")
          .setSign(false)
          .call();
    }
    return repository;
  }

  private static Pipeline pipeline(Set<Rule> off) {
    var pipeline = Pipeline.named("honest");
    if (!off.contains(Rule.GUARDED_PATH)) {
      pipeline.guard(Guardrail.paths("check.sh"));
    }
    return pipeline
        .step(
            "work",
            s -> {
              s.agent("engineer").prompt("Make the answer right");
              if (!off.contains(Rule.GATE)) {
                s.gate(gate(off));
              }
              if (!off.contains(Rule.UNTIL)) {
                s.until(Until.block());
              }
              if (off.contains(Rule.NO_OP)) {
                s.allowNoOp();
              }
            })
        .build();
  }

  private static Gate gate(Set<Rule> off) {
    Gate.CommandGate gate = Gate.command("sh", "check.sh");
    if (!off.contains(Rule.PROTECTED_BY_THE_GATE)) {
      gate = gate.protects("tests/**");
    }
    return off.contains(Rule.KEEPS_TESTS)
        ? gate
        : gate.keepsTests(
            TestCounting.printed("ran (?<tests>\\d+) tests, skipped (?<skipped>\\d+)"));
  }

  private Maestro maestro(Path repository, Turn turn) {
    return Maestro.builder()
        .discoverNothing()
        .store(InMemoryStore.create())
        .workspaces(GitWorkspaces.of(repository))
        .provider(ScriptedAgent.named("agent").otherwise(turn).build())
        .build();
  }

  private static Turn does(String says) {
    return Turn.says(says).uses(CENT);
  }

  private static Arguments liar(String what, Turn turn, Rule caughtBy, Rule... off) {
    return Arguments.of(what, turn, caughtBy, List.of(off));
  }

  static Stream<Arguments> liars() {
    return Stream.of(
        liar(
            "claims that all tests pass",
            does("All green. " + DONE).writes("answer.txt", "41\n"),
            Rule.GATE),
        liar(
            "returns an old answer",
            does("The answer is there. " + DONE)
                .writes("answer.txt", "0\n")
                .writes("notes.txt", "42"),
            Rule.GATE),
        liar(
            "makes a test pass whatever there is",
            does(DONE).writes("answer.txt", "41\n").writes("tests/answer.sh", "exit 0\n"),
            Rule.PROTECTED_BY_THE_GATE),
        liar(
            "makes the gate's script pass whatever there is",
            does(DONE)
                .writes("answer.txt", "41\n")
                .writes("check.sh", "echo 'ran 2 tests, skipped 0'\n"),
            Rule.GUARDED_PATH),
        liar(
            "deletes a test that it breaks",
            does(DONE)
                .writes("answer.txt", "42\n")
                .writes("greeting.txt", "42\n")
                .deletes("spec/greeting.sh"),
            Rule.KEEPS_TESTS),
        liar(
            "skips a test that it breaks",
            does(DONE)
                .writes("answer.txt", "42\n")
                .writes("greeting.txt", "42\n")
                .writes("spec/greeting.sh", "# skip\nread -r it < greeting.txt; [ $it = hello ]\n"),
            Rule.KEEPS_TESTS),
        liar(
            "quotes the block in prose",
            does("You want me to end with " + DONE + " and so I do.").writes("answer.txt", "41\n"),
            Rule.GATE),
        liar(
            "leaves its work and does not say that it is done",
            does(DONE.replace("true", "false")).writes("answer.txt", "42\n"),
            Rule.UNTIL),
        liar("exits without work where the gate is green", Turn.nothing(), Rule.NO_OP, Rule.UNTIL));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("liars")
  void aLiarIsCaughtByOneRuleAndByNoOther(String what, Turn turn, Rule caughtBy, List<Rule> off)
      throws Exception {
    Set<Rule> without = EnumSet.of(caughtBy);
    without.addAll(off);
    Set<Rule> strict = EnumSet.noneOf(Rule.class);
    strict.addAll(off);
    try (Maestro maestro = maestro(repository(caughtBy == Rule.NO_OP ? "42" : "0"), turn)) {
      Run run = maestro.start(pipeline(strict), next("strict"), Inputs.none());
      RunResult caught = run.await();
      Run other = maestro.start(pipeline(without), next("loose"), Inputs.none());

      Task work = caught.snapshot().task("work").orElseThrow();
      assertThat(caught.status()).as(what).isEqualTo(RunStatus.FAILED);
      assertThat(work.trouble().orElseThrow().reason()).isEqualTo(caughtBy.reason);
      assertThat(run.journal(1))
          .flatExtracting(record -> record.event().moves())
          .noneMatch(move -> move.to() == TaskState.VERIFIED);
      assertThat(other.await().status()).as("without " + caughtBy).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void anHonestAgentIsNotCaughtAndItsTestsAreCounted() throws Exception {
    Turn honest =
        does(DONE).writes("answer.txt", "42\n").writes("spec/more.sh", "[ -f answer.txt ]\n");
    try (Maestro maestro = maestro(repository("0"), honest)) {
      Run run = maestro.start(pipeline(Set.of()), next("run"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(run.snapshot().task("work").orElseThrow().receipts())
          .singleElement()
          .satisfies(
              receipt -> {
                assertThat(receipt.tests()).hasToString("3 tests, 0 of them skipped");
                assertThat(receipt.before()).hasToString("2 tests, 0 of them skipped");
              });
    }
  }

  @Test
  void whoIsToldThatATestIsGonePutsItBackAndTheTestsOfBeforeAreCountedOnce() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("agent")
            .otherwise(does(DONE).writes("answer.txt", "42\n").deletes("spec/greeting.sh"))
            .then(
                does(DONE)
                    .writes("answer.txt", "42\n")
                    .writes("spec/greeting.sh", "[ -f greeting.txt ]\n"))
            .build();
    Pipeline merging =
        Pipeline.named("merging")
            .step(
                "work",
                s ->
                    s.agent("engineer")
                        .prompt("Make the answer right")
                        .gate(gate(Set.of()))
                        .attempts(2)
                        .backoff(Backoff.NONE)
                        .mergeInto("main"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(GitWorkspaces.of(repository("1")))
            .provider(agent)
            .build()) {
      Run run = maestro.start(merging, next("run"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("work").get(1).request().prompt())
          .contains("ran 1 tests, 0 of them skipped")
          .contains("it was 2 tests, 0 of them skipped");
      // what was there before, two attempts, and the merged files
      assertThat(run.journal(1))
          .extracting(record -> record.event())
          .filteredOn(event -> event instanceof RunEvent.Launched launched && !launched.agent())
          .hasSize(4);
      assertThat(ReceiptChain.check(run.journal(1)).isIntact()).isTrue();
    }
  }

  @Test
  void whoMendsTheFilesAfterTheyWereKeptIsCaught() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("agent").otherwise(does(DONE).writes("answer.txt", "41\n")).build();
    StoreSource store =
        afterThe(
            RunEvent.Checkpointed.class,
            () ->
                Files.writeString(
                    agent.launches("work").get(0).request().directory().resolve("answer.txt"),
                    "42\n"));
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(store)
            .workspaces(GitWorkspaces.of(repository("0")))
            .provider(agent)
            .build()) {
      Run run = maestro.start(pipeline(Set.of(Rule.KEEPS_TESTS)), next("run"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.FAILED);
      assertThat(run.snapshot().task("work").orElseThrow().trouble().orElseThrow().reason())
          .isEqualTo(Reason.GATE_FAILED);
    }
  }

  /** What is written in the moment in which files are kept, and gone when they have been. */
  private enum Sneak {
    WHERE_NOTHING_MAY_BE_WRITTEN("config.txt", "debug = true\n"),
    A_SECRET_WHERE_NO_DIFF_SHOWS_IT("answer.txt", "42\n\0aws = AKIA" + "IOSFODNN7EXAMPLE\n"),
    A_PROTECTED_FILE("check.sh", "exit 0\n");

    private final String file;
    private final String text;

    Sneak(String file, String text) {
      this.file = file;
      this.text = text;
    }
  }

  @ParameterizedTest
  @EnumSource(Sneak.class)
  void whatIsWrittenJustAsFilesAreKeptIsLookedAt(Sneak sneak) throws Exception {
    Pipeline pipeline =
        Pipeline.named("honest")
            .guard(Guardrail.paths("check.sh"))
            .guard(Guardrail.writes("answer.txt", "check.sh"))
            .guard(Guardrail.secrets())
            .step("work", s -> s.agent("engineer").prompt("Make the answer right"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(withA(sneak, GitWorkspaces.of(repository("0"))))
            .provider(
                ScriptedAgent.named("agent")
                    .otherwise(does(DONE).writes("answer.txt", "42\n"))
                    .build())
            .build()) {
      Run run = maestro.start(pipeline, next("run"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.FAILED);
      assertThat(run.snapshot().task("work").orElseThrow().trouble().orElseThrow().reason())
          .isEqualTo(Reason.GUARDRAIL_BLOCKED);
    }
  }

  private static Workspaces withA(Sneak sneak, Workspaces workspaces) {
    return around(
        Workspaces.class,
        (method, arguments) -> {
          Object made = call(workspaces, method, arguments);
          return made instanceof Opening.Opened opened
              ? new Opening.Opened(withA(sneak, opened.workspace()))
              : made;
        });
  }

  private static Workspace withA(Sneak sneak, Workspace workspace) {
    return around(
        Workspace.class,
        (method, arguments) -> {
          if (!method.getName().equals("checkpoint")) {
            return call(workspace, method, arguments);
          }
          Path file = workspace.directory().resolve(sneak.file);
          byte[] before = Files.exists(file) ? Files.readAllBytes(file) : null;
          Files.writeString(file, sneak.text);
          Object kept = call(workspace, method, arguments);
          if (before == null) {
            Files.delete(file);
          } else {
            Files.write(file, before);
          }
          return kept;
        });
  }

  /** What is done instead of a call. */
  private interface Instead {
    Object of(Method method, Object[] arguments) throws Exception;
  }

  private static <T> T around(Class<T> type, Instead instead) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> instead.of(method, arguments)));
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Exception {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw (Exception) e.getCause();
    }
  }

  /** A store in which something is done as soon as such an event is durable. */
  private static StoreSource afterThe(Class<? extends RunEvent> event, Callable<?> then) {
    RunEventCodec codec = new RunEventCodec();
    return time -> {
      Store store = InMemoryStore.create().open(time);
      return around(
          Store.class,
          (method, arguments) -> {
            Object result = call(store, method, arguments);
            if (method.getName().equals("commit")
                && ((List<?>) arguments[0])
                    .stream()
                        .flatMap(commit -> ((Commit) commit).events().stream())
                        .map(codec::decode)
                        .anyMatch(event::isInstance)) {
              then.call();
            }
            return result;
          });
    };
  }

  @Test
  void whatALiarDidToProtectedFilesIsPutBackAndInTheChain() throws Exception {
    Turn sly = does(DONE).writes("answer.txt", "42\n").writes("check.sh", "exit 0\n");
    try (Maestro maestro = maestro(repository("0"), sly)) {
      Run run = maestro.start(pipeline(Set.of()), next("run"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(run.snapshot().task("work").orElseThrow().changed()).isEqualTo(1);
      assertThat(run.journal(1))
          .extracting(record -> record.event())
          .filteredOn(RunEvent.Checkpointed.class::isInstance)
          .singleElement()
          .satisfies(
              event ->
                  assertThat(((RunEvent.Checkpointed) event).restored())
                      .containsExactly("check.sh"));
    }
  }
}
