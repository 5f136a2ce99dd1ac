package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Condition;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunInput.ActResult;
import dev.maestro.run.RunInput.IntegrateResult;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One decision in the making: emits events, tries them out on the state, and follows what they set
 * off.
 */
final class Deciding {

  private final RunState state;
  private final RunState.Trial trial;
  private final List<RunEvent> events = new ArrayList<>();

  Deciding(RunState state, RunState.Trial trial) {
    this.state = state;
    this.trial = trial;
  }

  Decision on(RunInput input) {
    Optional<Decision.Refused> refusal = admit(input).or(() -> take(input));
    if (refusal.isPresent()) {
      return refusal.get();
    }
    if (!events.isEmpty()) {
      settle(input.at());
    }
    return new Decision.Accepted(events, newlyOpen());
  }

  // ------------------------------------------------------------------ dispatch by input

  private Optional<Decision.Refused> admit(RunInput input) {
    boolean starts = input instanceof RunInput.Start;
    if (state.exists() == starts) {
      return refuse("not-allowed", starts ? "the run exists already" : "the run does not exist");
    }
    if (!starts && state.status().isTerminal() && !(input instanceof RunInput.ActEnded)) {
      return refuse("run-over", "run " + state.key() + " is " + state.status());
    }
    return Optional.empty();
  }

  private Optional<Decision.Refused> take(RunInput input) {
    if (input instanceof RunInput.Start i) {
      return start(i);
    } else if (input instanceof RunInput.Dispatch i) {
      return ready(i.task()).or(() -> dispatch(i));
    } else if (input instanceof RunInput.Skip i) {
      return ready(i.task()).or(() -> skip(i));
    } else if (input instanceof RunInput.Block i) {
      return ready(i.task()).or(() -> block(i));
    } else if (input instanceof RunInput.Ask i) {
      return ready(i.task()).or(() -> ask(i));
    } else if (input instanceof RunInput.Intend i) {
      return at(i.intent().task(), i.intent().attempt(), Phase.ACT).or(() -> intend(i.intent()));
    } else if (input instanceof RunInput.Launch i) {
      return launch(i);
    } else if (input instanceof RunInput.NameSession i) {
      return at(i.task(), i.attempt(), Phase.ACT)
          .or(() -> emit(new RunEvent.SessionStarted(i.at(), i.task(), i.attempt(), i.session())));
    } else if (input instanceof RunInput.ActEnded i) {
      return actEnded(i);
    } else if (input instanceof RunInput.VerifyEnded i) {
      return at(i.task(), i.attempt(), Phase.VERIFY).or(() -> verifyEnded(i));
    } else if (input instanceof RunInput.PrepareMerge i) {
      return in(i.merging().task(), Phase.INTEGRATE).or(() -> emit(i.merging()));
    } else if (input instanceof RunInput.IntegrateEnded i) {
      return in(i.task(), Phase.INTEGRATE).or(() -> integrateEnded(i));
    } else if (input instanceof RunInput.GiveAnswer i) {
      return answer(i);
    } else if (input instanceof RunInput.TimeCame i) {
      return timeCame(i);
    } else if (input instanceof RunInput.Retry i) {
      return retry(i);
    } else if (input instanceof RunInput.Pause i) {
      return pause(i.at(), Reason.PAUSED, i.reason(), i.actor());
    } else if (input instanceof RunInput.Stop i) {
      moveActive(i.at(), TaskState.PAUSED, Reason.EMERGENCY_STOP, i.reason());
      return pause(i.at(), Reason.EMERGENCY_STOP, i.reason(), i.actor());
    } else if (input instanceof RunInput.Resume i) {
      return resume(i);
    } else if (input instanceof RunInput.Cancel i) {
      return cancel(i);
    } else if (input instanceof RunInput.Interrupt i) {
      return moveActive(i.at(), TaskState.INTERRUPTED, Reason.INTERRUPTED, null);
    } else if (input instanceof RunInput.Recover i) {
      return recover(i.at());
    }
    throw new IllegalArgumentException("unknown input " + input);
  }

  // ------------------------------------------------------------------ checks

  private Optional<Decision.Refused> ready(TaskId id) {
    Optional<Task> task = state.task(id);
    if (task.isEmpty()) {
      return refuse("unknown-task", "run " + state.key() + " has no task " + id);
    }
    if (state.status() == RunStatus.PAUSED) {
      return refuse("not-allowed", "run " + state.key() + " is paused; resume it first");
    }
    return task.get().isReady()
        ? Optional.empty()
        : refuse("stale", "task " + id + " is " + task.get().state + " and not ready");
  }

  private Optional<Decision.Refused> in(TaskId id, Phase phase) {
    Optional<Task> task = state.task(id);
    if (task.isEmpty()) {
      return refuse("unknown-task", "run " + state.key() + " has no task " + id);
    }
    return task.get().active && task.get().phase == phase
        ? Optional.empty()
        : refuse("stale", "task " + id + " is " + task.get().state + " and not at " + phase);
  }

  private Optional<Decision.Refused> at(TaskId id, int attempt, Phase phase) {
    return in(id, phase)
        .or(
            () ->
                state.require(id).attempt == attempt
                    ? Optional.empty()
                    : refuse(
                        "stale",
                        "task "
                            + id
                            + " is at attempt "
                            + state.require(id).attempt
                            + ", not "
                            + attempt));
  }

  private static Optional<Decision.Refused> refuse(String code, String message) {
    return Optional.of(new Decision.Refused(code, message));
  }

  // ------------------------------------------------------------------ start and dispatch

  private Optional<Decision.Refused> start(RunInput.Start i) {
    for (Map.Entry<String, Value> input : i.inputs().entrySet()) {
      if (input.getValue() instanceof Value.Stored && state.steers(input.getKey())) {
        return refuse(
            "not-allowed",
            "the input '"
                + input.getKey()
                + "' is compared by a condition; such a one may have "
                + Value.MAX_INLINE_BYTES
                + " bytes");
      }
    }
    emit(
        new RunEvent.RunStarted(
            i.at(),
            i.key(),
            i.actor(),
            state.pipeline().name(),
            i.definition(),
            i.inputHash(),
            i.inputs(),
            i.labels(),
            RunRules.VERSION));
    return emit(
        new RunEvent.RunMoved(i.at(), RunStatus.RUNNING, Reason.DISPATCHED, null, i.actor()));
  }

  private Optional<Decision.Refused> dispatch(RunInput.Dispatch i) {
    Task task = state.require(i.task());
    if (task.phase == Phase.ACT && task.step.action().kind() == Action.Kind.APPROVAL) {
      return refuse("not-allowed", "task " + task.id + " asks a person and needs no slot");
    }
    int attempt = startsNewAttempt(task) ? task.attempt + 1 : Math.max(1, task.attempt);
    if (task.phase == Phase.ACT && attempt > task.allowedAttempts()) {
      return refuse("not-allowed", "task " + task.id + " has no attempts left");
    }
    TaskState to =
        switch (task.phase) {
          case ACT -> goesOnAs(task, attempt);
          case VERIFY -> TaskState.TESTING;
          case INTEGRATE -> TaskState.VERIFIED;
        };
    Reason reason = to == TaskState.RETRYING ? Reason.RETRY : Reason.DISPATCHED;
    List<Move> moves =
        task.state == to ? List.of() : List.of(move(task.id, to, reason, null, null));
    return emit(new RunEvent.Dispatched(i.at(), task.id, attempt, task.phase, moves));
  }

  /** A failed attempt and one whose launch is spent are over; anything else goes on as it is. */
  private static boolean startsNewAttempt(Task task) {
    return task.phase == Phase.ACT && (task.attempt == 0 || task.isSpent());
  }

  private static TaskState goesOnAs(Task task, int attempt) {
    boolean first = task.state == TaskState.PENDING;
    boolean again = task.state == TaskState.FAILED || attempt > 1;
    return first || !again ? TaskState.RUNNING : TaskState.RETRYING;
  }

  private Optional<Decision.Refused> skip(RunInput.Skip i) {
    Task task = state.require(i.task());
    if (!(task.step.when() instanceof Condition.Predicate) || task.state != TaskState.PENDING) {
      return refuse("not-allowed", "task " + task.id + " has no predicate that could say no");
    }
    return emitMove(i.at(), task.id, TaskState.SKIPPED, Reason.CONDITION_FALSE, null, null);
  }

  private Optional<Decision.Refused> block(RunInput.Block i) {
    Task task = state.require(i.task());
    if (task.state != TaskState.PENDING) {
      return refuse("not-allowed", "task " + task.id + " is " + task.state + ", not PENDING");
    }
    return emitMove(
        i.at(), task.id, TaskState.BLOCKED, i.refusal().reason(), i.refusal().why(), null);
  }

  private Optional<Decision.Refused> ask(RunInput.Ask i) {
    Task task = state.require(i.task());
    if (task.step.action().kind() != Action.Kind.APPROVAL || task.phase != Phase.ACT) {
      return refuse("not-allowed", "task " + task.id + " is no approval step");
    }
    Phase next = task.integrates() ? Phase.INTEGRATE : Phase.ACT;
    return question(i.at(), task, Question.Kind.APPROVAL, i.text(), next, Reason.DISPATCHED);
  }

  // ------------------------------------------------------------------ act

  private Optional<Decision.Refused> intend(RunEvent.Intent intent) {
    Task task = state.require(intent.task());
    if (!task.isAgent()) {
      return refuse("not-allowed", "task " + task.id + " launches no agent");
    }
    if (task.launches >= task.allowedAttempts() || task.launched) {
      return refuse(
          "not-allowed",
          "task "
              + task.id
              + " has spent "
              + task.launches
              + " launches of "
              + task.allowedAttempts());
    }
    return emit(intent);
  }

  private Optional<Decision.Refused> launch(RunInput.Launch i) {
    Optional<Task> found = state.task(i.task());
    if (found.isEmpty()) {
      return refuse("unknown-task", "run " + state.key() + " has no task " + i.task());
    }
    Task task = found.get();
    if (!task.active || task.attempt != i.attempt()) {
      return refuse("stale", "task " + i.task() + " is not at attempt " + i.attempt());
    }
    if (i.agent() && !(task.intended && task.phase == Phase.ACT)) {
      return refuse("not-allowed", "task " + i.task() + " has recorded no intent to launch");
    }
    return emit(new RunEvent.Launched(i.at(), i.task(), i.attempt(), i.process(), i.agent()));
  }

  private Optional<Decision.Refused> actEnded(RunInput.ActEnded i) {
    Optional<Decision.Refused> late = at(i.task(), i.attempt(), Phase.ACT);
    if (late.isPresent()) {
      return settleLate(i, late.get());
    }
    Task task = state.require(i.task());
    if (i.result() instanceof ActResult.Done done) {
      return done(i, task, done);
    } else if (i.result() instanceof ActResult.Failed failed) {
      return failed(i, task, failed);
    }
    return stopped(i.at(), task, ((ActResult.Stopped) i.result()).verdict());
  }

  /**
   * What an attempt used up that was cut off is recorded, once, even though nothing waits for its
   * outcome any more.
   */
  private Optional<Decision.Refused> settleLate(RunInput.ActEnded i, Decision.Refused refusal) {
    boolean owed = state.task(i.task()).map(task -> task.owed.contains(i.attempt())).orElse(false);
    if (owed && i.result() instanceof ActResult.Done done) {
      return settleLate(i, done.usage(), done.session());
    } else if (owed && i.result() instanceof ActResult.Failed failed) {
      return settleLate(i, failed.usage(), failed.session());
    }
    return Optional.of(refusal);
  }

  private Optional<Decision.Refused> settleLate(
      RunInput.ActEnded i, @Nullable Usage usage, @Nullable SessionId session) {
    return emit(
        new RunEvent.Acted(i.at(), i.task(), i.attempt(), null, usage, session, null, List.of()));
  }

  private Optional<Decision.Refused> done(RunInput.ActEnded i, Task task, ActResult.Done done) {
    Trouble trouble = Outputs.check(state, task, done.output());
    if (trouble != null) {
      return failed(i, task, new ActResult.Failed(trouble, done.usage(), done.session()));
    }
    List<Move> moves = new ArrayList<>();
    moves.add(move(task.id, TaskState.TESTING, Reason.SUCCEEDED, null, null));
    boolean nothingToVerify = !task.step.action().usesWorkspace() && task.step.gates().isEmpty();
    if (nothingToVerify) {
      moves.add(
          new Move(task.id, TaskState.TESTING, TaskState.VERIFIED, Reason.NO_GATES, null, null));
      if (!task.integrates()) {
        moves.add(completion(task.id, Reason.SUCCEEDED));
      }
    }
    return emit(
        new RunEvent.Acted(
            i.at(),
            task.id,
            i.attempt(),
            done.output(),
            done.usage(),
            done.session(),
            null,
            moves));
  }

  private Optional<Decision.Refused> failed(
      RunInput.ActEnded i, Task task, ActResult.Failed failed) {
    Move move = failure(i.at(), task, failed.trouble(), i.draw());
    emit(
        new RunEvent.Acted(
            i.at(),
            task.id,
            i.attempt(),
            null,
            failed.usage(),
            failed.session(),
            failed.trouble(),
            List.of(move)));
    return afterFailure(i.at(), move);
  }

  private Optional<Decision.Refused> stopped(Instant at, Task task, Verdict verdict) {
    if (verdict instanceof Verdict.Wait wait) {
      return emitMove(at, task.id, TaskState.PAUSED, wait.reason(), null, wait.until());
    } else if (verdict instanceof Verdict.Ask ask) {
      return question(at, task, Question.Kind.POLICY, ask.question(), Phase.ACT, ask.reason());
    } else if (verdict instanceof Verdict.Refuse refuse && refuse.recoverable()) {
      return emitMove(at, task.id, TaskState.BLOCKED, refuse.reason(), refuse.why(), null);
    } else if (verdict instanceof Verdict.Refuse refuse) {
      Move move = move(task.id, TaskState.FAILED, refuse.reason(), refuse.why(), null);
      emit(new RunEvent.Moved(at, List.of(move)));
      return afterFailure(at, move);
    }
    return refuse("not-allowed", verdict + " does not stop task " + task.id);
  }

  // ------------------------------------------------------------------ verify

  private Optional<Decision.Refused> verifyEnded(RunInput.VerifyEnded i) {
    Task task = state.require(i.task());
    RunInput.VerifyResult result = i.result();
    if (result.trouble() != null) {
      Move move = failure(i.at(), task, result.trouble(), i.draw());
      emit(verified(i, List.of(move)));
      return afterFailure(i.at(), move);
    }
    if (result.question() != null) {
      return question(
          i.at(), task, Question.Kind.POLICY, result.question(), Phase.VERIFY, Reason.ESCALATED);
    }
    Reason reason = result.receipts().isEmpty() ? Reason.NO_GATES : Reason.GATES_PASSED;
    List<Move> moves = new ArrayList<>();
    moves.add(move(task.id, TaskState.VERIFIED, reason, null, null));
    if (!task.integrates()) {
      addPlannedTasks(i.at(), task);
      moves.add(completion(task.id, Reason.SUCCEEDED));
    }
    return emit(verified(i, moves));
  }

  private static RunEvent.Verified verified(RunInput.VerifyEnded i, List<Move> moves) {
    RunInput.VerifyResult r = i.result();
    return new RunEvent.Verified(
        i.at(),
        i.task(),
        i.attempt(),
        r.checkpoint(),
        r.changed(),
        r.restored(),
        r.receipts(),
        r.trouble(),
        moves);
  }

  /**
   * A plan's tasks are there before the plan step completes, so that nothing behind it starts
   * early.
   */
  private void addPlannedTasks(Instant at, Task task) {
    if (task.step.action() instanceof Action.Plan plan) {
      emit(new RunEvent.TasksAdded(at, task.id, plan.template(), Outputs.plannedTasks(task)));
    }
  }

  // ------------------------------------------------------------------ integrate

  private Optional<Decision.Refused> integrateEnded(RunInput.IntegrateEnded i) {
    Task task = state.require(i.task());
    IntegrateResult result = i.result();
    if (result instanceof IntegrateResult.Merged merged) {
      addPlannedTasks(i.at(), task);
      return emit(
          new RunEvent.Integrated(
              i.at(),
              task.id,
              merged.merged(),
              List.of(),
              null,
              List.of(completion(task.id, Reason.MERGED))));
    } else if (result instanceof IntegrateResult.Blocked blocked) {
      Trouble trouble = blocked.trouble();
      Move move = move(task.id, TaskState.BLOCKED, trouble.reason(), trouble.message(), null);
      return emit(
          new RunEvent.Integrated(i.at(), task.id, null, List.of(), trouble, List.of(move)));
    }
    IntegrateResult.GatesFailed failed = (IntegrateResult.GatesFailed) result;
    Move move = failure(i.at(), task, failed.trouble(), i.draw());
    emit(
        new RunEvent.Integrated(
            i.at(), task.id, null, failed.receipts(), failed.trouble(), List.of(move)));
    return afterFailure(i.at(), move);
  }

  // ------------------------------------------------------------------ people and time

  private Optional<Decision.Refused> answer(RunInput.GiveAnswer i) {
    Optional<Question> asked = state.question(i.question());
    if (asked.isEmpty()) {
      return refuse("unknown-question", "nobody waits for an answer to " + i.question());
    }
    Task task = state.require(asked.get().task());
    boolean yes = i.answer().isApproval();
    boolean approval = asked.get().kind() == Question.Kind.APPROVAL;
    List<Move> moves = new ArrayList<>();
    if (!yes) {
      String why = i.answer().text().isBlank() ? "rejected by " + i.actor() : i.answer().text();
      moves.add(move(task.id, TaskState.FAILED, Reason.REJECTED, why, null));
    } else if (approval) {
      moves.add(move(task.id, TaskState.VERIFIED, Reason.APPROVED, null, null));
      if (!task.integrates()) {
        moves.add(completion(task.id, Reason.APPROVED));
      }
    }
    emit(new RunEvent.Answered(i.at(), i.question(), i.answer(), i.actor(), moves));
    if (yes && !approval) {
      emit(new RunEvent.Released(i.at(), List.of(task.id), task.hasSpentItsLast()));
    }
    return yes ? Optional.empty() : afterFailure(i.at(), moves.get(0));
  }

  private Optional<Decision.Refused> timeCame(RunInput.TimeCame i) {
    List<Task> due = state.dueBy(i.at());
    List<TaskId> free = due.stream().filter(task -> !task.hasSpentItsLast()).map(Task::id).toList();
    if (!free.isEmpty()) {
      emit(new RunEvent.Released(i.at(), free, false));
    }
    due.stream().filter(Task::hasSpentItsLast).forEach(task -> goOn(i.at(), task));
    return Optional.empty();
  }

  private Optional<Decision.Refused> retry(RunInput.Retry i) {
    Optional<Task> found = state.task(i.task());
    if (found.isEmpty()) {
      return refuse("unknown-task", "run " + state.key() + " has no task " + i.task());
    }
    Task task = found.get();
    boolean stuck = task.state == TaskState.BLOCKED && task.isLive() || task.hasFailedForGood();
    if (!stuck || task.released) {
      return refuse(
          "not-allowed", "task " + task.id + " is " + task.state + "; there is nothing to retry");
    }
    if (task.state == TaskState.BLOCKED && task.attempt == 0 && task.phase == Phase.ACT) {
      return emitMove(i.at(), task.id, TaskState.PENDING, Reason.REQUEUED, null, null);
    }
    emit(new RunEvent.Released(i.at(), List.of(task.id), task.hasSpentItsLast()));
    return unblockBehind(i.at(), task.id);
  }

  private Optional<Decision.Refused> pause(Instant at, Reason reason, String detail, Actor actor) {
    return state.status() == RunStatus.PAUSED
        ? Optional.empty()
        : emit(new RunEvent.RunMoved(at, RunStatus.PAUSED, reason, detail, actor));
  }

  private Optional<Decision.Refused> resume(RunInput.Resume i) {
    if (state.status() != RunStatus.PAUSED) {
      return refuse("not-allowed", "run " + state.key() + " is " + state.status() + ", not PAUSED");
    }
    emit(new RunEvent.RunMoved(i.at(), RunStatus.RUNNING, Reason.RESUMED, null, i.actor()));
    for (Task task : List.copyOf(state.tasks())) {
      if (task.state == TaskState.PAUSED && task.until == null && !task.released) {
        goOn(i.at(), task);
      }
    }
    return Optional.empty();
  }

  private Optional<Decision.Refused> cancel(RunInput.Cancel i) {
    endRun(i.at(), RunStatus.CANCELLED, Reason.CANCELLED, i.reason(), i.actor());
    return Optional.empty();
  }

  // ------------------------------------------------------------------ interruption and recovery

  private Optional<Decision.Refused> moveActive(
      Instant at, TaskState to, Reason reason, @Nullable String detail) {
    List<Move> moves =
        state.active().stream().map(task -> move(task.id, to, reason, detail, null)).toList();
    return moves.isEmpty() ? Optional.empty() : emit(new RunEvent.Moved(at, moves));
  }

  private Optional<Decision.Refused> recover(Instant at) {
    for (Task task : List.copyOf(state.tasks())) {
      if (task.state == TaskState.INTERRUPTED && !task.released) {
        goOn(at, task);
      }
    }
    return Optional.empty();
  }

  /**
   * Let a stopped task go on where it was, unless its last launch is spent: then a person decides.
   */
  private void goOn(Instant at, Task task) {
    if (!task.hasSpentItsLast()) {
      emit(new RunEvent.Released(at, List.of(task.id), false));
      return;
    }
    if (task.state == TaskState.PAUSED) {
      emitMove(at, task.id, TaskState.INTERRUPTED, Reason.INTERRUPTED, null, null);
    }
    String text =
        "Task "
            + task.id
            + " was interrupted in its last launch ("
            + task.launches
            + " of "
            + task.allowedAttempts()
            + "), and what it did is not known. Launch it once more?";
    question(
        at,
        state.require(task.id),
        Question.Kind.LAUNCH_AGAIN,
        text,
        Phase.ACT,
        Reason.INTERRUPTED);
  }

  // ------------------------------------------------------------------ failing

  private Move failure(Instant at, Task task, Trouble trouble, double draw) {
    boolean again =
        trouble.isRetryable()
            && task.attempt < task.allowedAttempts()
            && task.step.action().kind() != Action.Kind.APPROVAL;
    if (again) {
      Duration wait = task.step.backoff().after(task.attempt, draw);
      Instant until = at.plus(wait);
      if (trouble.until() != null && trouble.until().isAfter(until)) {
        until = trouble.until();
      }
      return move(task.id, TaskState.FAILED, trouble.reason(), trouble.message(), until);
    }
    boolean exhausted = trouble.isRetryable() && task.attempt > 1;
    Reason reason = exhausted ? Reason.ATTEMPTS_EXHAUSTED : trouble.reason();
    return move(task.id, TaskState.FAILED, reason, trouble.message(), null);
  }

  private Optional<Decision.Refused> afterFailure(Instant at, Move failure) {
    if (failure.until() == null) {
      return blockBehind(at, failure.task());
    }
    return failure.until().isAfter(at)
        ? Optional.empty()
        : emit(new RunEvent.Released(at, List.of(failure.task()), false));
  }

  /** Everything behind a blocked task is blocked already, so each task is walked to once. */
  private Optional<Decision.Refused> blockBehind(Instant at, TaskId failed) {
    List<Move> moves = new ArrayList<>();
    String why = "task " + failed + " failed";
    Set<TaskId> seen = new HashSet<>();
    Deque<TaskId> next = new ArrayDeque<>(state.require(failed).dependents);
    while (!next.isEmpty()) {
      Task task = state.require(next.poll());
      if (task.state == TaskState.PENDING && seen.add(task.id)) {
        moves.add(move(task.id, TaskState.BLOCKED, Reason.DEPENDENCY_FAILED, why, null));
        next.addAll(task.dependents);
      }
    }
    return moves.isEmpty() ? Optional.empty() : emit(new RunEvent.Moved(at, moves));
  }

  /** Let go of what only the retried task held back; each dependency is looked at once. */
  private Optional<Decision.Refused> unblockBehind(Instant at, TaskId retried) {
    List<Move> moves = new ArrayList<>();
    Set<TaskId> let = new HashSet<>();
    Map<TaskId, Integer> holding = new HashMap<>();
    Deque<TaskId> next = new ArrayDeque<>(List.of(retried));
    while (!next.isEmpty()) {
      TaskId one = next.poll();
      let.add(one);
      for (TaskId id : state.require(one).dependents) {
        Task task = state.require(id);
        if (!task.isBehindFailure()) {
          continue;
        }
        Integer before = holding.get(id);
        int now = before == null ? holdingBack(task, let) : before - 1;
        holding.put(id, now);
        if (now == 0) {
          moves.add(move(id, TaskState.PENDING, Reason.REQUEUED, null, null));
          next.add(id);
        }
      }
    }
    return moves.isEmpty() ? Optional.empty() : emit(new RunEvent.Moved(at, moves));
  }

  private int holdingBack(Task task, Set<TaskId> let) {
    int count = 0;
    for (TaskId id : task.dependencies) {
      Task on = state.require(id);
      if (!let.contains(id) && (on.hasFailedForGood() || on.isBehindFailure())) {
        count++;
      }
    }
    return count;
  }

  // ------------------------------------------------------------------ what follows by itself

  private void settle(Instant at) {
    for (TaskId id = state.pollFreed(); id != null; id = state.pollFreed()) {
      Task task = state.require(id);
      if (task.state == TaskState.PENDING && isToBeSkipped(task)) {
        String why = task.step.when() == null ? "everything it waits for was skipped" : null;
        emitMove(at, id, TaskState.SKIPPED, Reason.CONDITION_FALSE, why, null);
      }
    }
    settleStatus(at);
  }

  private boolean isToBeSkipped(Task task) {
    if (!task.dependencies.isEmpty() && task.skippedDependencies == task.dependencies.size()) {
      return true;
    }
    return task.step.when() instanceof Condition.Comparison comparison
        && !comparison.test(inlineText(task, comparison.name()));
  }

  /** A value that steers is always inline; a skipped step's output is the empty text. */
  private String inlineText(Task task, String name) {
    String ofItem = task.item == null ? null : task.item.values().get(name);
    if (ofItem != null) {
      return ofItem;
    }
    return state.value(name).orElse(null) instanceof Value.Inline inline
        ? Value.textOf(inline.json())
        : "";
  }

  private void settleStatus(Instant at) {
    RunStatus now = state.status();
    if (now.isTerminal()) {
      return;
    }
    if (!state.hasLiveTasks()) {
      boolean failed = state.hasFailedTasks();
      endRun(
          at,
          failed ? RunStatus.FAILED : RunStatus.SUCCEEDED,
          failed ? Reason.DEPENDENCY_FAILED : Reason.SUCCEEDED,
          failed ? "a task failed" : null,
          Actor.MAESTRO);
    } else if (now != RunStatus.PAUSED) {
      RunStatus next = state.hasMovingTasks() ? RunStatus.RUNNING : RunStatus.WAITING;
      if (next != now) {
        Reason reason = next == RunStatus.RUNNING ? Reason.RESUMED : Reason.of("waiting");
        emit(new RunEvent.RunMoved(at, next, reason, null, Actor.MAESTRO));
      }
    }
  }

  private void endRun(
      Instant at, RunStatus status, Reason reason, @Nullable String detail, Actor actor) {
    List<Move> moves = new ArrayList<>();
    for (Task task : state.tasks()) {
      boolean keeps =
          task.state.isFinal()
              || task.state == TaskState.FAILED && status != RunStatus.CANCELLED
              || task.hasFailedForGood()
              || task.state == TaskState.VERIFIED && !task.active;
      if (!keeps) {
        moves.add(move(task.id, TaskState.CANCELLED, Reason.CANCELLED, detail, null));
      }
    }
    if (!moves.isEmpty()) {
      emit(new RunEvent.Moved(at, moves));
    }
    emit(new RunEvent.RunMoved(at, status, reason, detail, actor));
  }

  // ------------------------------------------------------------------ emitting

  private Optional<Decision.Refused> question(
      Instant at, Task task, Question.Kind kind, String text, Phase next, Reason reason) {
    QuestionId id = QuestionId.of(task.id.flat() + "." + (state.questionCount() + 1));
    Move move = move(task.id, TaskState.AWAITING_APPROVAL, reason, text, null);
    return emit(new RunEvent.Asked(new Question(id, task.id, kind, text, at), next, List.of(move)));
  }

  private Move move(
      TaskId id, TaskState to, Reason reason, @Nullable String detail, @Nullable Instant until) {
    return new Move(id, state.require(id).state, to, reason, detail, until);
  }

  private static Move completion(TaskId id, Reason reason) {
    return new Move(id, TaskState.VERIFIED, TaskState.COMPLETED, reason, null, null);
  }

  private Optional<Decision.Refused> emitMove(
      Instant at,
      TaskId id,
      TaskState to,
      Reason reason,
      @Nullable String detail,
      @Nullable Instant until) {
    return emit(new RunEvent.Moved(at, List.of(move(id, to, reason, detail, until))));
  }

  private Optional<Decision.Refused> emit(RunEvent event) {
    state.apply(event);
    events.add(event);
    return Optional.empty();
  }

  private List<RunCommand> newlyOpen() {
    List<RunCommand> open = new ArrayList<>();
    trial
        .touched()
        .forEach(
            (id, before) -> {
              Optional<RunCommand> was = before.flatMap(RunState::openCommand);
              Optional<RunCommand> is = RunState.openCommand(state.require(id));
              if (!is.equals(was)) {
                is.ifPresent(open::add);
              }
            });
    return state.status().isTerminal() ? List.of() : open;
  }
}
