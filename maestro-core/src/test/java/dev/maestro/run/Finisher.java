package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Answer;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.Checkpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Brings a run to its end as an engine would: attempts fail and processes crash at random, but the
 * last attempt succeeds, every question gets a yes, and whatever is stuck is tried again.
 */
final class Finisher {

  private static final int LIMIT = 5_000;

  private final RunUnderTest run;
  private final Random random;
  private Instant now = Scenario.EPOCH.plusSeconds(100_000);
  private int patience = 40;
  private int people;

  private static final Object GRANT = "grant";

  Finisher(Pipeline pipeline, Random random) {
    this(new RunUnderTest(pipeline), random);
    accept(Scenario.startInput(Map.of("topic", Scenario.text("yes"))));
  }

  Finisher(RunUnderTest run, Random random) {
    this.run = run;
    this.random = random;
  }

  RunUnderTest run() {
    return run;
  }

  void finish() {
    int steps = 0;
    while (!run.state().status().isTerminal()) {
      assertThat(steps++).as("steps; stuck with %s", run.state().tasks()).isLessThan(LIMIT);
      disturb();
      step();
    }
  }

  private void disturb() {
    if (patience > 0 && random.nextInt(20) == 0) {
      patience--;
      switch (random.nextInt(3)) {
        case 0 -> {
          run.foldAnew();
          accept(new RunInput.Interrupt(now));
        }
        case 1 -> accept(new RunInput.Stop(now, "fire", Scenario.ANN));
        default -> accept(new RunInput.Pause(now, "lunch", Scenario.ANN));
      }
    }
  }

  private void step() {
    if (run.state().tasks().stream().anyMatch(task -> task.state == TaskState.INTERRUPTED)) {
      accept(new RunInput.Recover(now));
    }
    if (run.state().status() == RunStatus.PAUSED) {
      accept(new RunInput.Resume(now, Scenario.ANN));
    }
    List<Object> todo = new ArrayList<>();
    run.state().ready().forEach(todo::add);
    todo.addAll(run.state().outstanding());
    if (run.state().tasks().stream().anyMatch(Finisher::lacksMoney)) {
      todo.add(GRANT);
    }
    run.state().tasks().stream()
        .filter(this::canBeRetried)
        .forEach(task -> todo.add(Optional.of(task)));
    assertThat(todo)
        .as("something to do in %s: %s", run.state().status(), run.state().tasks())
        .isNotEmpty();
    Object pick = todo.get(random.nextInt(todo.size()));
    if (pick == GRANT) {
      grant();
    } else if (pick instanceof Task task) {
      begin(task);
    } else if (pick instanceof RunCommand command) {
      carryOut(command);
    } else {
      accept(new RunInput.Retry(now, ((Task) ((Optional<?>) pick).orElseThrow()).id, Scenario.ANN));
    }
  }

  private static boolean lacksMoney(Task task) {
    return task.isOutOfBudget()
        || task.hasFailedForGood() && Reason.BUDGET_EXCEEDED.equals(task.reason);
  }

  /** Grant everything that has a budget some more. */
  private void grant() {
    Cap more =
        Cap.ofTokens(500).usd("0.10").time(Duration.ofHours(1)).turns(5).toolCalls(5).launches(5);
    List<TaskId> whose = new ArrayList<>();
    whose.add(null);
    run.state().tasks().forEach(task -> whose.add(task.id));
    for (TaskId id : whose) {
      for (boolean inside : new boolean[] {false, true}) {
        RunInput.Grant grant = new RunInput.Grant(now, id, inside, more, Scenario.ANN);
        if (RunRules.decide(run.state(), grant) instanceof Decision.Accepted) {
          accept(grant);
        }
      }
    }
  }

  /** Not alone what is stuck: what is around it must be able to go on with it. */
  private boolean canBeRetried(Task task) {
    RunInput.Retry retry = new RunInput.Retry(now, task.id, Scenario.ANN);
    return task.isStuck() && RunRules.decide(run.state(), retry) instanceof Decision.Accepted;
  }

  private void begin(Task task) {
    if (task.isDelayAhead()) {
      accept(new RunInput.Delay(now, task.id));
      return;
    }
    boolean asks = task.isApproval() && task.phase == Phase.ACT;
    accept(asks ? new RunInput.Ask(now, task.id, "go on?") : new RunInput.Dispatch(now, task.id));
  }

  private void carryOut(RunCommand command) {
    Task task = run.state().require(command.task());
    boolean mayFail = patience > 0 && task.attempt < task.allowedAttempts();
    boolean fails = mayFail && random.nextInt(3) == 0;
    if (command instanceof RunCommand.Act) {
      act(task, fails);
    } else if (command instanceof RunCommand.Verify) {
      verify(task, fails);
    } else if (command instanceof RunCommand.Integrate) {
      integrate(task, fails);
    } else if (command instanceof RunCommand.Ask ask) {
      Actor somebodyElse = Actor.of("somebody-" + ++people);
      accept(new RunInput.GiveAnswer(now, ask.question().id(), Answer.approve(), somebodyElse));
    } else if (command instanceof RunCommand.Wait wait) {
      now = wait.until().isAfter(now) ? wait.until() : now;
      accept(new RunInput.TimeCame(now));
    }
  }

  private void act(Task task, boolean fails) {
    if (task.isAgent() && !task.dealings.launched) {
      prepare(task);
      return;
    }
    ActResult result = task.isContainer() && !task.isOpen() ? opening(task) : ending(task, fails);
    accept(new RunInput.ActEnded(now, task.id, task.attempt, result, random.nextDouble()));
  }

  private static ActResult opening(Task task) {
    return task.step.each().isPresent()
        ? Elements.open("yes", "no")
        : new ActResult.Opened(Map.of("topic", Scenario.text("yes")));
  }

  private static ActResult ending(Task task, boolean fails) {
    return fails
        ? new ActResult.Failed(Scenario.trouble(ErrorClass.TIMEOUT), Scenario.CENT, null)
        : new ActResult.Done(output(task), Scenario.CENT, null);
  }

  private void prepare(Task task) {
    if (task.dealings.intended) {
      accept(new RunInput.Launch(now, task.id, task.attempt, null, true));
    } else if (patience > 0 && random.nextInt(8) == 0) {
      patience--;
      Verdict verdict =
          switch (random.nextInt(3)) {
            case 0 -> new Verdict.Ask(Reason.BUDGET_EXCEEDED, "more?");
            case 1 -> new Verdict.Wait(Reason.RATE_LIMITED, now.plusSeconds(5));
            default -> new Verdict.Refuse(Reason.PROVIDER_MISSING, "gone", true);
          };
      accept(
          new RunInput.ActEnded(now, task.id, task.attempt, new ActResult.Stopped(verdict), 0.5));
    } else {
      intend(
          new RunInput.Intend(
              new RunEvent.Intent(
                  now,
                  task.id,
                  task.attempt,
                  "claude",
                  null,
                  "c",
                  "p",
                  null,
                  random.nextBoolean())));
    }
  }

  private void intend(RunInput.Intend input) {
    Decision decision = RunRules.decide(run.state(), input);
    boolean less =
        decision instanceof Decision.Refused refused
            && refused.code().equals(Decision.Refused.DEGRADE);
    accept(less ? input.withLess() : input);
  }

  private static Value output(Task task) {
    boolean plans = task.step.action().kind() == Action.Kind.PLAN;
    return Scenario.text(plans ? Plans.of("T001", "T002") : "yes");
  }

  private void verify(Task task, boolean fails) {
    Trouble trouble = fails ? Trouble.of(Reason.GATE_FAILED, "red") : null;
    Checkpoint made = new Checkpoint("c-" + task.id.flat(), "t");
    accept(
        new RunInput.VerifyEnded(
            now,
            task.id,
            task.attempt,
            new VerifyResult(made, 1, List.of(), List.of(), trouble, null),
            random.nextDouble()));
  }

  private void integrate(Task task, boolean fails) {
    IntegrateResult result =
        fails
            ? new IntegrateResult.Blocked(Trouble.of(Reason.MERGE_CONFLICT, "a.txt"))
            : new IntegrateResult.Merged(new Checkpoint("m", "t"));
    accept(new RunInput.IntegrateEnded(now, task.id, result, random.nextDouble()));
  }

  private void accept(RunInput input) {
    assertThat(run.feed(input)).as("decision on %s", input).isInstanceOf(Decision.Accepted.class);
  }
}
