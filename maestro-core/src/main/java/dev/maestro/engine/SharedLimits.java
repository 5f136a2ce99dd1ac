package dev.maestro.engine;

import dev.maestro.policy.ProviderLimits;
import dev.maestro.policy.SharedBudgets;
import java.util.Map;
import java.util.Objects;

/**
 * What is limited above runs.
 *
 * @param budgets of tenants and of the whole application
 * @param providers by provider, or by {@code provider/model}
 */
public record SharedLimits(SharedBudgets budgets, Map<String, ProviderLimits> providers) {

  /** Nothing. */
  public static final SharedLimits NONE = new SharedLimits(SharedBudgets.NONE, Map.of());

  /** Copy the map. */
  public SharedLimits {
    Objects.requireNonNull(budgets, "budgets");
    providers = Map.copyOf(providers);
  }
}
