package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.ProviderId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.insight.LadderReport;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Ladder;
import dev.maestro.providers.CommandAgent;
import dev.maestro.run.RunRecord;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What does a ladder of models cost?
 *
 * <p>The same feature three times, in a real Java project with tests. The small model gets it right
 * once; what it gets wrong goes to the large one; where that fails too, a person is asked who is
 * told of every attempt, and says no. In the end it says what one accepted change cost on each
 * rung. Exit code 1 if anything else happened.
 */
public final class LadderMain {

  /** A program that is told its model as an argument, and reports what it used up. */
  private static final String AGENT =
      """
      cat > /dev/null
      case "$MAESTRO_RUN_ID-$1" in
        easy-small|hard-large) %s ;;
        *) %s ;;
      esac
      cost=0.01; [ "$1" = large ] && cost=0.10
      echo "@maestro {\\"usage\\": {\\"input\\": 900, \\"output\\": 100, \\"cost\\": \\"$cost\\"}}"
      echo "I am sure that it works."
      """
          .formatted(
              WishedFor.write("cart.total() / 2"), WishedFor.write("(cart.total() + 1) / 2"));

  private static final Pipeline PIPELINE =
      Pipeline.named("half-price")
          .step(
              "implement",
              s ->
                  s.agent("engineer")
                      .prompt("Implement " + WishedFor.CLASS + " so that its tests pass.")
                      .gate(WishedFor.gate())
                      .attempts(2)
                      .backoff(Backoff.NONE)
                      .ladder(Ladder.of("small", "large").thenPerson()))
          .build();

  private LadderMain() {}

  /** Tell the story. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path home = Files.createTempDirectory("ladder");
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
    CommandAgent agent =
        CommandAgent.builder(ProviderId.of("program"), List.of("sh", "-c", AGENT, "agent"))
            .modelArguments("{model}")
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .workspaces(GitWorkspaces.builder(WishedFor.in(home)).branch(WishedFor.BRANCH).build())
            .discoverNothing()
            .provider(agent)
            .build()) {
      List<Run> runs = new ArrayList<>();
      for (String name : List.of("easy", "hard", "hopeless")) {
        runs.add(maestro.start(PIPELINE, RunId.of(name), Inputs.none()));
      }
      return tell(out, runs);
    }
  }

  private static boolean tell(PrintStream out, List<Run> runs) throws InterruptedException {
    boolean kept = true;
    for (Run run : runs) {
      RunResult result = run.await();
      boolean hopeless = run.key().run().value().equals("hopeless");
      kept &= result.questions().size() == (hopeless ? 1 : 0);
      for (Question question : result.questions()) {
        out.println("Maestro asks: " + question.text().lines().findFirst().orElse(""));
        question
            .text()
            .lines()
            .filter(line -> line.startsWith("Attempt "))
            .forEach(line -> out.println("  " + line));
        kept &= question.text().contains("(small)") && question.text().contains("(large)");
        run.answer(question.id(), Answer.reject("We do it by hand."), Actor.of("ann"));
      }
      RunStatus end = run.await().status();
      kept &= end == (hopeless ? RunStatus.FAILED : RunStatus.SUCCEEDED);
      out.println("The run '" + run.key().run() + "' is " + end);
    }
    List<RunRecord> journals = runs.stream().flatMap(run -> run.journal(1).stream()).toList();
    return kept & tell(out, LadderReport.of(journals));
  }

  private static boolean tell(PrintStream out, LadderReport report) {
    for (LadderReport.Rung rung : report.rungs()) {
      out.printf(
          Locale.ROOT,
          "%-6s %d attempts, %d accepted, $%.2f in all%s, %s%n",
          rung.model(),
          rung.attempts(),
          rung.accepted(),
          rung.cost().usd(),
          rung.presumed() ? " (presumed)" : "",
          rung.costPerAccepted()
              .map(cost -> String.format(Locale.ROOT, "$%.2f for an accepted change", cost.usd()))
              .orElse("and no change was accepted"));
    }
    return report.rungs().size() == 2
        && report.rungs().get(0).costPerAccepted().equals(Optional.of(Money.usd("0.03")))
        && report.rungs().get(1).costPerAccepted().equals(Optional.of(Money.usd("0.20")));
  }
}
