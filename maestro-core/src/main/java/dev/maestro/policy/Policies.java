package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything that a step, or a pipeline for all of its steps, may switch on. Data, the same in
 * Java, YAML and JSON; nothing is on unless it is said.
 *
 * <p>What a pipeline, or a step that others are inside of, switches on holds for every step in it
 * and is asked before the step's own.
 *
 * @param guardrails asked in this order
 */
public record Policies(List<Guardrail> guardrails) {

  /** Nothing is switched on: no rule is asked, and nothing more is recorded. */
  public static final Policies NONE = new Policies(List.of());

  /** Copy the list. */
  public Policies {
    guardrails = List.copyOf(guardrails);
  }

  /** {@return these, and this guardrail after the others} */
  public Policies guard(Guardrail guardrail) {
    return new Policies(concat(guardrails, List.of(guardrail)));
  }

  /** {@return whether nothing is switched on} */
  public boolean isNone() {
    return this == NONE || equals(NONE);
  }

  /** {@return what holds for a step inside: these, and then those of the step} */
  public Policies and(Policies inner) {
    if (inner.isNone()) {
      return this;
    }
    return isNone() ? inner : new Policies(concat(guardrails, inner.guardrails));
  }

  private static <T> List<T> concat(List<T> some, List<T> more) {
    List<T> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }
}
