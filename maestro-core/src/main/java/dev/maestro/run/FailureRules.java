package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.policy.Policies;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a failed attempt leads to: another one, now or later, or an end of all that is behind. */
final class FailureRules {

  private final Draft draft;
  private final RunState state;

  FailureRules(Draft draft) {
    this.draft = draft;
    this.state = draft.state;
  }

  /** Record that an attempt failed, in the event made from the moves, and what follows. */
  Optional<Decision.Refused> fail(
      Task task, Trouble trouble, double draw, Function<List<Move>, RunEvent> event) {
    Policies policies = state.policies(task.id);
    if (!policies.isNone() && !task.isApproval() && !task.isContainer()) {
      return fail(task, trouble, draw, event, policies);
    }
    return failAlone(task, trouble, draw, event);
  }

  /** Policies may end the attempts before their number does, and have a person asked in the end. */
  private Optional<Decision.Refused> fail(
      Task task,
      Trouble trouble,
      double draw,
      Function<List<Move>, RunEvent> event,
      Policies policies) {
    AgainRules again = AgainRules.of(policies, task, triedNow(task, trouble, event));
    AgainRules.Stop stop = again.stop();
    draft.judged(task.id, task.attempt, task.phase, again.judgments());
    if (stop == null && mayTryAgain(task, trouble)) {
      return failAlone(task, trouble, draw, event);
    }
    Reason reason = stop == null ? endOf(task, trouble) : stop.reason();
    String why = stop == null ? "no attempt is left" : stop.why();
    String detail = stop == null ? trouble.message() : stop.why() + "; " + trouble.message();
    Move move = draft.move(task.id, TaskState.FAILED, reason, detail);
    draft.emit(event.apply(List.of(move)));
    return again.endsWithPerson()
        ? draft.ask(
            task, Question.Kind.POLICY, again.question(task, why), Phase.ACT, Reason.ESCALATED)
        : blockBehind(task.id);
  }

  private static Try triedNow(Task task, Trouble trouble, Function<List<Move>, RunEvent> event) {
    RunEvent ended = event.apply(List.of());
    if (ended instanceof RunEvent.Verified verified) {
      return Try.of(task, trouble, verified.changed(), verified.checkpoint());
    }
    Try failed = Try.of(task, trouble);
    return ended instanceof RunEvent.Acted acted
        ? failed.using(SpendFold.used(task.dealings.underWay, acted.usage()))
        : failed;
  }

  private static Reason endOf(Task task, Trouble trouble) {
    boolean exhausted = trouble.isRetryable() && task.attemptInGeneration() > 1;
    return exhausted ? Reason.ATTEMPTS_EXHAUSTED : trouble.reason();
  }

  private Optional<Decision.Refused> failAlone(
      Task task, Trouble trouble, double draw, Function<List<Move>, RunEvent> event) {
    if (mayTryAgain(task, trouble)) {
      Instant until = againAt(task, trouble, draw);
      draft.emit(event.apply(List.of(failure(task, trouble.reason(), trouble, until))));
      return until.isAfter(draft.at) ? Optional.empty() : draft.release(List.of(task.id), false);
    }
    draft.emit(event.apply(List.of(failure(task, endOf(task, trouble), trouble, null))));
    return blockBehind(task.id);
  }

  private static boolean mayTryAgain(Task task, Trouble trouble) {
    return trouble.isRetryable() && task.attempt < task.allowedAttempts() && !task.isApproval();
  }

  private Instant againAt(Task task, Trouble trouble, double draw) {
    Instant backedOff = draft.at.plus(task.step.backoff().after(task.attemptInGeneration(), draw));
    return trouble.waitsUntil(draft.at).filter(backedOff::isBefore).orElse(backedOff);
  }

  private Move failure(Task task, Reason reason, Trouble trouble, @Nullable Instant until) {
    return draft.move(task.id, TaskState.FAILED, reason, trouble.message(), until);
  }

  /** Everything behind a blocked task is blocked already, so each task is walked to once. */
  Optional<Decision.Refused> blockBehind(TaskId failed) {
    List<Move> moves = new ArrayList<>();
    String why = "task " + failed + " failed";
    Set<TaskId> seen = new HashSet<>();
    Deque<TaskId> next = new ArrayDeque<>(state.require(failed).dependents);
    while (!next.isEmpty()) {
      Task task = state.require(next.poll());
      if (task.state == TaskState.PENDING && seen.add(task.id)) {
        moves.add(draft.move(task.id, TaskState.BLOCKED, Reason.DEPENDENCY_FAILED, why));
        next.addAll(task.dependents);
      }
    }
    return draft.emitMoves(moves);
  }

  /** Let go of what only the retried task held back. */
  Optional<Decision.Refused> unblockBehind(TaskId retried) {
    return unblockBehind(List.of(retried));
  }

  /** Let go of what only these held back; each dependency is looked at once. */
  Optional<Decision.Refused> unblockBehind(List<TaskId> retried) {
    List<Move> moves = new ArrayList<>();
    Set<TaskId> starts = Set.copyOf(retried);
    Set<TaskId> let = new HashSet<>(starts);
    Map<TaskId, Integer> holding = new HashMap<>();
    Deque<TaskId> next = new ArrayDeque<>(retried);
    while (!next.isEmpty()) {
      TaskId one = next.poll();
      let.add(one);
      for (TaskId id : state.require(one).dependents) {
        Task task = state.require(id);
        if (!task.isBehindFailure()) {
          continue;
        }
        Integer before = holding.get(id);
        int fewer = starts.contains(one) ? 0 : 1;
        int now = before == null ? holdingBack(task, let) : before - fewer;
        holding.put(id, now);
        if (now == 0 && (before == null || before > 0)) {
          moves.add(draft.move(id, TaskState.PENDING, Reason.REQUEUED));
          next.add(id);
        }
      }
    }
    return draft.emitMoves(moves);
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
}
