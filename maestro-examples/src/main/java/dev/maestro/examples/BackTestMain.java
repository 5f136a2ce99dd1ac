package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.insight.BackTest;
import dev.maestro.insight.Outcome;
import dev.maestro.insight.RecordedRun;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Policies;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What would last week's run have come to with a guardrail?
 *
 * <p>A run is recorded without any policies. Looked at with the list of destructive terms, one of
 * its two steps would have been stopped; with the policies it had, it comes to exactly what it came
 * to; what was not recorded is not guessed. Nobody is called. Exit code 1 if anything else
 * happened.
 */
public final class BackTestMain {

  private static final Pipeline PIPELINE =
      Pipeline.named("week")
          .step("clean", s -> s.agent("engineer").prompt("Run rm -rf on the build directory"))
          .step("build", s -> s.agent("engineer").prompt("Build it").after("clean"))
          .build();

  private BackTestMain() {}

  /** Tell the story. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    System.exit(tell(System.out) ? 0 : 1);
  }

  /** {@return whether it went as promised} */
  static boolean tell(PrintStream out) throws IOException, InterruptedException {
    Usage fifty = Usage.of(10_000, 500, Money.usd("0.50"));
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("done").uses(fifty)).build();
    Path place = Files.createTempDirectory("back-test");
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .discoverNothing()
            .provider(agent)
            .workspaces(DirectoryWorkspaces.at(place))
            .build()) {
      RunId week = RunId.of("week-48");
      maestro.start(PIPELINE, week, Inputs.none()).await();
      boolean kept = tell(out, maestro.find(week).orElseThrow().recorded());
      return kept && agent.launches().size() == 2;
    } finally {
      Files.delete(place);
    }
  }

  private static boolean tell(PrintStream out, RecordedRun run) {
    BackTest same = BackTest.of(run, then -> then);
    print(out, "As it was", same);
    BackTest terms = BackTest.of(run, then -> then.guard(Guardrail.terms()));
    print(out, "With the list of terms", terms);
    BackTest paths = BackTest.of(run, then -> Policies.NONE.guard(Guardrail.hosts("example.org")));
    print(out, "With a list of hosts", paths);
    return same.count(Outcome.WENT_ON) == 2
        && same.certainCost().equals(Money.usd("1.00"))
        && terms.count(Outcome.BLOCKED) == 1
        && terms.mostCost().equals(Money.usd("0.50"))
        && paths.count(Outcome.UNKNOWN) == 2;
  }

  private static void print(PrintStream out, String how, BackTest test) {
    String presumed = test.isPresumed() ? ", presumed of some of it" : "";
    out.println(how + ": it would have cost at most $" + test.mostCost().decimal() + presumed);
    test.lines()
        .forEach(
            line ->
                out.println(
                    "  "
                        + line.task()
                        + " "
                        + line.would()
                        + (line.rule().isEmpty() ? "" : " by " + line.rule())
                        + (line.certain() ? "" : ", not certain")));
  }
}
