package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.approval.Shown;
import dev.maestro.pipeline.Condition;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What becomes of a task that is ready: a slot, a question, a skip or a block. */
final class DispatchRules {

  private final Draft draft;
  private final RunState state;

  DispatchRules(Draft draft) {
    this.draft = draft;
    this.state = draft.state;
  }

  Optional<Decision.Refused> dispatch(RunInput.Dispatch i) {
    Task task = state.require(i.task());
    if (task.phase == Phase.ACT && task.isApproval()) {
      return Refusal.notAllowed("task " + task.id + " asks a person and needs no slot");
    }
    if (task.isDelayAhead()) {
      return Refusal.notAllowed("task " + task.id + " has a delay to wait out first");
    }
    int attempt = task.nextAttempt();
    if (task.phase == Phase.ACT && attempt > task.allowedAttempts()) {
      return Refusal.notAllowed("task " + task.id + " has no attempts left");
    }
    TaskState to =
        switch (task.phase) {
          case ACT -> goesOnAs(task, attempt);
          case VERIFY -> TaskState.TESTING;
          case INTEGRATE -> TaskState.VERIFIED;
        };
    Reason reason = to == TaskState.RETRYING ? whyAgain(task) : Reason.DISPATCHED;
    List<Move> moves = task.state == to ? List.of() : List.of(draft.move(task.id, to, reason));
    return draft.emit(new RunEvent.Dispatched(draft.at, task.id, attempt, task.phase, moves));
  }

  private static Reason whyAgain(Task task) {
    return task.dealings.redo ? Reason.CHANGES_REQUESTED : Reason.RETRY;
  }

  private static TaskState goesOnAs(Task task, int attempt) {
    if (task.state == TaskState.RUNNING || task.state == TaskState.RETRYING) {
      // open, and about to make its output from what is inside
      return task.state;
    }
    boolean first = task.state == TaskState.PENDING;
    boolean again = task.state == TaskState.FAILED || attempt > task.dealings.attemptsBefore + 1;
    return first || !again ? TaskState.RUNNING : TaskState.RETRYING;
  }

  Optional<Decision.Refused> ask(RunInput.Ask i) {
    Task task = state.require(i.task());
    if (!task.isApproval() || task.phase != Phase.ACT || task.isDelayAhead()) {
      return Refusal.notAllowed("task " + task.id + " is no approval step whose time has come");
    }
    Phase next = task.integrates() ? Phase.INTEGRATE : Phase.ACT;
    WorkAhead ahead = WorkAhead.of(task, state);
    Shown shown = WorkBefore.of(task, i, ahead, state);
    String merge = task.integrates() && i.diff() != null ? i.diff().hash() : null;
    Verdict.Ask ask = new Verdict.Ask(Reason.DISPATCHED, i.text(), shown);
    return draft.askToApprove(task, ask, next, merge, ahead.hash());
  }

  /** What is withdrawn here is written again, with what follows a yes now. */
  void askAnewWhereOtherThanShown(Question question) {
    Task task = state.require(question.task());
    if (question.kind() == Question.Kind.APPROVAL
        && !Objects.equals(task.dealings.shownAhead, WorkAhead.of(task, state).hash())) {
      String why = "something else would follow a yes than was shown";
      draft.emitMove(task.id, TaskState.PENDING, Reason.REQUEUED, why);
    } else if (question.kind() == Question.Kind.REVIEW) {
      PlanReview instead = PlanReview.instead(question, task, state);
      if (instead != null) {
        draft.askToReviewInstead(question, task, instead);
      }
    }
  }

  Optional<Decision.Refused> block(RunInput.Block i) {
    Task task = state.require(i.task());
    if (task.state != TaskState.PENDING) {
      return Refusal.notAllowed("task " + task.id + " is " + task.state + ", not PENDING");
    }
    return draft.emitMove(task.id, TaskState.BLOCKED, i.refusal().reason(), i.refusal().why());
  }

  Optional<Decision.Refused> skip(RunInput.Skip i) {
    Task task = state.require(i.task());
    if (!(task.step.when() instanceof Condition.Predicate) || task.state != TaskState.PENDING) {
      return Refusal.notAllowed("task " + task.id + " has no predicate that could say no");
    }
    return skip(task.id, null);
  }

  Optional<Decision.Refused> delay(RunInput.Delay i) {
    Task task = state.require(i.task());
    if (!(task.step.when() instanceof Condition.Predicate) || !task.isDelayAhead()) {
      return Refusal.notAllowed("task " + task.id + " has no delay that a predicate held up");
    }
    return postpone(task);
  }

  /**
   * Skip a task that nothing holds back any more, if the rules alone can tell that it has to be, or
   * begin its delay, if it has one; a predicate is asked before that.
   */
  void takeUp(Task task) {
    if (task.state != TaskState.PENDING) {
      return;
    }
    if (isBehindSkippedOnly(task)) {
      skip(task.id, "everything it waits for was skipped");
    } else if (task.step.when() instanceof Condition.Comparison comparison
        && !comparison.test(textOf(task, comparison.name()))) {
      skip(task.id, null);
    } else if (task.isDelayAhead() && !(task.step.when() instanceof Condition.Predicate)) {
      postpone(task);
    }
  }

  private Optional<Decision.Refused> postpone(Task task) {
    Instant until = draft.at.plus(Objects.requireNonNull(task.step.delay()));
    return draft.emitMoves(
        List.of(draft.move(task.id, TaskState.PAUSED, Reason.DELAYED, null, until)));
  }

  private static boolean isBehindSkippedOnly(Task task) {
    return !task.dependencies.isEmpty() && task.skippedDependencies == task.dependencies.size();
  }

  private Optional<Decision.Refused> skip(TaskId task, @Nullable String why) {
    return draft.emitMove(task, TaskState.SKIPPED, Reason.CONDITION_FALSE, why);
  }

  /** A value that steers is always inline; a skipped step's output is the empty text. */
  private String textOf(Task task, String name) {
    String ofItem = task.item == null ? null : task.item.values().get(name);
    if (ofItem != null) {
      return ofItem;
    }
    return state.valueIn(state.scopeOf(task), name).orElse(null) instanceof Value.Inline inline
        ? Value.textOf(inline.json())
        : "";
  }
}
