package dev.maestro.insight;

import dev.maestro.approval.Question;
import dev.maestro.insight.AttemptRecord.Standing;
import dev.maestro.insight.Spending.Attempt;
import dev.maestro.policy.Account;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Place;
import dev.maestro.policy.Until;
import dev.maestro.run.Move;
import dev.maestro.run.Phase;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunState;
import dev.maestro.run.Task;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a journal attempt by attempt. */
final class JournalReader {

  private static final Budget NO_BUDGET = Budget.ofTokens(Long.MAX_VALUE);

  private final RunState state;
  private final List<AttemptRecord> attempts = new ArrayList<>();
  private final Map<TaskId, AttemptRecord> latest = new HashMap<>();
  private final Map<Attempt, AttemptRecord> byName = new HashMap<>();
  private final Spending spending = new Spending();
  private final Grants grants = new Grants();

  JournalReader(RecordedRun run) {
    state = run.before();
    run.events().forEach(this::read);
    byName.forEach((name, one) -> one.usage = spending.of(name));
  }

  /** {@return every attempt, in the order in which they began} */
  List<AttemptRecord> attempts() {
    return attempts;
  }

  /** {@return a task as it was at the end of the journal, if there was one} */
  Optional<Task> task(TaskId id) {
    return state.task(id);
  }

  private void read(RunEvent event) {
    Standing standing = event instanceof RunEvent.Intent e ? standing(e.task()) : null;
    grants.take(state, event);
    state.apply(event);
    spending.take(state.key(), event);
    if (event instanceof RunEvent.Dispatched e && e.phase() == Phase.ACT) {
      begin(e);
    } else if (event instanceof RunEvent.Intent e) {
      intend(e, standing);
    } else if (event instanceof RunEvent.Judged e) {
      judge(e);
    } else if (event instanceof RunEvent.Acted e) {
      act(e);
    } else if (event instanceof RunEvent.Verified e) {
      verify(e);
    } else if (event instanceof RunEvent.Scored e) {
      require(e.task()).scored = e;
    } else if (event instanceof RunEvent.Merging e) {
      merge(e);
    } else if (event instanceof RunEvent.Asked e) {
      ask(e.question());
    } else if (event instanceof RunEvent.Moved e) {
      e.moves().forEach(this::move);
    }
  }

  private void begin(RunEvent.Dispatched event) {
    AttemptRecord before = latest.get(event.task());
    if (before == null || before.number != event.attempt()) {
      AttemptRecord begun =
          new AttemptRecord(
              state.task(event.task()).orElseThrow(),
              event.attempt(),
              state.policies(event.task()),
              state.pipeline().allSteps().stream().anyMatch(step -> !step.secrets().isEmpty()));
      attempts.add(begun);
      byName.put(new Attempt(state.key(), event.task(), event.attempt()), begun);
      latest.put(event.task(), begun);
    }
  }

  private void intend(RunEvent.Intent event, @Nullable Standing standing) {
    AttemptRecord attempt = require(event.task());
    boolean asked = attempt.intent == null && attempt.standing != null;
    boolean degraded = event.reserved() != null && event.reserved().degraded();
    attempt.intent = event;
    attempt.grantedByYes = asked && !degraded && !attempt.askedByOther;
    if (!asked) {
      attempt.standing = standing;
    }
  }

  /** The innermost budget around a task, or else what it alone has used up. */
  private Standing standing(TaskId id) {
    List<Account> accounts = state.accounts(id);
    if (accounts.isEmpty()) {
      Task task = state.task(id).orElseThrow();
      Account own = new Account("", NO_BUDGET, Cap.NONE, task.spent(), Amount.NONE);
      return new Standing(own, Cap.NONE, List.of(), 0, task.usage().presumed());
    }
    return standing(accounts.get(0));
  }

  private Standing standing(Account account) {
    int beside = 0;
    boolean owed = false;
    for (Task one : state.tasks()) {
      if (isPaidBy(account, one)) {
        beside += one.launchUnderWay().isPresent() ? 1 : 0;
        owed |= one.usage().presumed();
      }
    }
    String name = account.name();
    return new Standing(account, grants.byHand(name), grants.yeses(name), beside, owed);
  }

  /** An account is called after the task that it is of, or is inside of, unless it is the run's. */
  private boolean isPaidBy(Account account, Task payer) {
    if (account.name().equals("run " + state.key().run())) {
      return true;
    }
    Optional<Task> one = Optional.of(payer);
    while (one.isPresent()) {
      String task = "task " + one.get().id();
      if (account.name().equals(task) || account.name().equals("pipeline in " + task)) {
        return true;
      }
      one = one.get().parent().flatMap(state::task);
    }
    return false;
  }

  private void judge(RunEvent.Judged event) {
    AttemptRecord attempt = latest.get(event.task());
    if (attempt != null) {
      attempt.judgments.addAll(event.judgments());
      event.judgments().forEach(one -> judge(attempt, one));
    }
  }

  /** What lets no other attempt follow has stopped the one that it was asked after. */
  private static void judge(AttemptRecord attempt, Judgment judgment) {
    boolean retry = judgment.place() == Place.RETRY;
    if (judgment.answer() == Judgment.Answer.DEGRADE) {
      attempt.heldUp(Outcome.DEGRADED);
    } else if (!retry && judgment.answer() == Judgment.Answer.WAIT) {
      attempt.heldUp(Outcome.PAUSED);
    } else if (retry && judgment.answer() == Judgment.Answer.REFUSE) {
      attempt.heldUp(Outcome.BLOCKED);
    }
  }

  private void fail(AttemptRecord attempt) {
    Task task = state.task(attempt.id()).orElseThrow();
    attempt.failures = task.tries();
    attempt.last = task.state() == TaskState.FAILED && task.until().isEmpty();
  }

  private void act(RunEvent.Acted event) {
    AttemptRecord attempt = of(event.task(), event.attempt());
    if (attempt == null) {
      return;
    }
    attempt.acted = true;
    attempt.output = event.output();
    attempt.cut = event.degraded();
    if (event.trouble() != null && !event.moves().isEmpty()) {
      fail(attempt);
    }
    if (event.trouble() != null && isOfRules(event.trouble().reason())) {
      attempt.heldUp(Outcome.BLOCKED);
    }
  }

  private void verify(RunEvent.Verified event) {
    AttemptRecord attempt = require(event.task());
    attempt.verified = true;
    attempt.check = event;
    if (event.trouble() != null) {
      fail(attempt);
    }
    attempt.changed = event.changed();
    attempt.receipts = (int) event.receipts().stream().filter(receipt -> receipt.passed()).count();
    if (event.trouble() != null && isOfRules(event.trouble().reason())) {
      attempt.heldUp(Outcome.BLOCKED);
    }
  }

  /** What a person accepts, and is then merged, has had no attempt before. */
  private void merge(RunEvent.Merging event) {
    AttemptRecord attempt = latest.get(event.task());
    if (attempt != null) {
      attempt.merging = true;
    }
  }

  private void ask(Question question) {
    boolean byRule =
        question.kind() == Question.Kind.POLICY || question.kind() == Question.Kind.REVIEW;
    AttemptRecord attempt = latest.get(question.task());
    if (byRule && attempt != null) {
      attempt.heldUp(Outcome.ASKED);
      attempt.escalated |= attempt.last;
    }
    Optional<Standing> budget =
        RunState.budgetAskedAbout(question).flatMap(name -> standing(question.task(), name));
    if (budget.isPresent()) {
      grants.ask(question.id(), budget.get());
      if (attempt != null && attempt.intent == null) {
        noteBudgetAsking(attempt, budget.get());
      }
    }
  }

  /** {@return how the account of this name around a task stands} */
  private Optional<Standing> standing(TaskId id, String name) {
    return state.accounts(id).stream()
        .filter(account -> account.name().equals(name))
        .findFirst()
        .map(this::standing);
  }

  /** What another budget would have said then, it would have said before anybody answered. */
  private void noteBudgetAsking(AttemptRecord attempt, Standing asking) {
    Account innermost = state.accounts(attempt.id()).get(0);
    if (!asking.account().name().equals(innermost.name())) {
      attempt.askedByOther = true;
    } else if (attempt.standing == null) {
      attempt.standing = asking;
    }
  }

  private void move(Move move) {
    AttemptRecord attempt = latest.get(move.task());
    if (attempt == null || move.from() == TaskState.PENDING) {
      return;
    }
    if (move.to() == TaskState.PAUSED && move.until() != null) {
      attempt.heldUp(Outcome.PAUSED);
    } else if (isOfRules(move.reason())
        && (move.to() == TaskState.BLOCKED || move.to() == TaskState.FAILED)) {
      attempt.heldUp(Outcome.BLOCKED);
    }
  }

  /** {@return whether a rule of policy gives this reason when it stops something} */
  private static boolean isOfRules(Reason reason) {
    return reason.equals(Reason.GUARDRAIL_BLOCKED)
        || reason.equals(Reason.BUDGET_EXCEEDED)
        || reason.equals(Reason.ROLE_VIOLATION)
        || reason.equals(Reason.LOW_CONFIDENCE)
        || reason.equals(Until.NOT_DONE)
        || reason.equals(Reason.EVAL_BLOCKED)
        || LoopBreaker.opensWith(reason)
        // of breakers in runs of before they said which limit it was
        || reason.equals(Reason.CIRCUIT_OPEN);
  }

  private @Nullable AttemptRecord of(TaskId task, int number) {
    return byName.get(new Attempt(state.key(), task, number));
  }

  private AttemptRecord require(TaskId task) {
    AttemptRecord attempt = latest.get(task);
    if (attempt == null) {
      throw new IllegalArgumentException("the journal tells of no attempt of task " + task);
    }
    return attempt;
  }
}
