package dev.maestro.policy;

import dev.maestro.policy.Budget.Breach;
import dev.maestro.task.Tenant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Budgets that all runs share: of a tenant for a day, and of the whole application.
 *
 * <p>A launch that does not fit into one makes its task wait, by default: for the next day, which
 * begins at midnight UTC, or until more is granted. Nobody is asked.
 *
 * @param application of everything that this store has ever seen, or null for any amount
 * @param daily by tenant, for each day
 */
public record SharedBudgets(@Nullable Budget application, Map<Tenant, Budget> daily) {

  /** Nothing is limited. */
  public static final SharedBudgets NONE = new SharedBudgets(null, Map.of());

  /** Copy the map, and check that nobody is to be asked. */
  public SharedBudgets {
    daily = Map.copyOf(daily);
    for (Budget each : daily.values()) {
      check(each);
    }
    if (application != null) {
      check(application);
    }
  }

  /** {@return whether nothing is limited} */
  public boolean isNone() {
    return application == null && daily.isEmpty();
  }

  private static void check(Budget budget) {
    if (budget.does(Breach.ASK)) {
      throw new IllegalArgumentException(
          "a budget that runs share asks nobody: let it degrade, pause or abort");
    }
    budget
        .contradiction()
        .ifPresent(
            what -> {
              throw new IllegalArgumentException("of a budget that runs share " + what);
            });
  }

  /** {@return the same with this budget of the whole application} */
  public SharedBudgets application(Budget limits) {
    return new SharedBudgets(Objects.requireNonNull(limits, "limits"), daily);
  }

  /** {@return the same with this budget of a tenant for each day} */
  public SharedBudgets daily(Tenant tenant, Budget limits) {
    Map<Tenant, Budget> more = new HashMap<>(daily);
    more.put(tenant, limits);
    return new SharedBudgets(application, more);
  }

  /** {@return the tenant's budget for each day, if it has one} */
  public Optional<Budget> dailyOf(Tenant tenant) {
    return Optional.ofNullable(daily.get(tenant));
  }
}
