package dev.maestro.engine;

import dev.maestro.policy.ProviderLimits;
import dev.maestro.policy.SharedBudgets;
import dev.maestro.task.Actor;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is limited above runs.
 *
 * @param budgets of tenants and of the whole application
 * @param providers by provider, or by {@code provider/model}
 * @param owner whose side may change what runs share, or null for anybody
 */
public record SharedLimits(
    SharedBudgets budgets, Map<String, ProviderLimits> providers, @Nullable Actor owner) {

  /** Nothing. */
  public static final SharedLimits NONE = new SharedLimits(SharedBudgets.NONE, Map.of(), null);

  /** Copy the map. */
  public SharedLimits {
    Objects.requireNonNull(budgets, "budgets");
    providers = Map.copyOf(providers);
  }
}
