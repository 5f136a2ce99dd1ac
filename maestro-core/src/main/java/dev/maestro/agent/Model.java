package dev.maestro.agent;

import java.util.Objects;

/**
 * A model a provider offers.
 *
 * @param id the provider's own full id
 * @param name for people
 */
public record Model(String id, String name) {

  /** Check that nothing is missing. */
  public Model {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
  }
}
