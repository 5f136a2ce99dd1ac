package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.policy.EvalDecision;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The second phase of an attempt: how checking the work ended. */
final class VerifyRules {

  private final Draft draft;
  private final FailureRules failures;

  VerifyRules(Draft draft, FailureRules failures) {
    this.draft = draft;
    this.failures = failures;
  }

  /** An attempt is scored once: after a crash, what it scored before stands. */
  Optional<Decision.Refused> score(RunInput.Score i) {
    Task task = draft.state.require(i.task());
    EvalGate gate = draft.state.policies(task.id).evalGate();
    if (gate == null) {
      return Refusal.notAllowed("task " + task.id + " has no eval gate");
    }
    if (task.dealings.scored != null) {
      return Optional.empty();
    }
    EvalDecision decision = gate.judge(i.earlier(), i.score());
    return draft.emit(
        new RunEvent.Scored(
            draft.at,
            task.id,
            i.attempt(),
            draft.state.stepPath(task.id),
            i.scoredBy(),
            i.score(),
            decision));
  }

  Optional<Decision.Refused> ended(RunInput.VerifyEnded i) {
    Task task = draft.state.require(i.task());
    VerifyResult result = i.result();
    if (result.trouble() != null) {
      return failures.fail(task, result.trouble(), i.draw(), moves -> verified(i, moves));
    }
    if (result.ask() != null) {
      return draft.ask(task, Question.Kind.POLICY, result.ask(), Phase.VERIFY);
    }
    return result.review() == null ? accept(i, task) : review(i, task, result.review());
  }

  /** The work is there; it is accepted when somebody who has looked at it says so. */
  private Optional<Decision.Refused> review(RunInput.VerifyEnded i, Task task, Verdict.Ask review) {
    Reason reason = i.result().receipts().isEmpty() ? Reason.NO_GATES : Reason.GATES_PASSED;
    draft.emit(verified(i, List.of(draft.move(task.id, TaskState.READY_FOR_REVIEW, reason))));
    return draft.askToReview(task, PlanReview.of(review, task, draft.state));
  }

  private Optional<Decision.Refused> accept(RunInput.VerifyEnded i, Task task) {
    Reason reason = i.result().receipts().isEmpty() ? Reason.NO_GATES : Reason.GATES_PASSED;
    List<Move> moves = new ArrayList<>();
    moves.add(draft.move(task.id, TaskState.VERIFIED, reason));
    if (!task.integrates()) {
      PlannedTasks.add(draft, task);
      moves.add(Draft.completion(task.id, Reason.SUCCEEDED));
    }
    return draft.emit(verified(i, moves));
  }

  private RunEvent.Verified verified(RunInput.VerifyEnded i, List<Move> moves) {
    VerifyResult result = i.result();
    return new RunEvent.Verified(
        draft.at,
        i.task(),
        i.attempt(),
        result.checkpoint(),
        result.changed(),
        result.restored(),
        result.receipts(),
        result.trouble(),
        moves);
  }
}
