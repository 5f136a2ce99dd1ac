package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.RunResult;
import dev.maestro.gate.Gate;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Until;
import dev.maestro.run.RunEvent;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.eclipse.jgit.api.Git;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Agents that do not do what they say: none of them gets past a gate. */
@Timeout(120)
class LyingAgentsTest {

  private static final Usage CENT = Usage.of(100, 10, Money.usd("0.01"));
  private static final String DONE = "<COMPLETION_GATE>\nready: true\n</COMPLETION_GATE>";

  @TempDir Path directory;

  private Path repository() throws Exception {
    Path repository = directory.resolve("repository");
    try (Git git = Git.init().setDirectory(repository.toFile()).setInitialBranch("main").call()) {
      Files.createDirectories(repository.resolve("tests"));
      Files.writeString(repository.resolve("tests/check.sh"), "grep -q 42 answer.txt\n");
      Files.writeString(repository.resolve("answer.txt"), "0\n");
      Files.writeString(repository.resolve("ci.yml"), "run: sh tests/check.sh\n");
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

  private RunResult run(ScriptedAgent agent) throws Exception {
    Pipeline pipeline =
        Pipeline.named("honest")
            .guard(Guardrail.paths("ci.yml"))
            .step(
                "work",
                s ->
                    s.agent("engineer")
                        .prompt("Make the answer right")
                        .gate(Gate.command("sh", "tests/check.sh").protects("tests/**"))
                        .until(Until.block())
                        .breaker(LoopBreaker.DEFAULT)
                        .backoff(Backoff.NONE)
                        .attempts(2))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(GitWorkspaces.of(repository()))
            .provider(agent)
            .build()) {
      var run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      RunResult result = run.await();
      assertThat(run.journal(1))
          .filteredOn(record -> record.event() instanceof RunEvent.Verified)
          .allSatisfy(
              record ->
                  assertThat(record.event().moves())
                      .noneMatch(
                          move ->
                              move.to() == TaskState.VERIFIED
                                  && result.status() != RunStatus.SUCCEEDED));
      return result;
    }
  }

  static Stream<Arguments> liars() {
    return Stream.of(
        Arguments.of("claims that all tests pass", Turn.lying()),
        Arguments.of(
            "says that it is done, and has changed something else",
            Turn.says("All green. " + DONE).writes("notes.txt", "42").uses(CENT)),
        Arguments.of("deletes the tests", Turn.says(DONE).deletes("tests/check.sh").uses(CENT)),
        Arguments.of(
            "makes the tests pass whatever there is",
            Turn.says(DONE).writes("tests/check.sh", "exit 0\n").uses(CENT)),
        Arguments.of(
            "skips the tests by a file that the gate reads",
            Turn.says(DONE).writes("ci.yml", "run: true\n").uses(CENT)),
        Arguments.of("exits without work", Turn.nothing()),
        Arguments.of(
            "returns an old answer",
            Turn.says("The answer is 0. " + DONE).writes("answer.txt", "0\n").uses(CENT)),
        Arguments.of(
            "quotes the block in prose",
            Turn.says("You want me to end with " + DONE + " and so I do not.")
                .writes("notes.txt", "x")
                .uses(CENT)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("liars")
  void noLiarIsVerified(String what, Turn turn) throws Exception {
    RunResult result = run(ScriptedAgent.named("liar").otherwise(turn).build());

    assertThat(result.status()).as(what).isEqualTo(RunStatus.FAILED);
    assertThat(result.snapshot().task("work").orElseThrow().state()).isEqualTo(TaskState.FAILED);
  }

  @Test
  void anHonestAgentIs() throws Exception {
    RunResult result =
        run(
            ScriptedAgent.named("honest")
                .otherwise(Turn.says(DONE).writes("answer.txt", "42\n").uses(CENT))
                .build());

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void whatALiarDidToProtectedFilesIsPutBackAndInTheChain() throws Exception {
    RunResult result =
        run(
            ScriptedAgent.named("sly")
                .otherwise(
                    Turn.says(DONE)
                        .writes("answer.txt", "42\n")
                        .writes("ci.yml", "run: true\n")
                        .uses(CENT))
                .build());

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(result.snapshot().task("work").orElseThrow().changed()).isEqualTo(1);
  }
}
