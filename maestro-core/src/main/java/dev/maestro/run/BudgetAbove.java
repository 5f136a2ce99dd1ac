package dev.maestro.run;

import dev.maestro.policy.Account;
import dev.maestro.task.Amount;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A budget above the run.
 *
 * @param name what its account is kept under
 * @param account how it stands
 * @param until when it begins anew, or null when it does not
 * @param mayComeIn what of that is spent is only presumed of launches that may still tell
 * @param settles until when they have done so, or null when there are none
 */
public record BudgetAbove(
    String name,
    Account account,
    @Nullable Instant until,
    Amount mayComeIn,
    @Nullable Instant settles) {

  /** Of a budget of which nothing is only presumed, or nobody is left to tell it. */
  public BudgetAbove(String name, Account account, @Nullable Instant until) {
    this(name, account, until, Amount.NONE, null);
  }
}
