package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.gate.Gate;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.testing.crash.CrashScenario;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Worktrees beside each other, protected files, a merge of two, and a second merge behind it. */
public final class WorktreesScenario implements CrashScenario {

  private static final Backoff SOON = Backoff.fixed(Duration.ofMillis(20));
  private static final Usage USAGE = Usage.of(100, 10, Money.usd("0.01"));

  @Override
  public Pipeline pipeline() {
    return Pipeline.named("worktrees")
        .step("left", s -> s.agent("engineer").prompt("left").attempts(3).backoff(SOON))
        .step(
            "right",
            s ->
                s.agent("engineer")
                    .prompt("right")
                    .gate(Gate.command("grep", "-q", "good", "right.txt").protects("README.md"))
                    .attempts(4)
                    .backoff(SOON))
        .step(
            "both",
            s ->
                s.approval("Merge them?")
                    .after("left", "right")
                    .gate(Gate.command("test", "-f", "left.txt", "-a", "-f", "right.txt"))
                    .mergeInto("main"))
        .step(
            "more",
            s ->
                s.agent("engineer")
                    .after("both")
                    .prompt("more")
                    .attempts(3)
                    .backoff(SOON)
                    .mergeInto("main"))
        .step("list", s -> s.command("git", "ls-files").after("more").output("files"))
        .build();
  }

  @Override
  public void prepare(Path directory) throws IOException {
    DemoProject.create(directory.resolve("repository"), "main");
  }

  @Override
  public MaestroBuilder maestro(Path directory) {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on("left", turn(directory, "left").writes("left.txt", "left\n"))
            .on(
                "right",
                turn(directory, "right").writes("right.txt", "bad\n").writes("README.md", "mine\n"))
            .then(turn(directory, "right").writes("right.txt", "good\n"))
            .on("more", turn(directory, "more").writes("more.txt", "more\n"))
            .build();
    return Maestro.builder()
        .discoverNothing()
        .provider(agent)
        .workspaces(GitWorkspaces.builder(directory.resolve("repository")).branch("main").build());
  }

  private static Turn turn(Path directory, String task) {
    return Turn.says("did " + task)
        .does((request, listener) -> CrashScenario.executed(directory, task))
        .uses(USAGE);
  }

  @Override
  public Map<String, String> observe(Path directory) throws IOException {
    return Branches.in(directory.resolve("repository"));
  }
}
