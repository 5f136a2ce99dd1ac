package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What people decide: answers, another try, a pause and its end. */
final class PeopleRules {

  private final Draft draft;
  private final RunState state;
  private final FailureRules failures;
  private final InterruptionRules interruptions;
  private final ReopenRules reopens;
  private final BudgetRules budgets;

  PeopleRules(
      Draft draft,
      FailureRules failures,
      InterruptionRules interruptions,
      ReopenRules reopens,
      BudgetRules budgets) {
    this.draft = draft;
    this.state = draft.state;
    this.failures = failures;
    this.interruptions = interruptions;
    this.reopens = reopens;
    this.budgets = budgets;
  }

  // ------------------------------------------------------------------ answers

  Optional<Decision.Refused> answer(RunInput.GiveAnswer i) {
    Optional<Question> asked = state.tasks.question(i.question());
    if (asked.isEmpty()) {
      return Refusal.unknownQuestion("nobody waits for an answer to " + i.question());
    }
    Task task = state.require(asked.get().task());
    if (!i.answer().isApproval()) {
      return reject(i, task);
    }
    return asked.get().kind() == Question.Kind.APPROVAL ? approve(i, task) : letGoOn(i, task);
  }

  private Optional<Decision.Refused> reject(RunInput.GiveAnswer i, Task task) {
    String why = i.answer().text().isBlank() ? "rejected by " + i.actor() : i.answer().text();
    emit(i, List.of(draft.move(task.id, TaskState.FAILED, Reason.REJECTED, why)));
    return failures.blockBehind(task.id);
  }

  private Optional<Decision.Refused> approve(RunInput.GiveAnswer i, Task task) {
    List<Move> moves = new ArrayList<>();
    moves.add(draft.move(task.id, TaskState.VERIFIED, Reason.APPROVED));
    if (!task.integrates()) {
      moves.add(Draft.completion(task.id, Reason.APPROVED));
    }
    return emit(i, moves);
  }

  private Optional<Decision.Refused> letGoOn(RunInput.GiveAnswer i, Task task) {
    emit(i, List.of());
    if (Reason.BUDGET_EXCEEDED.equals(task.reason)) {
      budgets.grantAsked(task, i.actor());
    }
    return draft.release(List.of(task.id), task.hasSpentItsLast());
  }

  private Optional<Decision.Refused> emit(RunInput.GiveAnswer i, List<Move> moves) {
    return draft.emit(new RunEvent.Answered(draft.at, i.question(), i.answer(), i.actor(), moves));
  }

  // ------------------------------------------------------------------ another try

  Optional<Decision.Refused> retry(RunInput.Retry i) {
    Task task = state.require(i.task());
    if (!task.isStuck()) {
      return Refusal.notAllowed(
          "task " + task.id + " is " + task.state + "; there is nothing to retry");
    }
    boolean hasNothingToGoOnFrom =
        task.state == TaskState.BLOCKED && !task.hasBegun() && task.phase == Phase.ACT;
    return reopens
        .mayGoOnAround(task)
        .or(
            () ->
                hasNothingToGoOnFrom
                    ? draft.emitMove(task.id, TaskState.PENDING, Reason.REQUEUED, null)
                    : reopens.retry(task));
  }

  // ------------------------------------------------------------------ pauses

  Optional<Decision.Refused> pause(Reason reason, String detail, Actor actor) {
    return state.status() == RunStatus.PAUSED
        ? Optional.empty()
        : draft.emit(new RunEvent.RunMoved(draft.at, RunStatus.PAUSED, reason, detail, actor));
  }

  Optional<Decision.Refused> resume(RunInput.Resume i) {
    if (state.status() != RunStatus.PAUSED) {
      return Refusal.notAllowed("run " + state.key() + " is " + state.status() + ", not PAUSED");
    }
    draft.emit(new RunEvent.RunMoved(draft.at, RunStatus.RUNNING, Reason.RESUMED, null, i.actor()));
    return interruptions.goOnWith(
        task -> task.state == TaskState.PAUSED && task.until == null && !task.released);
  }
}
