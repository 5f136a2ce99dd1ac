package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.approval.Shown;
import dev.maestro.failure.ErrorClass;
import dev.maestro.gate.Receipt;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Account;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.store.BlobId;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Priority;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A random walk through a run: each number picks an input, mostly one that fits, sometimes one that
 * is late, early or nonsense; crashes, pauses, stops and cancels come at any moment.
 */
final class Walk {

  private static final Usage[] USAGES = {null, Usage.NONE, Scenario.CENT};

  private final RunUnderTest run;
  private Instant now = Scenario.EPOCH;

  Walk(Pipeline pipeline) {
    run = new RunUnderTest(pipeline);
  }

  RunUnderTest run() {
    return run;
  }

  void start(int choice) {
    String topic = choice % 2 == 0 ? "yes" : "no";
    Duration limit = choice % 5 == 4 ? Duration.ofSeconds(40) : null;
    run.feed(
        Scenario.startInput(
            Map.of("topic", Scenario.text(topic)), new Terms(Priority.DEFAULT, limit)));
  }

  void step(int choice) {
    Random random = new Random(choice);
    int share = random.nextInt(100);
    if (share < 72) {
      goOn(random);
    } else if (share < 80) {
      now = now.plusSeconds(random.nextInt(8));
      run.feed(new RunInput.TimeCame(now));
    } else if (share < 84) {
      run.foldAnew();
      run.feed(new RunInput.Interrupt(now));
      if (random.nextInt(4) > 0) {
        run.feed(new RunInput.Recover(now));
      }
    } else if (share < 92) {
      command(random);
    } else {
      run.feed(nonsense(random));
    }
  }

  private void command(Random random) {
    run.feed(
        switch (random.nextInt(36)) {
          case 27, 28, 29 ->
              new RunInput.Claim(now, anyTask(random), Scenario.ANN, now.plusSeconds(20));
          case 30, 31 ->
              new RunInput.Deliver(
                  new RunEvent.Delivered(
                      now,
                      anyTask(random),
                      1 + random.nextInt(2),
                      null,
                      Usage.of(random.nextInt(50), 0, Money.ZERO),
                      random.nextBoolean() ? null : trouble(random)));
          case 33, 34, 35 -> new RunInput.GiveUp(now, stillTask(random), "no use", Scenario.ANN);
          case 32 -> new RunInput.ReleaseClaim(now, anyTask(random), 1 + random.nextInt(2));
          case 0, 1 -> new RunInput.Pause(now, "lunch", Scenario.ANN);
          case 2, 3 -> new RunInput.Stop(now, random.nextBoolean() ? "fire" : "", Scenario.ANN);
          case 4 -> new RunInput.Explain(now, "it was a fire", Scenario.ANN);
          case 5 -> new RunInput.Cancel(now, "enough", Scenario.ANN);
          case 6, 7, 8 -> new RunInput.Recover(now);
          case 9, 10, 11, 12, 13 -> new RunInput.Resume(now, Scenario.ANN);
          case 20, 21, 22, 23 ->
              new RunInput.Rework(now, anyTask(random), "not like this", Scenario.ANN);
          case 24, 25 ->
              new RunInput.Grant(
                  now,
                  random.nextBoolean() ? null : anyTask(random),
                  random.nextBoolean(),
                  Cap.ofTokens(200).usd("0.02").launches(1),
                  Scenario.ANN);
          case 26 -> new RunInput.MadeRoom(now);
          default -> new RunInput.Retry(now, stuckTask(random), Scenario.ANN);
        });
  }

  Decision rework(TaskId task) {
    return run.feed(new RunInput.Rework(now, task, "not like this", Scenario.ANN));
  }

  Decision retry(TaskId task) {
    return run.feed(new RunInput.Retry(now, task, Scenario.ANN));
  }

  /** Stop what is at work first, as somebody has to who wants it to begin anew. */
  Decision redefine(Pipeline next) {
    run.feed(new RunInput.Interrupt(now));
    Definition is = run.state().definition();
    ResumePlan plan = ResumePlan.of(run.state(), null, next, is.inputHash(), is.inputs());
    return run.feed(new RunInput.Redefine(now, plan, Scenario.ANN));
  }

  private TaskId stuckTask(Random random) {
    List<TaskId> stuck =
        run.state().tasks().stream()
            .filter(task -> task.state == TaskState.BLOCKED || task.state == TaskState.FAILED)
            .map(Task::id)
            .toList();
    List<TaskId> asked = stuck.stream().filter(id -> run.state().require(id).isApproval()).toList();
    List<TaskId> from = !asked.isEmpty() && random.nextBoolean() ? asked : stuck;
    return from.isEmpty() ? anyTask(random) : from.get(random.nextInt(from.size()));
  }

  private TaskId stillTask(Random random) {
    Set<TaskState> still = Set.of(TaskState.PAUSED, TaskState.BLOCKED, TaskState.INTERRUPTED);
    List<TaskId> all =
        run.state().tasks().stream()
            .filter(task -> still.contains(task.state))
            .map(Task::id)
            .toList();
    return all.isEmpty() ? anyTask(random) : all.get(random.nextInt(all.size()));
  }

  private TaskId anyTask(Random random) {
    List<Task> tasks = List.copyOf(run.state().tasks());
    int pick = random.nextInt(tasks.size() + 1);
    return pick == tasks.size() ? TaskId.of("nobody") : tasks.get(pick).id;
  }

  // ------------------------------------------------------------------ what fits

  private void goOn(Random random) {
    List<Object> todo = new ArrayList<>(run.state().outstanding());
    run.state().ready().forEach(todo::add);
    if (todo.isEmpty()) {
      return;
    }
    Object pick = todo.get(random.nextInt(todo.size()));
    run.feed(pick instanceof Task task ? begin(task, random) : carryOut((RunCommand) pick, random));
  }

  private RunInput begin(Task task, Random random) {
    boolean fresh = task.state == TaskState.PENDING;
    if (fresh && random.nextInt(12) == 0) {
      return new RunInput.Block(
          now, task.id, new Verdict.Refuse(Reason.CODE_MISSING, "missing", true));
    }
    if (fresh && task.step.when() instanceof Condition.Predicate && random.nextInt(3) == 0) {
      return new RunInput.Skip(now, task.id);
    }
    if (task.isDelayAhead() && random.nextInt(4) > 0) {
      return new RunInput.Delay(now, task.id);
    }
    boolean asks = task.isApproval() && task.phase == Phase.ACT;
    return asks ? new RunInput.Ask(now, task.id, "go on?") : new RunInput.Dispatch(now, task.id);
  }

  private RunInput carryOut(RunCommand command, Random random) {
    Task task = run.state().require(command.task());
    if (command instanceof RunCommand.Act act) {
      return act(task, act.attempt(), random);
    } else if (command instanceof RunCommand.Verify verify) {
      return new RunInput.VerifyEnded(
          now,
          task.id,
          verify.attempt(),
          verifyResult(random),
          random.nextDouble(),
          judgments(random));
    } else if (command instanceof RunCommand.Integrate) {
      return integrate(task.id, random);
    } else if (command instanceof RunCommand.Ask ask) {
      Actor actor = Actor.of("person-" + random.nextInt(3));
      return new RunInput.GiveAnswer(now, ask.question().id(), answer(random), actor);
    }
    Instant until = ((RunCommand.Wait) command).until();
    now = until.isAfter(now) ? until : now;
    return new RunInput.TimeCame(now);
  }

  private RunInput act(Task task, int attempt, Random random) {
    int share = random.nextInt(100);
    if (task.isAgent() && !task.dealings.launched && share < 60) {
      return task.dealings.intended
          ? new RunInput.Launch(now, task.id, attempt, process(random), true)
          : intent(task.id, attempt, random);
    } else if (share < 65) {
      return new RunInput.NameSession(now, task.id, attempt, SessionId.of("talk-" + attempt));
    } else if (share < 70) {
      return new RunInput.Launch(now, task.id, attempt, process(random), random.nextInt(4) == 0);
    }
    return ended(task, attempt, random);
  }

  private RunInput ended(Task task, int attempt, Random random) {
    return new RunInput.ActEnded(
        now,
        task.id,
        attempt,
        actResult(task, random),
        random.nextDouble(),
        judgments(random),
        random.nextInt(3) == 0 ? above(random) : List.of());
  }

  /** Budgets of the application and of a day, with room and without, used up and put aside. */
  private List<BudgetAbove> above(Random random) {
    Amount spent = Cap.ofTokens(random.nextInt(400)).amount();
    Amount reserved = Cap.ofTokens(random.nextInt(400)).amount();
    Budget budget = Budget.ofTokens(400).perAttempt(Cap.ofTokens(100));
    Instant until = random.nextBoolean() ? now.plusSeconds(30) : null;
    return List.of(
        new BudgetAbove(
            until == null ? "application" : "day",
            new Account("above", budget, Cap.NONE, spent, reserved),
            until));
  }

  private RunInput.Intend intent(TaskId task, int attempt, Random random) {
    RunInput.Intend launch =
        new RunInput.Intend(
            new RunEvent.Intent(
                now, task, attempt, "claude", null, "c0", "p0", null, random.nextInt(3) > 0),
            judgments(random));
    launch = random.nextInt(4) == 0 ? launch.withLess() : launch;
    return random.nextInt(5) == 0 ? launch.under(above(random), null) : launch;
  }

  private static ProcessIdentity process(Random random) {
    return random.nextInt(4) == 0 ? null : new ProcessIdentity("boot", 7, 8, "marker");
  }

  private ActResult actResult(Task task, Random random) {
    int share = random.nextInt(100);
    SessionId session = random.nextBoolean() ? SessionId.of("talk") : null;
    Usage usage = USAGES[random.nextInt(USAGES.length)];
    if (task.isContainer() && !task.isOpen() && share < 80) {
      return task.step.each().isPresent()
          ? new ActResult.Opened(Map.of(), elements(random))
          : new ActResult.Opened(inputsInside(random));
    } else if (share < 60) {
      boolean plans = task.step.action().kind() == Action.Kind.PLAN;
      ActResult.Done done =
          new ActResult.Done(plans ? plan(random) : output(random), usage, session);
      boolean doubts = !task.isContainer() && random.nextInt(8) == 0;
      return doubts
          ? done.doubted(new Verdict.Ask(Reason.ESCALATED, "is that it?", Shown.of("an answer")))
          : done;
    } else if (share < 85) {
      return new ActResult.Failed(trouble(random), usage, session);
    } else if (share < 90) {
      return new ActResult.Asked(
          new Verdict.Ask(Reason.GUARDRAIL_BLOCKED, "may it?"), usage, session);
    }
    return new ActResult.Stopped(verdict(random));
  }

  private static Map<String, Value> inputsInside(Random random) {
    Value topic = output(random);
    return topic == null ? Map.of() : Map.of("topic", topic);
  }

  private static List<Value.Inline> elements(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> List.of();
      case 1 -> Elements.of("x".repeat(9_000));
      case 2, 3 -> Elements.of("yes");
      case 4 -> Elements.of("yes", "no", "");
      default -> Elements.of("yes", "no");
    };
  }

  private static Value output(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> null;
      case 1 -> new Value.Stored(BlobId.of(new byte[0]), 10_000);
      case 2 -> Scenario.text("no");
      default -> Scenario.text("yes");
    };
  }

  private static Value plan(Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> null;
      case 1 -> Scenario.text("I could not think of anything.");
      case 2 -> Scenario.text(Plans.of("T001", "T001"));
      case 3 -> Scenario.text(Plans.inPhases(List.of("T001", "T002"), List.of("T003")));
      case 4 -> new Value.Stored(BlobId.of(new byte[0]), 10_000);
      case 5 -> Scenario.text(Plans.of("T007"));
      default -> Scenario.text(Plans.of("T001", "T002"));
    };
  }

  private Trouble trouble(Random random) {
    ErrorClass[] classes = ErrorClass.values();
    int pick = random.nextInt(classes.length * 2);
    Instant until = random.nextInt(4) == 0 ? now.plusSeconds(random.nextInt(60)) : null;
    ErrorClass errorClass = pick < classes.length ? classes[pick] : null;
    return new Trouble(reason(errorClass), errorClass, "it broke", "log", until);
  }

  private static Reason reason(ErrorClass errorClass) {
    if (errorClass == null) {
      return Reason.ERROR;
    }
    return switch (errorClass) {
      case QUOTA_EXHAUSTED -> Reason.QUOTA_EXHAUSTED;
      case BUDGET_EXCEEDED -> Reason.BUDGET_EXCEEDED;
      case RATE_LIMITED -> Reason.RATE_LIMITED;
      case TIMEOUT -> Reason.TIMEOUT;
      default -> Reason.ERROR;
    };
  }

  private Verdict verdict(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> Verdict.proceed();
      case 1 -> new Verdict.Ask(Reason.BUDGET_EXCEEDED, "more money?");
      case 2 -> new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, "no", true);
      case 3 -> new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, "never", false);
      default -> new Verdict.Wait(Reason.RATE_LIMITED, now.plusSeconds(random.nextInt(30)));
    };
  }

  private static List<Judgment> judgments(Random random) {
    Judgment judgment = Judgment.of("terms", Place.GUARDRAILS, Verdict.proceed());
    return random.nextInt(4) == 0 ? List.of(judgment, judgment.detail("again")) : List.of();
  }

  private static VerifyResult verifyResult(Random random) {
    int share = random.nextInt(10);
    Verdict.Ask review = share == 3 ? new Verdict.Ask(Reason.ESCALATED, "good?") : null;
    Trouble trouble = share < 2 ? Trouble.of(Reason.GATE_FAILED, "red") : null;
    Verdict.Ask ask = share == 2 ? new Verdict.Ask(Reason.ESCALATED, "sure?") : null;
    List<Receipt> receipts =
        random.nextBoolean() ? List.of(Scenario.receipt(trouble == null)) : List.of();
    return new VerifyResult(
        random.nextInt(5) == 0 ? null : new Checkpoint("c" + random.nextInt(9), "t"),
        random.nextInt(5),
        List.of(),
        receipts,
        trouble,
        ask,
        review);
  }

  private RunInput integrate(TaskId task, Random random) {
    if (random.nextInt(4) == 0) {
      Checkpoint before = new Checkpoint("m0", "t0");
      return new RunInput.PrepareMerge(
          new RunEvent.Merging(now, task, "main", before, new Checkpoint("m1", "t"), List.of()),
          judgments(random));
    }
    IntegrateResult result =
        switch (random.nextInt(6)) {
          case 5 -> new IntegrateResult.Asks(new Verdict.Ask(Reason.ESCALATED, "merge it?"));
          case 0 -> new IntegrateResult.Blocked(Trouble.of(Reason.MERGE_CONFLICT, "a.txt"));
          case 1 ->
              new IntegrateResult.GatesFailed(
                  List.of(Scenario.receipt(false)), Trouble.of(Reason.GATE_FAILED, "merged"));
          default -> new IntegrateResult.Merged(new Checkpoint("m" + random.nextInt(9), "t"));
        };
    return new RunInput.IntegrateEnded(now, task, result, random.nextDouble(), judgments(random));
  }

  private static Answer answer(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> Answer.reject("no");
      case 1 -> Answer.changes("otherwise");
      default -> Answer.approve();
    };
  }

  // ------------------------------------------------------------------ what does not fit

  private RunInput nonsense(Random random) {
    TaskId id = anyTask(random);
    int attempt = run.state().task(id).map(Task::attempt).orElse(1) + random.nextInt(4) - 2;
    Task any = List.copyOf(run.state().tasks()).get(0);
    Task task = run.state().task(id).orElse(any);
    return switch (random.nextInt(15)) {
      case 0 -> Scenario.startInput(Map.of());
      case 1 -> new RunInput.Dispatch(now, id);
      case 2 -> new RunInput.Skip(now, id);
      case 13 -> new RunInput.Delay(now, id);
      case 3 ->
          new RunInput.Block(now, id, new Verdict.Refuse(Reason.PROVIDER_MISSING, "gone", true));
      case 4 -> new RunInput.Ask(now, id, "why not?");
      case 5 -> intent(id, attempt, random);
      case 6 -> new RunInput.Launch(now, id, attempt, process(random), random.nextBoolean());
      case 7 -> new RunInput.NameSession(now, id, attempt, SessionId.of("late"));
      case 8, 9 ->
          new RunInput.ActEnded(now, id, attempt, actResult(task, random), random.nextDouble());
      case 10 ->
          new RunInput.VerifyEnded(now, id, attempt, verifyResult(random), random.nextDouble());
      case 11 -> integrate(id, random);
      case 12 ->
          new RunInput.GiveAnswer(
              now,
              QuestionId.of(id.flat() + "." + random.nextInt(5)),
              answer(random),
              Scenario.ANN);
      default -> new RunInput.Retry(now, id, Scenario.ANN);
    };
  }
}
