package dev.maestro.run;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Answering;
import dev.maestro.approval.Question;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Account;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Budget.Breach;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.Reservation;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Unit;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether there is money for a launch, and what follows when there is not.
 *
 * <p>A launch is decided on together with its INTENT, so that launches side by side share what is
 * left, and nothing is put aside that is not recorded.
 */
final class BudgetRules {

  /** What the rule is called in the chain of a run. */
  static final String RULE = "budget";

  /** How long a task waits for what other runs have put aside, unless it is told before. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  private static final String HAS_USED_UP = " has used up ";
  private static final String CONTINUE = " Continue with another ";

  private static final List<Breach> ABORT_ONLY = List.of(Breach.ABORT);

  private final Draft draft;
  private final RunState state;
  private final FailureRules failures;

  BudgetRules(Draft draft, FailureRules failures) {
    this.draft = draft;
    this.state = draft.state;
    this.failures = failures;
  }

  // ------------------------------------------------------------------ before a launch

  /** Put aside what the launch may use up, and record its intent; or see what is to be done. */
  Optional<Decision.Refused> intend(RunInput.Intend i, Task task) {
    Accounts accounts = Accounts.of(state, task, i.above());
    if (accounts.isEmpty()) {
      return judged(i, List.of()).or(() -> draft.emit(i.intent().reserving(null)));
    }
    if (next(task.dealings.capped, accounts, i.degraded()) instanceof Reservation.Made made) {
      return putAside(i, accounts, made);
    }
    // what to wait for is a whole launch, as for those that among() looks at: where the rest that
    // it was to go on with is gone, to wait for that rest would be in vain
    return tooLittle(
        i, task, accounts, (Reservation.Short) next(task.dealings.capped, accounts, false));
  }

  private Optional<Decision.Refused> putAside(
      RunInput.Intend i, Accounts accounts, Reservation.Made made) {
    Verdict verdict =
        i.degraded()
            ? new Verdict.Degrade(Reason.DEGRADED, "goes on with " + made.cap())
            : Verdict.proceed();
    Account tightest = accounts.all().get(0);
    Judgment judgment = Judgment.of(RULE, Place.BUDGET, verdict, numbers(tightest, made));
    RunEvent.Intent.Reserved reserved =
        new RunEvent.Intent.Reserved(made.cap(), accounts.namesAbove(), i.degraded());
    return judged(i, List.of(i.degraded() ? judgment : judgment.detail(made.cap().toString())))
        .or(() -> draft.emit(i.intent().reserving(reserved)));
  }

  private Optional<Decision.Refused> tooLittle(
      RunInput.Intend i, Task task, Accounts accounts, Reservation.Short few) {
    Accounts.Level level = accounts.levelOf(few.account());
    if (few.others()) {
      Instant again = lookAgain(accounts, level, draft.at);
      return judged(i, List.of(judgment(few, Judgment.Answer.WAIT, Reason.WAITING)))
          .or(() -> pause(task, Reason.WAITING, few.why(), again));
    } else if (level.inRun() && few.account().budget().does(Breach.ASK)) {
      return judged(i, List.of(judgment(few, Judgment.Answer.ASK, Reason.BUDGET_EXCEEDED)))
          .or(() -> ask(task, few));
    } else if (few.account().budget().does(Breach.DEGRADE) && mayDegrade(i, accounts)) {
      return Refusal.degrade(few.why());
    } else if (few.account().budget().does(Breach.PAUSE)) {
      Instant until = level.above() == null ? null : level.above().until();
      return judged(i, List.of(judgment(few, Judgment.Answer.WAIT, Reason.BUDGET_EXCEEDED)))
          .or(() -> pause(task, Reason.BUDGET_EXCEEDED, few.why(), until));
    }
    Instant settles = settles(state, task.dealings.capped, accounts, draft.at);
    if (settles != null) {
      return judged(i, List.of(judgment(few, Judgment.Answer.WAIT, Reason.WAITING)))
          .or(() -> pause(task, Reason.WAITING, few.why(), settles));
    }
    return judged(i, List.of(judgment(few, Judgment.Answer.REFUSE, Reason.BUDGET_EXCEEDED)))
        .or(() -> draft.emitMove(task.id, TaskState.FAILED, Reason.BUDGET_EXCEEDED, few.why()))
        .or(() -> failures.blockBehind(task.id));
  }

  /**
   * {@return until when to wait before a task fails for good: what is lacking is only presumed of
   * launches that were cut off a moment ago, and may turn out to be less; null where it is certain,
   * or nobody will ever tell}
   */
  private static @Nullable Instant settles(
      RunState state, @Nullable Capped capped, Accounts accounts, Instant now) {
    Accounts atBest = accounts.atBest(state, now);
    boolean isCertain =
        atBest.equals(accounts)
            || next(capped, atBest, false) instanceof Reservation.Short few && !few.others();
    return isCertain
        ? null
        : Stream.concat(settle(state, now), accounts.settleAbove())
            .max(Comparator.naturalOrder())
            .orElse(null);
  }

  private static Stream<Instant> settle(RunState state, Instant now) {
    return state.tasks().stream()
        .flatMap(task -> task.dealings.owed.stream())
        .filter(one -> one.mayComeIn(now))
        .flatMap(one -> Stream.ofNullable(one.until()));
  }

  /**
   * {@return when who waits for what others have put aside looks again; null where the run sees by
   * itself when there is enough}
   */
  private static @Nullable Instant lookAgain(Accounts accounts, Accounts.Level level, Instant now) {
    return level.inRun() && !accounts.declaresLessThanInRun() ? null : now.plus(LOOK_AGAIN);
  }

  private static boolean mayDegrade(RunInput.Intend i, Accounts accounts) {
    return !i.degraded()
        && Reservation.of(accounts.all(), accounts.declared(), true) instanceof Reservation.Made;
  }

  private Optional<Decision.Refused> pause(
      Task task, Reason reason, String why, @Nullable Instant until) {
    return draft.emitMoves(List.of(draft.move(task.id, TaskState.PAUSED, reason, why, until)));
  }

  private Optional<Decision.Refused> ask(Task task, Reservation.Short few) {
    String text =
        "%s%s of %s %s, and task %s asks for %s.%s"
            .formatted(
                beginning(few.account()),
                few.spent().toPlainString(),
                few.limit().toPlainString(),
                few.unit().word(),
                task.id,
                few.asked().signum() == 0 ? "more" : few.asked().toPlainString(),
                end(few.account()));
    return draft.ask(task, Question.Kind.POLICY, text, Phase.ACT, Reason.BUDGET_EXCEEDED);
  }

  private static String beginning(Account account) {
    return account.name() + HAS_USED_UP;
  }

  private static String end(Account account) {
    return CONTINUE + account.budget().limit() + "?";
  }

  /** An application's own rule may ask for the same reason, and only people answer that. */
  private static boolean isAboutABudget(Question question) {
    return question.kind() == Question.Kind.POLICY
        && question.shown() == null
        && question.text().contains(HAS_USED_UP)
        && question.text().contains(CONTINUE);
  }

  /** {@return the name of the account that the question is about; empty when it is about none} */
  static Optional<String> askedAbout(Question question) {
    return isAboutABudget(question)
        ? Optional.of(question.text().substring(0, question.text().indexOf(HAS_USED_UP)))
        : Optional.empty();
  }

  private static boolean isAbout(Question question, Account account) {
    return question.text().startsWith(beginning(account)) && question.text().endsWith(end(account));
  }

  private Optional<Decision.Refused> judged(RunInput.Intend i, List<Judgment> more) {
    List<Judgment> all = Fold.concat(i.judgments(), more);
    return draft.judged(i.intent().task(), i.intent().attempt(), Phase.ACT, all);
  }

  // ------------------------------------------------------------------ after a launch

  /**
   * {@return what is said of a launch that used up more than was put aside for it, and of work that
   * somebody has brought and that used up more than there was}
   */
  List<Judgment> overrun(Task task, @Nullable Usage told, List<BudgetAbove> above) {
    RunEvent.Intent launch = task.dealings.underWay;
    if (launch == null) {
      return told == null || task.dealings.delivered == null
          ? List.of()
          : overrunByBrought(task, told, above);
    }
    if (launch.reserved() == null || told == null) {
      return List.of();
    }
    Amount used = SpendFold.amount(task, launch, told, draft.at);
    for (Unit unit : Unit.values()) {
      Optional<BigDecimal> cap = unit.of(launch.reserved().cap());
      if (cap.isPresent() && unit.of(used).compareTo(cap.get()) > 0) {
        String what = "overrun: used %s of %s %s put aside";
        String detail =
            what.formatted(unit.of(used).toPlainString(), cap.get().toPlainString(), unit.word());
        Numbers numbers =
            Numbers.NONE
                .with("used", unit.of(used))
                .with("reserved", cap.get())
                .with("overrun", unit.of(used).subtract(cap.get()));
        return List.of(overrun(detail, numbers));
      }
    }
    return List.of();
  }

  private static Judgment overrun(String detail, Numbers numbers) {
    return new Judgment(
        RULE, Place.BUDGET, Judgment.Answer.PROCEED, Reason.BUDGET_EXCEEDED, detail, numbers);
  }

  private List<Judgment> overrunByBrought(Task task, Usage told, List<BudgetAbove> above) {
    Amount used = SpendFold.ofOthers(told);
    List<Judgment> all = new ArrayList<>();
    for (Account account : Accounts.of(state, task, above).settled(Amount.NONE, used).all()) {
      overrunByBrought(account, used).ifPresent(all::add);
    }
    return all;
  }

  private static Optional<Judgment> overrunByBrought(Account account, Amount used) {
    for (Unit unit : Unit.values()) {
      Optional<BigDecimal> limit = unit.of(account.limit());
      BigDecimal spent = unit.of(account.spent());
      if (limit.isPresent() && unit.of(used).signum() > 0 && spent.compareTo(limit.get()) > 0) {
        String what = "overrun: %s may use up %s %s, and has used up %s with what was brought";
        String most = limit.get().toPlainString();
        String detail = what.formatted(account.name(), most, unit.word(), spent.toPlainString());
        Numbers numbers =
            Numbers.NONE
                .with("used", unit.of(used))
                .with("limit", limit.get())
                .with("spent", spent)
                .with("overrun", spent.subtract(limit.get()));
        return Optional.of(overrun(detail, numbers));
      }
    }
    return Optional.empty();
  }

  /**
   * {@return why work that is done counts as failed: it went over a budget that has no other way
   * out}
   */
  Optional<Trouble> abortedBy(
      Task task, @Nullable Usage told, boolean degraded, List<BudgetAbove> above) {
    RunEvent.Intent launch = task.dealings.underWay;
    if (launch == null || launch.reserved() == null || told == null || degraded) {
      return Optional.empty();
    }
    Accounts after = accountsAfter(state, task, launch, told, above, draft.at);
    return after.atBest(state, draft.at).all().stream()
        .filter(account -> account.isOverrun() && account.budget().onBreach().equals(ABORT_ONLY))
        .findFirst()
        .map(
            account ->
                new Trouble(
                    Reason.BUDGET_EXCEEDED,
                    ErrorClass.PERMANENT,
                    account.name()
                        + " may use up "
                        + account.limit()
                        + " and has used up more: its last launch went over what was put aside",
                    "",
                    null));
  }

  /** {@return the budgets that were to pay for the launch, when it is settled} */
  private static Accounts accountsAfter(
      RunState state,
      Task task,
      RunEvent.Intent launch,
      @Nullable Usage told,
      List<BudgetAbove> above,
      Instant at) {
    Amount used = SpendFold.amount(task, launch, SpendFold.used(launch, told), at);
    RunEvent.Intent.Reserved put = launch.reserved();
    List<String> names = put == null ? List.of() : put.accounts();
    Amount reserved = put == null ? Amount.NONE : put.cap().amount();
    List<BudgetAbove> paying = above.stream().filter(one -> names.contains(one.name())).toList();
    return Accounts.of(state, task, paying).settled(reserved, used);
  }

  /**
   * A budget that has too little for another launch.
   *
   * @param few what is lacking
   * @param level where
   * @param settles until when it may turn out that nothing is lacking, or null
   * @param again when to look again, where it waits for others; null where the run sees by itself
   *     when there is enough
   */
  record Lack(
      Reservation.Short few,
      Accounts.Level level,
      @Nullable Instant settles,
      @Nullable Instant again) {

    /** {@return whether it is enough as soon as others give back what they have put aside} */
    boolean waits() {
      return few.others();
    }

    /** {@return whether a person is asked; those above the run ask nobody} */
    boolean asks() {
      return !waits() && level.inRun() && few.account().budget().does(Breach.ASK);
    }

    /** {@return whether the task then pauses with its work, until there is more} */
    boolean pauses() {
      return waits() || !asks() && (mayPause() || settles != null);
    }

    private boolean mayPause() {
      return few.account().budget().does(Breach.PAUSE);
    }

    Reason reason() {
      boolean settlesFirst = settles != null && !asks() && !mayPause();
      return waits() || settlesFirst ? Reason.WAITING : Reason.BUDGET_EXCEEDED;
    }

    /** {@return when to look again, or when it begins anew; null when neither is known} */
    @Nullable Instant until() {
      if (waits()) {
        return again;
      }
      if (reason().equals(Reason.WAITING)) {
        return settles;
      }
      return level.above() == null ? null : level.above().until();
    }
  }

  /**
   * {@return what there is too little of for another launch, when one was ended because it had used
   * up its cap; empty when another one may try}
   */
  static Optional<Lack> outOf(
      RunState state, Task task, ActResult.Failed failed, List<BudgetAbove> above, Instant at) {
    RunEvent.Intent launch = task.dealings.underWay;
    if (launch == null) {
      return Optional.empty();
    }
    Capped capped = capped(task, launch, failed, at);
    Accounts after = accountsAfter(state, task, launch, failed.usage(), above, at);
    boolean waits = capped != null && capped.hadAllThatWasLeft(after.declared());
    if (!(next(capped, after, false) instanceof Reservation.Short few) || few.others() && !waits) {
      return Optional.empty();
    }
    Accounts.Level level = after.levelOf(few.account());
    return Optional.of(
        new Lack(few, level, settles(state, capped, after, at), lookAgain(after, level, at)));
  }

  /**
   * {@return whether a launch that was ended at its cap is followed by another at once: there is
   * more by now of what it had all of, because that was granted, others have given it back, or
   * another day has begun} One that used up all that any attempt may has no more to come.
   */
  static boolean hasMoreSince(
      RunState state, Task task, ActResult.Failed failed, List<BudgetAbove> above, Instant at) {
    RunEvent.Intent launch = task.dealings.underWay;
    Capped capped = launch == null ? null : capped(task, launch, failed, at);
    if (launch == null || capped == null) {
      return false;
    }
    Accounts after = accountsAfter(state, task, launch, failed.usage(), above, at);
    return capped.hadAllThatWasLeft(after.declared())
        && next(capped, after, false) instanceof Reservation.Made;
  }

  private static @Nullable Capped capped(
      Task task, RunEvent.Intent launch, ActResult.Failed failed, Instant at) {
    Usage used = SpendFold.used(launch, failed.usage());
    return SpendFold.capped(launch, SpendFold.amount(task, launch, used, at), failed.trouble());
  }

  /**
   * {@return what another launch may use up, or what there is too little of: also where something
   * is left, but no more than the launch before it could not go on with}
   */
  private static Reservation next(@Nullable Capped capped, Accounts accounts, boolean degraded) {
    Cap declared = accounts.declared();
    Reservation asked = Reservation.of(accounts.all(), declared, degraded);
    if (capped == null || degraded || !(asked instanceof Reservation.Made made)) {
      return asked;
    }
    boolean isTheRest =
        capped.hadAllThatWasLeft(declared) && !capped.isLessThan(made.cap(), declared);
    return isTheRest ? capped.lack(accounts.all(), declared) : asked;
  }

  /** Ask a person about a task that has just failed for want of a budget, if that is to be. */
  Optional<Decision.Refused> askAfter(Task task, Lack lack) {
    return lack.asks() ? ask(task, lack.few()) : Optional.empty();
  }

  // ------------------------------------------------------------------ more is granted

  /**
   * Grant what a question about a budget has asked for: the limit of that budget once more, and of
   * no other, unless somebody has granted enough since.
   */
  void grantAsked(Question question, Task task, Actor actor) {
    Accounts accounts = Accounts.of(state, task);
    for (Accounts.Level level : accounts.levels()) {
      Account account = level.account();
      if (isAbout(question, account) && isUsedUp(account, accounts, task)) {
        Cap more = account.budget().limit();
        draft.emit(new RunEvent.Granted(draft.at, level.task(), level.inside(), more, actor));
        return;
      }
    }
  }

  private static boolean isUsedUp(Account account, Accounts accounts, Task task) {
    Reservation alone = Reservation.of(List.of(account), accounts.declared(), false);
    return alone instanceof Reservation.Short few && !few.others()
        || next(task.dealings.capped, accounts, false) instanceof Reservation.Short lack
            && !lack.others()
            && lack.account().equals(account);
  }

  Optional<Decision.Refused> grant(RunInput.Grant i) {
    Optional<Budget> ofStep = ofStep(i);
    boolean inside = i.inside() || i.task() != null && ofStep.isEmpty();
    Optional<Budget> budget = inside ? ofPipelineIn(i.task()) : ofStep;
    if (budget.isEmpty()) {
      return Refusal.notAllowed(whose(i) + " has no budget that could be added to");
    }
    List<Unit> limited = limited(budget.get());
    if (limited.stream().noneMatch(unit -> unit.of(i.more()).isPresent())) {
      String what = limited.stream().map(Unit::word).collect(Collectors.joining(", "));
      return Refusal.notAllowed(
          "%s is limited in %s; to grant it %s adds to nothing"
              .formatted(whose(i), what.isEmpty() ? "nothing as a whole" : what, i.more()));
    }
    return draft
        .emit(new RunEvent.Granted(draft.at, i.task(), inside, i.more(), i.actor()))
        .or(() -> answerWhatFits(i.actor()))
        .or(() -> letTry(fitting(standStill())));
  }

  /**
   * A question whether there may be more is answered when there is enough: yes, by this one, who
   * may be the one yes of several that it needs. Whoever may not answer it, or has done so, has
   * granted more and no answer.
   */
  private Optional<Decision.Refused> answerWhatFits(Actor actor) {
    for (Question question : whatFits()) {
      Answering asked = question.answering();
      boolean counts =
          asked.admits(actor)
              && !asked.approvedBy().contains(actor)
              && !asked.isExpired(state.answering(draft.at));
      if (counts) {
        yes(question, actor, asked.needsOneMore());
      }
    }
    return Optional.empty();
  }

  /** Nobody has to say whether there may be more where there is enough as it is. */
  private void dropWhatFits() {
    whatFits().forEach(question -> yes(question, Actor.MAESTRO, true));
  }

  private List<Question> whatFits() {
    return state.tasks.questions().stream()
        .filter(BudgetRules::isAboutABudget)
        .filter(question -> fits(state.require(question.task())))
        .toList();
  }

  private boolean fits(Task task) {
    return Reason.BUDGET_EXCEEDED.equals(task.reason) && !fitting(List.of(task)).isEmpty();
  }

  private void yes(Question question, Actor actor, boolean isLast) {
    draft.emit(new RunEvent.Answered(draft.at, question.id(), Answer.approve(), actor, List.of()));
    if (isLast) {
      Task task = state.require(question.task());
      draft.release(List.of(task.id), task.hasSpentItsLast());
    }
  }

  /** The budgets are others now, or none. */
  Optional<Decision.Refused> redefined() {
    dropWhatFits();
    return madeRoom(List.of());
  }

  private List<Task> standStill() {
    List<Task> all = new ArrayList<>(state.tasks.waitingForRoom());
    all.addAll(state.tasks.outOfBudget());
    return all;
  }

  private String whose(RunInput.Grant i) {
    if (i.task() == null) {
      return "run " + state.key();
    }
    return (i.inside() ? "the pipeline in task " : "task ") + i.task();
  }

  /** {@return the budget of the run where no task is named, and of the task's step where one is} */
  private Optional<Budget> ofStep(RunInput.Grant i) {
    return i.task() == null
        ? state.pipeline().policies().limits()
        : state.require(i.task()).step.policies().limits();
  }

  private Optional<Budget> ofPipelineIn(@Nullable TaskId task) {
    Optional<Pipeline> inside = task == null ? Optional.empty() : state.require(task).step.inside();
    return inside.flatMap(pipeline -> pipeline.policies().limits());
  }

  private static List<Unit> limited(Budget budget) {
    return Stream.of(Unit.values()).filter(unit -> unit.of(budget.limit()).isPresent()).toList();
  }

  /** Let those try again that stand still for want of a budget. */
  Optional<Decision.Refused> letTry(List<Task> tasks) {
    List<TaskId> again = new ArrayList<>();
    List<TaskId> once = new ArrayList<>();
    tasks.forEach(task -> (task.hasSpentItsLast() ? again : once).add(task.id));
    if (!again.isEmpty()) {
      draft.release(again, true);
    }
    return once.isEmpty() ? Optional.empty() : draft.release(once, false);
  }

  // ------------------------------------------------------------------ room

  /**
   * What others had put aside is free: let those try that it is enough for, the urgent first. Who
   * waits for room above the run has a moment until which it waits, and learns of it otherwise.
   */
  void shareRoom() {
    List<Task> waiting =
        state.tasks.waitingForRoom().stream().filter(task -> task.until == null).toList();
    letTry(among(waiting, List.of()));
  }

  /**
   * A launch that was cut off has used up less than was presumed of it: whoever stands still for
   * that, or is asked about it, goes on where there is enough, and so does who waits to see it.
   */
  void shareWhatWasPresumed() {
    dropWhatFits();
    List<Task> all = standStill();
    letTry(
        among(
            all.stream().filter(task -> task.until == null || task.waitsForRoom()).toList(),
            List.of()));
  }

  /** There may be more above the run, or around a task: let those try that stand still for it. */
  Optional<Decision.Refused> madeRoom(List<BudgetAbove> above) {
    return letTry(among(standStill(), above));
  }

  /**
   * {@return those that there is enough for, when each gets its part in turn, and those that wait
   * in vain for what others have put aside, and learn so}
   */
  private List<Task> among(List<Task> tasks, List<BudgetAbove> above) {
    Map<String, Amount> promised = new HashMap<>();
    List<Task> let = new ArrayList<>();
    for (Task task : tasks) {
      Accounts accounts = Accounts.of(state, task, above).reserving(promised);
      Reservation asked = next(task.dealings.capped, accounts, false);
      if (asked instanceof Reservation.Made made) {
        accounts.names().forEach(name -> promised.merge(name, made.amount(), Amount::plus));
        let.add(task);
      } else if (task.waitsForRoom() && !((Reservation.Short) asked).others()) {
        let.add(task);
      }
    }
    return let;
  }

  /**
   * {@return the names of those above the run that have too little for another launch of the task;
   * all of them where none has, for others may be quicker}
   */
  static Set<String> waitsFor(RunState state, Task task, List<BudgetAbove> above) {
    Cap declared = Accounts.of(state, task, above).declared();
    Set<String> lacking = new LinkedHashSet<>();
    Set<String> all = new LinkedHashSet<>();
    for (BudgetAbove one : above) {
      all.add(one.name());
      if (Reservation.of(List.of(one.account()), declared, false) instanceof Reservation.Short) {
        lacking.add(one.name());
      }
    }
    return lacking.isEmpty() ? all : lacking;
  }

  /** {@return those whose next launch fits into all budgets of the run} */
  private List<Task> fitting(List<Task> tasks) {
    return tasks.stream()
        .filter(
            task ->
                next(task.dealings.capped, Accounts.of(state, task), false)
                    instanceof Reservation.Made)
        .toList();
  }

  // ------------------------------------------------------------------ numbers

  private static Judgment judgment(Reservation.Short few, Judgment.Answer answer, Reason reason) {
    return new Judgment(RULE, Place.BUDGET, answer, reason, few.why(), numbers(few));
  }

  private static Numbers numbers(Reservation.Short few) {
    return Numbers.NONE
        .with("asked", few.asked())
        .with("limit", few.limit())
        .with("spent", few.spent())
        .with("left", few.left());
  }

  private static Numbers numbers(Account account, Reservation.Made made) {
    for (Unit unit : Unit.values()) {
      Optional<BigDecimal> limit = unit.of(account.limit());
      if (limit.isPresent()) {
        return Numbers.NONE
            .with("asked", unit.of(made.cap()).orElse(BigDecimal.ZERO))
            .with("limit", limit.get())
            .with("spent", unit.of(account.spent()))
            .with("left", unit.of(account.left()).orElse(BigDecimal.ZERO));
      }
    }
    return Numbers.NONE;
  }
}
