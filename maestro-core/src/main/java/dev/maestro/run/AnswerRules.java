package dev.maestro.run;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a person's answer to a question leads to, and what silence does. */
final class AnswerRules {

  private static final int MOST_NAMES = 5;

  private final Draft draft;
  private final RunState state;
  private final FailureRules failures;
  private final BudgetRules budgets;

  AnswerRules(Draft draft, FailureRules failures, BudgetRules budgets) {
    this.draft = draft;
    this.state = draft.state;
    this.failures = failures;
    this.budgets = budgets;
  }

  Optional<Decision.Refused> answer(RunInput.GiveAnswer i) {
    Optional<Question> asked = state.tasks.question(i.question());
    if (asked.isEmpty()) {
      return unknown(i.question());
    }
    return mayAnswer(i, asked.get()).or(() -> answer(i, asked.get()));
  }

  private Optional<Decision.Refused> answer(RunInput.GiveAnswer i, Question question) {
    Task task = state.require(question.task());
    return switch (i.answer().decision()) {
      case REJECT -> reject(i, task, Reason.REJECTED);
      case CHANGES -> change(i, question, task);
      case APPROVE -> approve(i, question, task);
    };
  }

  // ------------------------------------------------------------------ who may answer what

  private Optional<Decision.Refused> mayAnswer(RunInput.GiveAnswer i, Question question) {
    Answer answer = i.answer();
    if (question.answering().isExpired(state.answering(draft.at))) {
      return Refusal.stale(
          "nobody has answered " + question.id() + " until " + question.answering().expiresAt());
    }
    if (answer.hash() != null && !answer.hash().equals(question.hash())) {
      return Refusal.stale(
          "what question "
              + question.id()
              + " shows is not what this answer is about; look at it again");
    }
    if (!question.answering().admits(i.actor())) {
      return notTheirs(question, i.actor());
    }
    if (answer.isApproval() && isAboutOwnWork(i.actor(), question)) {
      return Refusal.notAllowed(
          i.actor()
              + " has made what question "
              + question.id()
              + " is about, and cannot approve it; somebody else has to");
    }
    boolean again = question.answering().approvedBy().contains(i.actor());
    return again && answer.isApproval()
        ? Refusal.notAllowed(
            i.actor()
                + " has said yes to "
                + question.id()
                + " already; it needs that of "
                + question.answering().quorum()
                + " people")
        : Optional.empty();
  }

  /** Who made it cannot approve it: M1-03. Whether more may be tried is another matter. */
  private boolean isAboutOwnWork(Actor actor, Question question) {
    Task task = state.require(question.task());
    return switch (question.kind()) {
      case APPROVAL -> isSomethingBeforeBy(actor, task);
      case REVIEW -> isBy(actor, task);
      case POLICY -> isPolicyAboutWorkBy(actor, task);
      case LAUNCH_AGAIN -> false;
    };
  }

  /** What is merged is its own work and what that is built on; a check is about its own alone. */
  private boolean isPolicyAboutWorkBy(Actor actor, Task task) {
    return switch (task.phase) {
      case ACT -> false;
      case VERIFY -> isBy(actor, task);
      case INTEGRATE -> isBy(actor, task) || isSomethingBeforeBy(actor, task);
    };
  }

  /** {@return whether this one made the work of the task, or of one inside it, however deep} */
  private boolean isBy(Actor actor, Task task) {
    boolean inside =
        task.inside != null
            && task.inside.children().stream().anyMatch(id -> isBy(actor, state.require(id)));
    return inside || task.dealings.makers.contains(actor);
  }

  /** {@return whether this one made something that the task is built on, however far before it} */
  private boolean isSomethingBeforeBy(Actor actor, Task task) {
    Set<TaskId> seen = new LinkedHashSet<>();
    Deque<Task> next = new ArrayDeque<>(List.of(task));
    while (!next.isEmpty()) {
      Task one = next.poll();
      for (TaskId id : one.dependencies) {
        if (seen.add(id)) {
          Task before = state.require(id);
          if (isBy(actor, before)) {
            return true;
          }
          next.add(before);
        }
      }
      // what is before a task is before all that is inside it
      if (one.parent != null && seen.add(one.parent)) {
        next.add(state.require(one.parent));
      }
    }
    return false;
  }

  private static Optional<Decision.Refused> notTheirs(Question question, Actor actor) {
    return Refusal.notAllowed(
        "question "
            + question.id()
            + " is answered by "
            + question.answering().owner()
            + "; "
            + actor
            + " may only look");
  }

  private Optional<Decision.Refused> unknown(QuestionId question) {
    List<String> open =
        state.tasks.questions().stream().map(one -> one.id().toString()).sorted().toList();
    return Refusal.unknownQuestion(
        "nobody waits for an answer to "
            + question
            + (open.isEmpty() ? "; no question is open" : "; open are " + firstOf(open)));
  }

  private static String firstOf(List<String> open) {
    String more = open.size() > MOST_NAMES ? " and " + (open.size() - MOST_NAMES) + " more" : "";
    return open.stream().limit(MOST_NAMES).collect(Collectors.joining(", ")) + more;
  }

  Optional<Decision.Refused> handOn(RunInput.HandOn i) {
    Optional<Question> asked = state.tasks.question(i.question());
    if (asked.isEmpty()) {
      return unknown(i.question());
    }
    return asked.get().answering().admits(i.actor())
        ? draft.emit(new RunEvent.HandedOn(draft.at, i.question(), i.to(), i.actor()))
        : notTheirs(asked.get(), i.actor());
  }

  // ------------------------------------------------------------------ no

  private Optional<Decision.Refused> reject(RunInput.GiveAnswer i, Task task, Reason reason) {
    String why = i.answer().text().isBlank() ? "rejected by " + i.actor() : i.answer().text();
    emit(i, List.of(draft.move(task.id, TaskState.FAILED, reason, why)));
    return failures.blockBehind(task.id);
  }

  /** Silence is no, but not of people who have stopped the run. */
  void expire() {
    if (state.isPaused()) {
      return;
    }
    for (Question question : state.tasks.expiredBy(draft.at)) {
      Answer silence = Answer.reject("nobody answered until " + question.answering().expiresAt());
      reject(
          new RunInput.GiveAnswer(draft.at, question.id(), silence, Actor.MAESTRO),
          state.require(question.task()),
          Reason.EXPIRED);
    }
  }

  // ------------------------------------------------------------------ yes

  private Optional<Decision.Refused> approve(RunInput.GiveAnswer i, Question question, Task task) {
    if (!question.answering().needsOneMore()) {
      return emit(i, List.of());
    }
    return switch (question.kind()) {
      case APPROVAL, REVIEW -> accept(i, task);
      case LAUNCH_AGAIN, POLICY -> letGoOn(i, question, task);
    };
  }

  private Optional<Decision.Refused> accept(RunInput.GiveAnswer i, Task task) {
    List<Move> moves = new ArrayList<>();
    moves.add(draft.move(task.id, TaskState.VERIFIED, Reason.APPROVED));
    if (!task.integrates()) {
      moves.add(Draft.completion(task.id, Reason.APPROVED));
    }
    return emit(i, moves);
  }

  private Optional<Decision.Refused> letGoOn(RunInput.GiveAnswer i, Question question, Task task) {
    emit(i, List.of());
    if (i.answer().isApproval() && Reason.BUDGET_EXCEEDED.equals(task.reason)) {
      budgets.grantAsked(question, task, i.actor());
    }
    return draft.release(List.of(task.id), state.require(task.id).hasSpentItsLast());
  }

  // ------------------------------------------------------------------ not like this

  private Optional<Decision.Refused> change(RunInput.GiveAnswer i, Question question, Task task) {
    int bytes = i.answer().text().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > Value.MAX_INLINE_BYTES) {
      return Refusal.notAllowed(
          "what is to be different is said in at most " + Value.MAX_INLINE_BYTES + " bytes");
    }
    if (Reason.BUDGET_EXCEEDED.equals(task.reason)) {
      return Refusal.notAllowed(
          "question " + question.id() + " is whether there may be more; answer yes or no");
    }
    if (task.isOpen()) {
      return Refusal.notAllowed(
          "task "
              + task.id
              + " has others inside, which cannot be taken back; rework what is inside");
    }
    return task.isApproval() ? changeWhatIsBefore(i, task) : letGoOn(i, question, task);
  }

  /** An approval step has no work of its own: what it approves is done again. */
  private Optional<Decision.Refused> changeWhatIsBefore(RunInput.GiveAnswer i, Task approval) {
    List<TaskId> before = workBefore(approval);
    if (before.isEmpty()) {
      return Refusal.notAllowed(
          "nothing before task " + approval.id + " can be done otherwise; answer yes or no");
    }
    emit(i, List.of());
    Optional<Decision.Refused> refusal = Optional.empty();
    for (TaskId id : before) {
      if (refusal.isEmpty() && state.require(id).hasBegun()) {
        refusal = rework(i, id);
      }
    }
    return refusal;
  }

  private Optional<Decision.Refused> rework(RunInput.GiveAnswer i, TaskId id) {
    ReopenRules reopens = new ReopenRules(draft, failures);
    return new ReworkRules(draft, failures, reopens)
        .rework(new RunInput.Rework(draft.at, id, i.answer().text(), i.actor()));
  }

  /** {@return what the task waited for and what has done some work, seen through what has none} */
  private List<TaskId> workBefore(Task approval) {
    Set<TaskId> seen = new LinkedHashSet<>();
    List<TaskId> found = new ArrayList<>();
    Deque<TaskId> next = new ArrayDeque<>(approval.dependencies);
    while (!next.isEmpty()) {
      Task task = state.require(next.poll());
      if (!seen.add(task.id) || task.state == TaskState.SKIPPED) {
        continue;
      } else if (task.hasBegun() && !task.isApproval()) {
        found.add(task.id);
      } else {
        next.addAll(task.dependencies);
      }
    }
    return found;
  }

  private Optional<Decision.Refused> emit(RunInput.GiveAnswer i, List<Move> moves) {
    return draft.emit(new RunEvent.Answered(draft.at, i.question(), i.answer(), i.actor(), moves));
  }
}
