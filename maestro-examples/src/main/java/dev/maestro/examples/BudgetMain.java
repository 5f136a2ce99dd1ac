package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
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
 * What does a budget do that asks?
 *
 * <p>Three steps of 30,000 tokens each, and 50,000 in all: before the second is launched, a person
 * is asked. A yes grants the limit once more. Exit code 1 if anything else happened.
 */
public final class BudgetMain {

  private static final Usage THIRTY_THOUSAND = Usage.of(28_000, 2_000, Money.ZERO);

  private BudgetMain() {}

  /** Tell the story. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    System.exit(tell(System.out) ? 0 : 1);
  }

  /** {@return whether it went as promised} */
  static boolean tell(PrintStream out) throws IOException, InterruptedException {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.says("done").uses(THIRTY_THOUSAND)).build();
    Pipeline pipeline =
        Pipeline.named("three")
            .step("one", s -> s.agent("engineer").prompt("Begin"))
            .step("two", s -> s.agent("engineer").prompt("Go on").after("one"))
            .step("three", s -> s.agent("engineer").prompt("Finish").after("two"))
            .budget(Budget.ofTokens(50_000).perAttempt(Cap.ofTokens(30_000)).asks())
            .build();
    Path place = Files.createTempDirectory("budget");
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .discoverNothing()
            .provider(agent)
            .workspaces(DirectoryWorkspaces.at(place))
            .build()) {
      return tell(out, agent, maestro.start(pipeline, RunId.of("three-1"), Inputs.none()));
    } finally {
      Files.delete(place);
    }
  }

  private static boolean tell(PrintStream out, ScriptedAgent agent, Run run)
      throws InterruptedException {
    RunResult asked = run.await();
    int launchesBefore = agent.launches().size();
    boolean asks = asked.questions().size() == 1;
    for (Question question : asked.questions()) {
      out.println("Maestro asks: " + question.text());
      run.answer(question.id(), Answer.approve(), Actor.of("ann"));
    }
    RunResult ended = run.await();
    run.judgments().stream()
        .flatMap(event -> event.judgments().stream())
        .forEach(said -> out.println("  " + said.answer() + ": " + said.numbers()));
    out.println("The run is " + ended.status() + " and used " + ended.usage().tokens() + " tokens");
    return asks && launchesBefore == 1 && ended.isSuccess() && ended.usage().tokens() == 90_000;
  }
}
