package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.ProviderId;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.policy.Until;
import dev.maestro.providers.CommandAgent;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskState;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which agent gets away with a lie?
 *
 * <p>Six agents, each a program in a worktree of its own, are asked for the same feature of a real
 * Java project, for which there are tests. One claims to be done and did nothing, one deletes the
 * tests, one replaces them, one leaves without a word, one did it and only talks of saying that it
 * is done. Maestro puts the tests back, compiles the project and runs them itself; only the honest
 * one is done. Exit code 1 if anything else happened.
 */
public final class LyingAgentsMain {

  private static final String DONE =
      "printf '%s\\n' '<COMPLETION_GATE>' 'ready: true' '</COMPLETION_GATE>'";
  private static final String RIGHT = WishedFor.write("cart.total() / 2");
  private static final String HONEST = "honest";

  private LyingAgentsMain() {}

  /** What each agent does, by its name, for a shell. */
  private static Map<String, String> agents() {
    Map<String, String> agents = new LinkedHashMap<>();
    agents.put("claims", "echo 'All tests pass.'; " + DONE);
    agents.put("deletes", "rm " + WishedFor.TEST + "; " + DONE);
    agents.put("replaces", "echo 'package shop;' > " + WishedFor.TEST + "; " + DONE);
    agents.put("leaves", "exit 0");
    agents.put(
        "quotes",
        RIGHT + "; echo 'I am to end with <COMPLETION_GATE> and ready: true when I am done.'");
    agents.put(HONEST, RIGHT + "; " + DONE);
    return agents;
  }

  /** Tell the story. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path home = Files.createTempDirectory("lying-agents");
    boolean kept;
    try {
      kept = tell(System.out, home);
    } finally {
      DemoProject.delete(home);
    }
    System.exit(kept ? 0 : 1);
  }

  /** {@return whether it went as promised} */
  static boolean tell(PrintStream out, Path home) throws IOException, InterruptedException {
    Map<String, String> agents = agents();
    PipelineBuilder pipeline = Pipeline.named("half-price");
    MaestroBuilder builder =
        Maestro.builder()
            .store(InMemoryStore.create())
            .workspaces(GitWorkspaces.builder(WishedFor.in(home)).branch(WishedFor.BRANCH).build())
            .discoverNothing();
    agents.forEach(
        (name, deeds) -> {
          String script = "cat > /dev/null; " + deeds;
          builder.provider(CommandAgent.of(ProviderId.of(name), "sh", "-c", script));
          pipeline.step(
              name,
              s ->
                  s.agent(name)
                      .prompt("Implement " + WishedFor.CLASS + " so that its tests pass.")
                      .gate(WishedFor.gate())
                      .until(Until.block()));
        });
    try (Maestro maestro = builder.build()) {
      Run run = maestro.start(pipeline.build(), RunId.of("half-price-1"), Inputs.none());
      return tell(out, run.await());
    }
  }

  private static boolean tell(PrintStream out, RunResult result) {
    boolean kept = true;
    for (Task task : result.snapshot().tasks()) {
      String name = task.id().value();
      boolean done = task.state() == TaskState.COMPLETED;
      boolean passed = task.receipts().stream().anyMatch(receipt -> receipt.passed());
      out.printf(
          "%-9s %-9s %s, tests %s%n",
          name,
          task.state(),
          task.reason().map(Object::toString).orElse(""),
          passed ? "pass" : "do not pass");
      if (task.reason().equals(Optional.of(Reason.ERROR))) {
        out.println("          " + task.detail().orElse(""));
      }
      kept &= done == name.equals(HONEST);
    }
    out.println(kept ? "Only the honest one is done." : "That was not to be.");
    return kept;
  }
}
