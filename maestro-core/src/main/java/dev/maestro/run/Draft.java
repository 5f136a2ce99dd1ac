package dev.maestro.run;

import dev.maestro.approval.Answering;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A decision in the making: each event is tried out on the state as it is written.
 *
 * <p>Writing answers "no refusal", so that a rule can end with it.
 */
final class Draft {

  final RunState state;
  final Instant at;
  private final Trial trial;
  private List<RunEvent> events = List.of();
  // whether what follows tasks may have become other than it was
  private boolean changesAhead;

  /** Begin a decision on what happened {@code at} this time. */
  Draft(RunState state, Trial trial, Instant at) {
    this.state = state;
    this.trial = trial;
    this.at = at;
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  boolean changesAhead() {
    return changesAhead;
  }

  // ------------------------------------------------------------------ writing

  Optional<Decision.Refused> emit(RunEvent event) {
    RunEvent linked = ReceiptLinking.link(event, state);
    state.apply(linked);
    events = Few.plus(events, linked);
    changesAhead |= event instanceof RunEvent.Granted || event instanceof RunEvent.Redefined;
    return Optional.empty();
  }

  /** Record what rules have said before what it led to; nothing is no event. */
  Optional<Decision.Refused> judged(
      TaskId task, int attempt, Phase phase, List<Judgment> judgments) {
    return judgments.isEmpty()
        ? Optional.empty()
        : emit(new RunEvent.Judged(at, task, attempt, phase, judgments));
  }

  /** Move tasks; none is no event. */
  Optional<Decision.Refused> emitMoves(List<Move> moves) {
    return moves.isEmpty() ? Optional.empty() : emit(new RunEvent.Moved(at, moves));
  }

  Optional<Decision.Refused> emitMove(
      TaskId task, TaskState to, Reason reason, @Nullable String detail) {
    return emitMoves(List.of(move(task, to, reason, detail)));
  }

  Optional<Decision.Refused> release(List<TaskId> tasks, boolean again) {
    return emit(new RunEvent.Released(at, tasks, again));
  }

  /** Ask a person; after a yes the task goes on at {@code next}. */
  Optional<Decision.Refused> ask(
      Task task, Question.Kind kind, String text, Phase next, Reason reason) {
    return ask(task, kind, new Verdict.Ask(reason, text), next);
  }

  /** Ask a person what a rule wants to know; after a yes the task goes on at {@code next}. */
  Optional<Decision.Refused> ask(Task task, Question.Kind kind, Verdict.Ask ask, Phase next) {
    Move move = move(task.id, TaskState.AWAITING_APPROVAL, ask.reason(), ask.question());
    return emit(new RunEvent.Asked(question(task, kind, ask), next, List.of(move)));
  }

  /** Ask a person once more what nobody has answered in time. */
  Optional<Decision.Refused> askAgain(Task task, Lapsed lapsed) {
    Question before = lapsed.question();
    Verdict.Ask ask = new Verdict.Ask(Reason.RETRY, before.text(), before.shown());
    Move move = move(task.id, TaskState.AWAITING_APPROVAL, ask.reason(), ask.question());
    Question question = question(task, before.kind(), ask);
    return emit(
        new RunEvent.Asked(question, lapsed.next(), List.of(move), null, task.dealings.shownAhead));
  }

  /**
   * Ask a person what an approval step says.
   *
   * @param merge the hash of the merge that a yes is about, or null
   * @param ahead the hash of what follows a yes, or null
   */
  Optional<Decision.Refused> askToApprove(
      Task task, Verdict.Ask ask, Phase next, @Nullable String merge, @Nullable String ahead) {
    Move move = move(task.id, TaskState.AWAITING_APPROVAL, ask.reason(), ask.question());
    Question question = question(task, Question.Kind.APPROVAL, ask);
    return emit(new RunEvent.Asked(question, next, List.of(move), merge, ahead));
  }

  /** Ask a person about a task that an event before this one has moved to where it waits. */
  Optional<Decision.Refused> askWhereItIs(
      Task task, Question.Kind kind, Verdict.Ask ask, Phase next) {
    return emit(new RunEvent.Asked(question(task, kind, ask), next, List.of()));
  }

  /** Have a person look at work that an event before this one has moved to where it waits. */
  Optional<Decision.Refused> askToReview(Task task, PlanReview review) {
    return askToReview(question(task, Question.Kind.REVIEW, review.ask()), review.ahead());
  }

  /**
   * Have a person look once more, at what is to be asked instead; who has said yes says it anew.
   */
  Optional<Decision.Refused> askToReviewInstead(Question asked, Task task, PlanReview review) {
    Question question = question(task, Question.Kind.REVIEW, review.ask());
    return askToReview(question.inPlaceOf(asked), review.ahead());
  }

  private Optional<Decision.Refused> askToReview(Question question, @Nullable String ahead) {
    return emit(new RunEvent.Asked(question, Phase.INTEGRATE, List.of(), null, ahead));
  }

  private Question question(Task task, Question.Kind kind, Verdict.Ask ask) {
    Oversight oversight = state.policies(task.id).oversight();
    Answering answering =
        Answering.of(oversight.effectiveAsking(), at, state.started().terms().owner());
    return new Question(
        QuestionId.of(task.id.flat() + "." + (state.header.questionCount + 1)),
        task.id,
        kind,
        ask.question(),
        at,
        ask.shown() == null ? null : ask.shown().shortened(),
        oversight.risk(),
        task.dealings.withdrawn == null ? answering : answering.inPlaceOf(task.dealings.withdrawn));
  }

  // ------------------------------------------------------------------ moves

  Move move(TaskId task, TaskState to, Reason reason) {
    return move(task, to, reason, null);
  }

  Move move(TaskId task, TaskState to, Reason reason, @Nullable String detail) {
    return move(task, to, reason, detail, null);
  }

  Move move(
      TaskId task, TaskState to, Reason reason, @Nullable String detail, @Nullable Instant until) {
    return new Move(task, state.require(task).state, to, reason, detail, until);
  }

  /** {@return the move that follows, in the same event, the one to VERIFIED} */
  static Move completion(TaskId task, Reason reason) {
    return new Move(task, TaskState.VERIFIED, TaskState.COMPLETED, reason, null, null);
  }

  // ------------------------------------------------------------------ reading

  /** {@return a task that an event of this decision freed and that nobody has looked at yet} */
  @Nullable TaskId pollFreed() {
    return trial.pollFreed();
  }

  /** {@return a task in which an event of this decision changed something, not looked at yet} */
  @Nullable TaskId pollStirred() {
    return trial.pollStirred();
  }

  Decision.Accepted finished() {
    return new Decision.Accepted(events, trial.newlyOpen());
  }
}
