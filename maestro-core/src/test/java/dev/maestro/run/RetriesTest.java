package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.AWAITING_APPROVAL;
import static dev.maestro.task.TaskState.FAILED;
import static dev.maestro.task.TaskState.RETRYING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Retries;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ceilings of attempts by what made them fail, inside a step's attempts: M1-26, M1-27, C5. */
class RetriesTest {

  private static Scenario run(Policies policies) {
    return started(Steps.agent("a").attempts(20).gated().policies(policies));
  }

  private static Scenario gateFails(Scenario run) {
    return run.work("a").acted("a").gateFails("a");
  }

  @Test
  void theFourthAttemptThatDoesNotPassIsTheLast() {
    Scenario run = run(Policies.NONE.retries(Retries.DEFAULT));
    for (int i = 0; i < 3; i++) {
      gateFails(run).ready("a");
    }

    gateFails(run).is("a", FAILED, Reason.ATTEMPTS_EXHAUSTED).launches("a", 4);
  }

  @Test
  void errorsHaveACeilingOfTheirOwn() {
    Scenario run = run(Policies.NONE.retries(Retries.DEFAULT));
    gateFails(run);
    gateFails(run);
    run.work("a").fails("a").work("a").fails("a").ready("a");

    run.work("a").fails("a").is("a", FAILED, Reason.ATTEMPTS_EXHAUSTED).launches("a", 5);
  }

  @Test
  void whenTheyAreUsedUpAPersonIsAskedOnceWithAllThatIsKnown() {
    Scenario run = run(Policies.NONE.retries(new Retries(1, 0)).ladder(Ladder.toPerson()));
    run.work("a").fails("a");
    gateFails(run).is("a", AWAITING_APPROVAL, Reason.ESCALATED);

    String question = run.run.state().questions().iterator().next().text();
    assertThat(question)
        .contains(
            "Task a needs a person: 1 attempts did not pass a check",
            "Attempt 1: error: it broke [used 110 tokens, 0.01 USD]\n    the end of the log",
            "Attempt 2: gate-failed: the gate failed [used 110 tokens, 0.01 USD]");
    assertThat(run.run.journal().stream().filter(RunEvent.Asked.class::isInstance)).hasSize(1);
    run.approve("a").dispatch("a").is("a", RETRYING);
  }

  @Test
  void whoIsAskedInTheEndHearsOfAttemptsThatEndedAtABudgetToo() {
    Policies asks = Policies.NONE.budget(Budget.ofTokens(150).asks());
    Policies pauses = Policies.NONE.budget(Budget.ofTokens(150));
    for (Policies budget : List.of(asks, pauses)) {
      Scenario run = run(budget.retries(new Retries(0, 0)).ladder(Ladder.toPerson()));
      run.work("a");
      Trouble trouble =
          new Trouble(Reason.BUDGET_EXCEEDED, ErrorClass.BUDGET_EXCEEDED, "stopped", "", null);
      Usage used = Usage.of(150, 0, Money.ZERO);
      run.feed(run.ended("a", 1, new ActResult.Failed(trouble, used, null)));
      run.feed(new RunInput.Grant(run.now, TaskId.of("a"), Cap.ofTokens(1_000), Scenario.ANN));

      gateFails(run).is("a", AWAITING_APPROVAL, Reason.ESCALATED);

      assertThat(run.run.state().questions().iterator().next().text())
          .containsSubsequence(
              "Attempt 1: budget-exceeded: stopped [used 150 tokens, 0 USD]",
              "Attempt 2: gate-failed");
      assertThat(run.run.task("a").tries()).as("counted is the one that failed").hasSize(1);
    }
  }

  @Test
  void whatFailedWithoutALaunchGoesOnWithAnotherAttemptToo() {
    Policies person = Policies.NONE.ladder(Ladder.toPerson());
    for (Steps step : List.of(Steps.command("a"), Steps.agent("a"))) {
      Scenario yes = started(step.policies(person)).dispatch("a").fails("a");
      Scenario changes = started(step.policies(person)).dispatch("a").fails("a");

      yes.is("a", AWAITING_APPROVAL, Reason.ESCALATED).approve("a").dispatch("a").attempt("a", 2);
      changes.changes("a", "otherwise").dispatch("a").attempt("a", 2);
    }
  }

  @Test
  void theAttemptsOfTheStepStayTheOneCeiling() {
    Scenario run =
        started(Steps.agent("a").attempts(2).policies(Policies.NONE.retries(new Retries(9, 9))));

    run.work("a").fails("a").work("a").fails("a");
    run.is("a", FAILED, Reason.ATTEMPTS_EXHAUSTED).launches("a", 2);
  }
}
