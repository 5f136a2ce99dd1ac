package dev.maestro.policy;

import dev.maestro.workspace.PathGlobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a step, or a pipeline for all of its steps, may switch on. Data, the same in
 * Java, YAML and JSON; nothing is on unless it is said.
 *
 * <p>What a pipeline, or a step that others are inside of, switches on holds for every step in it
 * and is asked before the step's own.
 *
 * @param guardrails asked in this order
 * @param budget how much may be used up, or null for any amount
 */
public record Policies(List<Guardrail> guardrails, @Nullable Budget budget) {

  /** Nothing is switched on: no rule is asked, and nothing more is recorded. */
  public static final Policies NONE = new Policies(List.of(), null);

  /** Copy the list. */
  public Policies {
    guardrails = List.copyOf(guardrails);
  }

  /** {@return these, and this guardrail after the others} */
  public Policies guard(Guardrail guardrail) {
    return new Policies(concat(guardrails, List.of(guardrail)), budget);
  }

  /** {@return these with this budget, instead of the one there was} */
  public Policies budget(Budget limits) {
    return new Policies(guardrails, limits);
  }

  /** {@return just the budget, without what is asked of each attempt} */
  public Policies budgetOnly() {
    return budget == null ? NONE : NONE.budget(budget);
  }

  /** {@return the same without a budget} */
  public Policies withoutBudget() {
    return budget == null ? this : new Policies(guardrails, null);
  }

  /** {@return how much may be used up, if that is limited here} */
  public Optional<Budget> limits() {
    return Optional.ofNullable(budget);
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
    return isNone()
        ? inner
        : new Policies(
            concat(guardrails, inner.guardrails), inner.budget == null ? budget : inner.budget);
  }

  /** {@return whether any of them looks at the lines that were changed} */
  public boolean readLines() {
    return guardrails.stream()
        .anyMatch(
            one ->
                one instanceof SecretGuard
                    || one instanceof WriteGuard writes && writes.lines() != null);
  }

  /** {@return whether secrets of known shapes are taken out of what is stored} */
  public boolean hideSecrets() {
    return guardrails.stream().anyMatch(SecretGuard.class::isInstance);
  }

  /** {@return whether a secret in a prompt is taken out of it before it is sent} */
  public boolean redactPrompts() {
    return guardrails.stream()
        .anyMatch(one -> one instanceof SecretGuard secrets && !secrets.refuses());
  }

  /** {@return the files that are not to be changed} */
  public PathGlobs protectedPaths() {
    return new PathGlobs(
        guardrails.stream()
            .filter(PathGuard.class::isInstance)
            .flatMap(one -> ((PathGuard) one).protectedPaths().patterns().stream())
            .distinct()
            .toList());
  }

  private static <T> List<T> concat(List<T> some, List<T> more) {
    List<T> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }
}
