package dev.maestro.run;

import dev.maestro.policy.Account;
import dev.maestro.policy.Budget;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.TaskId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The budgets around one task as they stand, from the innermost to the outermost.
 *
 * @param levels each with the task whose budget it is
 */
record Accounts(List<Level> levels) {

  /**
   * One of them.
   *
   * @param account how it stands
   * @param inRun whether it is of a task or the run, and not above it
   * @param task whose it is, or null for the run's
   * @param inside whether it is that of the pipeline inside the task, and not that of its step
   * @param above the one above the run that it is, or null
   */
  record Level(
      Account account,
      boolean inRun,
      @Nullable TaskId task,
      boolean inside,
      @Nullable BudgetAbove above) {

    Level with(Account changed) {
      return new Level(changed, inRun, task, inside, above);
    }
  }

  Accounts {
    levels = List.copyOf(levels);
  }

  /** {@return the budgets of the task, of what it is inside of, and of the run} */
  static Accounts of(RunState state, Task task) {
    return of(state, task, List.of());
  }

  /** {@return the same, and those above the run} */
  static Accounts of(RunState state, Task task, List<BudgetAbove> above) {
    List<Level> levels = new ArrayList<>();
    for (Task one = task; one != null; one = around(state, one)) {
      ofPipelineIn(one).ifPresent(levels::add);
      ofStep(one).ifPresent(levels::add);
    }
    state.pipeline().policies().limits().ifPresent(budget -> levels.add(ofRun(state, budget)));
    above.forEach(one -> levels.add(new Level(one.account(), false, null, false, one)));
    return new Accounts(levels);
  }

  private static @Nullable Task around(RunState state, Task task) {
    return task.parent == null ? null : state.require(task.parent);
  }

  private static Optional<Level> ofStep(Task task) {
    return task.step
        .policies()
        .limits()
        .map(budget -> ofTask("task " + task.id, task, false, budget, task.dealings.grantedCap));
  }

  private static Optional<Level> ofPipelineIn(Task task) {
    return task.step
        .inside()
        .flatMap(pipeline -> pipeline.policies().limits())
        .map(
            budget ->
                ofTask(
                    "pipeline in task " + task.id,
                    task,
                    true,
                    budget,
                    task.dealings.grantedInside));
  }

  private static Level ofTask(String name, Task task, boolean inside, Budget budget, Cap granted) {
    Account account =
        new Account(name, budget, granted, task.dealings.spent, task.dealings.reserved);
    return new Level(account, true, task.id, inside, null);
  }

  private static Level ofRun(RunState state, Budget budget) {
    Header header = state.header;
    Account account =
        new Account(
            "run " + state.key().run(), budget, header.granted, header.spent, header.reserved);
    return new Level(account, true, null, false, null);
  }

  boolean isEmpty() {
    return levels.isEmpty();
  }

  List<Account> all() {
    return levels.stream().map(Level::account).toList();
  }

  /** {@return what one launch declares: the tightest of what the budgets say of one} */
  Cap declared() {
    return declared(true);
  }

  /**
   * {@return whether it declares less than by the budgets of the run alone, so that only who knows
   * those above can tell whether there is enough for it}
   */
  boolean declaresLessThanInRun() {
    return !declared(true).equals(declared(false));
  }

  private Cap declared(boolean aboveToo) {
    Cap declared = Cap.NONE;
    for (Level level : levels) {
      if (aboveToo || level.inRun) {
        declared = declared.tighter(level.account.budget().perAttempt());
      }
    }
    return declared;
  }

  /** {@return the names of those above the run} */
  List<String> namesAbove() {
    List<String> names = new ArrayList<>();
    for (Level level : levels) {
      if (level.above != null) {
        names.add(level.above.name());
      }
    }
    return names;
  }

  Level levelOf(Account account) {
    return levels.stream().filter(level -> level.account == account).findFirst().orElseThrow();
  }

  /** {@return the same when a launch is settled that had this put aside} */
  Accounts settled(Amount reservation, Amount used) {
    return new Accounts(
        levels.stream()
            .map(level -> level.with(level.account.settled(reservation, used)))
            .toList());
  }

  /** {@return the same if all launches used up nothing that were cut off and may still tell} */
  Accounts atBest(RunState state, Instant now) {
    if (state.header.owed == 0 && settleAbove().findAny().isEmpty()) {
      return this;
    }
    return new Accounts(
        levels.stream()
            .map(level -> level.with(level.account.notSpending(mayComeIn(state, level, now))))
            .toList());
  }

  private static Amount mayComeIn(RunState state, Level level, Instant now) {
    if (level.above != null) {
      return level.above.mayComeIn();
    }
    return state.header.owed == 0 ? Amount.NONE : mayComeIn(state, level.task, now);
  }

  /**
   * {@return until when launches that were cut off may tell of it, by all budgets above the run}
   */
  Stream<Instant> settleAbove() {
    return levels.stream()
        .flatMap(level -> Stream.ofNullable(level.above))
        .flatMap(above -> Stream.ofNullable(above.settles()));
  }

  private static Amount mayComeIn(RunState state, @Nullable TaskId whose, Instant now) {
    Amount all = Amount.NONE;
    for (Task task : state.tasks()) {
      if (whose == null || isIn(state, task, whose)) {
        for (Owed one : task.dealings.owed) {
          all = one.mayComeIn(now) ? all.plus(one.presumed()) : all;
        }
      }
    }
    return all;
  }

  private static boolean isIn(RunState state, Task task, TaskId whose) {
    for (Task one = task; one != null; one = around(state, one)) {
      if (one.id.equals(whose)) {
        return true;
      }
    }
    return false;
  }

  /** {@return the same with these put aside, too, each on the account of that name} */
  Accounts reserving(Map<String, Amount> more) {
    return new Accounts(
        levels.stream()
            .map(
                level -> {
                  Amount amount = more.getOrDefault(level.account.name(), Amount.NONE);
                  return level.with(level.account.reserving(amount));
                })
            .toList());
  }

  /** {@return what the accounts are called} */
  Set<String> names() {
    return levels.stream().map(level -> level.account.name()).collect(Collectors.toSet());
  }

  /** {@return to how many characters an output is cut that used more than its cap, if it is} */
  Optional<Integer> outputLimit() {
    return levels.stream()
        .flatMap(level -> level.account.budget().outputLimit().stream())
        .findFirst();
  }

  /** {@return the model that a launch with less uses, if it is another one} */
  Optional<String> cheaper() {
    return levels.stream()
        .flatMap(level -> Optional.ofNullable(level.account.budget().cheaper()).stream())
        .findFirst();
  }
}
