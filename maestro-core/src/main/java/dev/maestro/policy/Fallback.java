package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * Who carries out a step when whoever should cannot: further routes, tried in this order.
 *
 * <p>A route is the id of a provider that is here, or a model by alias or full id, which goes to
 * whoever offers it. The next one is taken when a provider is not here, is not installed or nobody
 * is signed in to it, or when its quota is used up or its breaker is open. A provider that only
 * works slowly, or is busy, is waited for. Where no route is open, the step waits for its own, as
 * it does without this rule. Which route was taken and why stands in the chain of the run.
 *
 * <p>A conversation belongs to the provider that it was held with: another one begins its own.
 *
 * @param routes providers or models, one at least
 */
public record Fallback(List<String> routes) {

  /** The name of the rule in the chain of a run. */
  public static final String RULE = "fallback";

  /** Check the routes. */
  public Fallback {
    routes = List.copyOf(routes);
    if (routes.isEmpty()) {
      throw new IllegalArgumentException("there is no route to fall back to");
    }
    if (routes.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("a route is the name of a provider or of a model");
    }
  }

  /** {@return these routes, in this order} */
  public static Fallback to(String first, String... others) {
    List<String> routes = new ArrayList<>(List.of(first));
    routes.addAll(List.of(others));
    return new Fallback(routes);
  }
}
