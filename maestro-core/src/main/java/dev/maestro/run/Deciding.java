package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.policy.Judgment;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One decision: whether the input is let in, which rule it is for, and what follows by itself. */
final class Deciding {

  private final RunState state;
  private final RunInput input;
  private final Draft draft;
  private final Checks checks;

  Deciding(RunState state, Trial trial, RunInput input) {
    this.state = state;
    this.input = input;
    draft = new Draft(state, trial, input.at());
    checks = new Checks(state);
  }

  Decision decide() {
    Optional<Decision.Refused> refusal = admit();
    if (refusal.isEmpty()) {
      refusal = take();
    }
    if (refusal.isPresent()) {
      return refusal.get();
    }
    if (!draft.isEmpty()) {
      settleInsides();
      settleApprovals();
      settleRoom();
      settleWindow();
      settleStatus();
    }
    return draft.finished();
  }

  // ------------------------------------------------------------------ by input

  private Optional<Decision.Refused> admit() {
    boolean starts = input instanceof RunInput.Start || input instanceof RunInput.Fork;
    if (state.exists() == starts) {
      return Refusal.notAllowed(starts ? "the run exists already" : "the run does not exist");
    }
    boolean over = !starts && state.status().isTerminal();
    boolean late = input instanceof RunInput.ActEnded || input instanceof RunInput.IntegrateEnded;
    if (over && input instanceof RunInput.Rework) {
      return Refusal.reworkAfterTheEnd(state);
    }
    return over && !late ? Refusal.runOver(state) : checks.owned(input);
  }

  private Optional<Decision.Refused> take() {
    // those of every run first: to ask for a class loads it
    if (input instanceof RunInput.Start i) {
      return start(i);
    } else if (input instanceof RunInput.Dispatch i) {
      Optional<Decision.Refused> refusal = checks.ready(i.task());
      return refusal.isPresent() ? refusal : dispatches().dispatch(i);
    } else if (input instanceof RunInput.ActEnded i) {
      Optional<Decision.Refused> late = checks.at(i.task(), i.attempt(), Phase.ACT);
      return late.isPresent() ? acts().endedLate(i, late.get()) : acts().ended(i);
    } else if (input instanceof RunInput.Fork i) {
      return fork(i);
    } else if (input instanceof RunInput.Skip i) {
      return checks.ready(i.task()).or(() -> dispatches().skip(i));
    } else if (input instanceof RunInput.Delay i) {
      return checks.ready(i.task()).or(() -> dispatches().delay(i));
    } else if (input instanceof RunInput.Block i) {
      return checks.ready(i.task()).or(() -> dispatches().block(i));
    } else if (input instanceof RunInput.Ask i) {
      return checks.ready(i.task()).or(() -> dispatches().ask(i));
    } else if (input instanceof RunInput.Begin i) {
      return fix(i);
    } else if (input instanceof RunInput.Intend i) {
      return checks
          .at(i.intent().task(), i.intent().attempt(), Phase.ACT)
          .or(() -> acts().intend(i));
    } else if (input instanceof RunInput.Launch i) {
      return checks.exists(i.task()).or(() -> acts().launch(i));
    } else if (input instanceof RunInput.NameSession i) {
      return checks.at(i.task(), i.attempt(), Phase.ACT).or(() -> acts().nameSession(i));
    } else if (input instanceof RunInput.VerifyEnded i) {
      return checks
          .at(i.task(), i.attempt(), Phase.VERIFY)
          .or(() -> draft.judged(i.task(), i.attempt(), Phase.VERIFY, i.judgments()))
          .or(() -> verifies().ended(i));
    } else if (input instanceof RunInput.Score i) {
      return checks.at(i.task(), i.attempt(), Phase.VERIFY).or(() -> verifies().score(i));
    } else if (input instanceof RunInput.Note i) {
      return checks.at(i.task(), i.attempt(), Phase.ACT).or(() -> draft.emit(i.event()));
    } else if (input instanceof RunInput.PutConversation i) {
      return checks.exists(i.event().task()).or(() -> acts().putConversation(i));
    } else if (input instanceof RunInput.KeepCheckpoint i) {
      RunEvent.Checkpointed kept = i.checkpointed();
      return checks.at(kept.task(), kept.attempt(), Phase.VERIFY).or(() -> draft.emit(kept));
    } else if (input instanceof RunInput.PrepareMerge i) {
      return checks
          .at(i.merging().task(), Phase.INTEGRATE)
          .or(() -> integrates().judged(i.merging().task(), i.judgments()))
          .or(() -> draft.emit(i.merging()));
    } else if (input instanceof RunInput.IntegrateEnded i) {
      return checks
          .at(i.task(), Phase.INTEGRATE)
          .map(late -> integrates().endedLate(i, late))
          .orElseGet(() -> integrates().ended(i));
    } else if (input instanceof RunInput.GiveAnswer i) {
      return answers().answer(i);
    } else if (input instanceof RunInput.HandOn i) {
      return answers().handOn(i);
    } else if (input instanceof RunInput.Retry i) {
      return checks.exists(i.task()).or(() -> people().retry(i));
    } else if (input instanceof RunInput.Claim i) {
      return checks.claimable(i).or(() -> claims().claim(i));
    } else if (input instanceof RunInput.RenewClaim i) {
      return checks.exists(i.task()).or(() -> claims().renew(i));
    } else if (input instanceof RunInput.ReleaseClaim i) {
      return checks.exists(i.task()).or(() -> claims().release(i));
    } else if (input instanceof RunInput.Deliver i) {
      return checks.exists(i.delivered().task()).or(() -> claims().deliver(i));
    } else if (input instanceof RunInput.RollBack i) {
      return checks.rollsBack(i.rolledBack()).or(() -> draft.emit(i.rolledBack()));
    } else if (input instanceof RunInput.Redefine i) {
      return new RedefineRules(draft, budgets()).redefine(i);
    } else if (input instanceof RunInput.GiveUp i) {
      return checks.exists(i.task()).or(() -> people().giveUp(i));
    } else if (input instanceof RunInput.Rework i) {
      return checks.exists(i.task()).or(() -> reworks().rework(i));
    } else if (input instanceof RunInput.Grant i) {
      return i.task() == null
          ? budgets().grant(i)
          : checks.exists(i.task()).or(() -> budgets().grant(i));
    } else if (input instanceof RunInput.MadeRoom i) {
      return budgets().madeRoom(i.above());
    } else if (input instanceof RunInput.Pause i) {
      return people().pause(Reason.PAUSED, i.reason(), i.actor());
    } else if (input instanceof RunInput.Resume i) {
      return people().resume(i);
    } else if (input instanceof RunInput.Cancel i) {
      return endRun(RunStatus.CANCELLED, Reason.CANCELLED, i.reason(), i.actor());
    } else if (input instanceof RunInput.Stop i) {
      interruptions().stopActive(TaskState.PAUSED, Reason.EMERGENCY_STOP, i.reason());
      return people().pause(Reason.EMERGENCY_STOP, i.reason(), i.actor());
    } else if (input instanceof RunInput.Explain i) {
      return people().explain(i);
    } else if (input instanceof RunInput.Interrupt) {
      return interruptions().stopActive(TaskState.INTERRUPTED, Reason.INTERRUPTED, null);
    } else if (input instanceof RunInput.Recover) {
      return interruptions().recover();
    } else if (input instanceof RunInput.TimeCame) {
      return state.isOverdue(input.at()) ? endOverdue() : timeCame();
    }
    throw new IllegalArgumentException("unknown input " + input);
  }

  // ------------------------------------------------------------------ the run's start

  private Optional<Decision.Refused> start(RunInput.Start i) {
    Optional<Decision.Refused> refusal = begin(i);
    return refusal.isPresent()
        ? refusal
        : moveRun(RunStatus.RUNNING, Reason.DISPATCHED, null, i.actor());
  }

  private Optional<Decision.Refused> fork(RunInput.Fork i) {
    return Outputs.checkKept(state.blueprint(), i.taken())
        .or(() -> begin(i.start()))
        .or(() -> takeAlong(i))
        .or(() -> moveRun(RunStatus.RUNNING, Reason.FORKED, null, i.start().actor()));
  }

  private Optional<Decision.Refused> takeAlong(RunInput.Fork i) {
    Taken taken = i.taken();
    taken.added().forEach(event -> draft.emit(at(i.at(), event)));
    return draft.emit(
        new RunEvent.Forked(
            i.at(), taken.from(), taken.sequence(), i.base(), taken.kept(), null, taken.wanted()));
  }

  private static RunEvent at(Instant at, RunEvent event) {
    return event instanceof RunEvent.Opened opened
        ? new RunEvent.Opened(
            at, opened.task(), opened.attempt(), opened.inputs(), opened.elements())
        : at(at, (RunEvent.TasksAdded) event);
  }

  private static RunEvent at(Instant at, RunEvent.TasksAdded added) {
    return new RunEvent.TasksAdded(at, added.by(), added.template(), added.tasks());
  }

  private Optional<Decision.Refused> begin(RunInput.Start i) {
    Optional<Decision.Refused> refusal = Outputs.checkInputs(state.blueprint(), i.inputs());
    return refusal.isPresent() ? refusal : record(i);
  }

  private Optional<Decision.Refused> record(RunInput.Start i) {
    return draft.emit(
        new RunEvent.RunStarted(
            i.at(),
            i.key(),
            i.actor(),
            state.pipeline().name(),
            i.definition(),
            i.inputHash(),
            i.inputs(),
            i.labels(),
            RunRules.VERSION,
            i.terms().orLimit(state.pipeline().timeLimit())));
  }

  private Optional<Decision.Refused> fix(RunInput.Begin i) {
    return state.start().isPresent()
        ? Optional.empty()
        : draft.emit(new RunEvent.Began(i.at(), i.start()));
  }

  private Optional<Decision.Refused> timeCame() {
    answers().expire();
    return interruptions().timeCame();
  }

  // ------------------------------------------------------------------ what follows by itself

  /** What ends inside a task may end that one, and so free or end further ones. */
  private void settleInsides() {
    takeUpWhatIsFreed();
    for (TaskId id = draft.pollStirred(); id != null; id = draft.pollStirred()) {
      if (!state.status().isTerminal()) {
        insides().settle(id);
        takeUpWhatIsFreed();
      }
    }
  }

  /** Each skip may free further ones. */
  private void takeUpWhatIsFreed() {
    for (TaskId id = draft.pollFreed(); id != null; id = draft.pollFreed()) {
      dispatches().takeUp(state.require(id));
    }
  }

  /** Where something else would follow a yes than was shown, the question is asked anew. */
  private void settleApprovals() {
    if (draft.changesAhead() && !state.status().isTerminal()) {
      for (Question question : List.copyOf(state.tasks.questions())) {
        dispatches().askAnewWhereOtherThanShown(question);
      }
    }
  }

  /** Also where nothing moves: nobody is left then whose end others could wait for. */
  private void settleRoom() {
    if (state.header.corrected && !state.status().isTerminal()) {
      budgets().shareWhatWasPresumed();
    }
    boolean mayBeRoom = state.header.madeRoom || !state.tasks.hasMoving();
    if (mayBeRoom && !state.status().isTerminal()) {
      budgets().shareRoom();
    }
  }

  /** Failures that came too fast let nothing new start until somebody resumes the run. */
  private void settleWindow() {
    WindowFold.Closed closed = state.header.closed;
    boolean goesOn = !state.status().isTerminal() && state.status() != RunStatus.PAUSED;
    if (closed != null && goesOn && state.tasks.hasLive()) {
      Task task = state.require(closed.task());
      Judgment judgment = closed.rule().judgment(closed.seen());
      draft.judged(task.id, task.attempt, task.phase, List.of(judgment));
      moveRun(
          RunStatus.PAUSED, closed.seen().paused().orElseThrow(), judgment.detail(), Actor.MAESTRO);
    }
  }

  private void settleStatus() {
    RunStatus now = state.status();
    if (now.isTerminal()) {
      return;
    }
    if (!state.tasks.hasLive()) {
      endByItself();
    } else if (now != RunStatus.PAUSED) {
      RunStatus next = state.tasks.hasMoving() ? RunStatus.RUNNING : RunStatus.WAITING;
      if (next != now) {
        Reason reason = next == RunStatus.RUNNING ? Reason.RESUMED : Reason.WAITING;
        moveRun(next, reason, null, Actor.MAESTRO);
      }
    }
  }

  // ------------------------------------------------------------------ the run's end

  private void endByItself() {
    if (state.tasks.hasFailed()) {
      endRun(RunStatus.FAILED, Reason.DEPENDENCY_FAILED, "a task failed", Actor.MAESTRO);
    } else {
      endRun(RunStatus.SUCCEEDED, Reason.SUCCEEDED, null, Actor.MAESTRO);
    }
  }

  private Optional<Decision.Refused> endOverdue() {
    String why =
        "the run did not end within its time limit of " + state.started().terms().timeLimit();
    return endRun(RunStatus.FAILED, Reason.TIMEOUT, why, Actor.MAESTRO);
  }

  private Optional<Decision.Refused> endRun(
      RunStatus status, Reason reason, @Nullable String detail, Actor actor) {
    List<Move> moves = new ArrayList<>();
    for (Task task : state.tasks()) {
      if (!outlivesRun(task)) {
        moves.add(draft.move(task.id, TaskState.CANCELLED, Reason.CANCELLED, detail));
      }
    }
    draft.emitMoves(moves);
    return moveRun(status, reason, detail, actor);
  }

  private static boolean outlivesRun(Task task) {
    return task.state.isFinal()
        || task.state == TaskState.FAILED
        || task.state == TaskState.VERIFIED;
  }

  private Optional<Decision.Refused> moveRun(
      RunStatus to, Reason reason, @Nullable String detail, Actor actor) {
    return draft.emit(new RunEvent.RunMoved(draft.at, to, reason, detail, actor));
  }

  // ------------------------------------------------------------------ the rules, when they are
  // asked

  private DispatchRules dispatches() {
    return new DispatchRules(draft);
  }

  private BudgetRules budgets() {
    return new BudgetRules(draft, failures());
  }

  private FailureRules failures() {
    return new FailureRules(draft);
  }

  private ActRules acts() {
    FailureRules failures = failures();
    return new ActRules(
        draft, failures, new InsideRules(draft, failures), new BudgetRules(draft, failures));
  }

  private InsideRules insides() {
    return new InsideRules(draft, failures());
  }

  private ReopenRules reopens() {
    return new ReopenRules(draft, failures());
  }

  private VerifyRules verifies() {
    return new VerifyRules(draft, failures());
  }

  private IntegrateRules integrates() {
    return new IntegrateRules(draft, failures());
  }

  private InterruptionRules interruptions() {
    return new InterruptionRules(draft, claims());
  }

  private ClaimRules claims() {
    return new ClaimRules(draft);
  }

  private ReworkRules reworks() {
    return new ReworkRules(draft, failures(), reopens());
  }

  private PeopleRules people() {
    return new PeopleRules(draft, failures(), interruptions(), reopens());
  }

  private AnswerRules answers() {
    return new AnswerRules(draft, failures(), budgets());
  }
}
