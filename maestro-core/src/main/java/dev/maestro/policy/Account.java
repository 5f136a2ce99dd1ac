package dev.maestro.policy;

import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import java.util.Objects;

/**
 * How a {@link Budget} stands: what was granted on top of it, what is spent, and what launches that
 * are under way have reserved.
 *
 * @param name what people call it: the task or the run it is of, a day, the application
 * @param budget its limits
 * @param granted what was granted on top of them
 * @param spent what was used up, or is presumed to have been
 * @param reserved what launches may still use up that are under way
 */
public record Account(String name, Budget budget, Cap granted, Amount spent, Amount reserved) {

  /** Check that nothing is missing. */
  public Account {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(budget, "budget");
    Objects.requireNonNull(granted, "granted");
    Objects.requireNonNull(spent, "spent");
    Objects.requireNonNull(reserved, "reserved");
  }

  /** {@return an account on which nothing has happened} */
  public static Account of(String name, Budget budget) {
    return new Account(name, budget, Cap.NONE, Amount.NONE, Amount.NONE);
  }

  /** {@return the most, with what was granted} */
  public Cap limit() {
    return budget.limit().plus(granted);
  }

  /** {@return what the next launch may use up} */
  public Cap left() {
    return limit().minus(spent).minus(reserved);
  }

  /** {@return what is left when all that is under way uses up nothing} */
  public Cap leftAtBest() {
    return limit().minus(spent);
  }

  /** {@return whether more was spent than its limits} */
  public boolean isOverrun() {
    return !limit().covers(spent);
  }

  /** {@return the account when a launch is settled: this is no longer reserved, that is spent} */
  public Account settled(Amount reservation, Amount used) {
    return new Account(name, budget, granted, spent.plus(used), reserved.minus(reservation));
  }

  /** {@return the account if so much of what is spent were not} */
  public Account notSpending(Amount presumed) {
    return new Account(name, budget, granted, spent.minus(presumed), reserved);
  }

  /** {@return the account with this reserved, too} */
  public Account reserving(Amount more) {
    return new Account(name, budget, granted, spent, reserved.plus(more));
  }

  /** {@return the account with this granted, too} */
  public Account granting(Cap more) {
    return new Account(name, budget, granted.and(more), spent, reserved);
  }
}
