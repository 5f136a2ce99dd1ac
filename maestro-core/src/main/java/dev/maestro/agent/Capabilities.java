package dev.maestro.agent;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a provider can do.
 *
 * @param all the abilities it declares
 */
public record Capabilities(Set<Capability> all) {

  /** Copy the set. */
  public Capabilities {
    all = Set.copyOf(all);
  }

  /** {@return exactly these abilities} */
  public static Capabilities of(Capability... abilities) {
    Set<Capability> set = EnumSet.noneOf(Capability.class);
    set.addAll(List.of(abilities));
    return new Capabilities(set);
  }

  /** {@return whether it has this ability} */
  public boolean has(Capability ability) {
    return all.contains(ability);
  }
}
