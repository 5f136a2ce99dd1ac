package dev.maestro.run;

import dev.maestro.policy.Account;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A budget above the run.
 *
 * @param name what its account is kept under
 * @param account how it stands
 * @param until when it begins anew, or null when it does not
 */
public record BudgetAbove(String name, Account account, @Nullable Instant until) {}
