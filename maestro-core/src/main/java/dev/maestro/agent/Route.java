package dev.maestro.agent;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who carries out a step: the outcome of asking the {@code ProviderRegistry}.
 *
 * @param provider who
 * @param persona as what
 * @param model the full model id, or null for the provider's default
 */
public record Route(AgentProvider provider, Persona persona, @Nullable String model) {

  /** Check that nothing required is missing. */
  public Route {
    Objects.requireNonNull(provider, "provider");
    Objects.requireNonNull(persona, "persona");
  }
}
