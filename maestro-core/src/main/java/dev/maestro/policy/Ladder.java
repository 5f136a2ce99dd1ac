package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Lets a step be tried on a cheap route first, then on stronger ones, and at last by a person:
 * declared in one place.
 *
 * <p>A rung is a model, by alias or full id, that takes the place of the step's own. An attempt
 * whose work did not pass a check (a gate, a guardrail, too little confidence, an output of the
 * wrong form) lets the next one begin a rung higher; one that an error kept from its work, a
 * network or a rate limit, is tried again where it was. Every launch counts towards the step's
 * attempts, which stay the one ceiling.
 *
 * <p>With a person at its end, a step whose rungs or attempts are used up does not fail: a question
 * with all that is known of the failures waits for an answer. A yes grants another launch on the
 * highest rung, a no fails the step. The requirements M1-26, M1-27 and M2-20.
 *
 * @param models the rungs, from the first; none leaves the step's own model
 * @param each attempts on each rung; at least 1, 1 by default
 * @param person whether a person is asked in the end
 */
public record Ladder(List<String> models, int each, boolean person) {

  /** The name of the rule in the chain of a run. */
  public static final String RULE = "ladder";

  /** Check the rungs. */
  public Ladder {
    models = List.copyOf(models);
    if (each < 1) {
      throw new IllegalArgumentException("a rung needs at least 1 attempt, not " + each);
    }
    if (models.isEmpty() && !person) {
      throw new IllegalArgumentException("a ladder needs a rung, or a person at its end");
    }
    if (models.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("a rung is the name of a model");
    }
  }

  /** {@return a ladder with one attempt on each of these models, and nobody at its end} */
  public static Ladder of(String first, String... stronger) {
    List<String> models = new ArrayList<>(List.of(first));
    models.addAll(List.of(stronger));
    return new Ladder(models, 1, false);
  }

  /** {@return no rungs: when the attempts are used up, a person is asked} */
  public static Ladder toPerson() {
    return new Ladder(List.of(), 1, true);
  }

  /** {@return the same with so many attempts on each rung} */
  public Ladder each(int attempts) {
    return new Ladder(models, attempts, person);
  }

  /** {@return the same with a person at its end} */
  public Ladder thenPerson() {
    return new Ladder(models, each, true);
  }

  /**
   * {@return which rung comes next, from 1; empty when there are none}
   *
   * @param failed how many attempts did not pass a check
   */
  public OptionalInt rung(int failed) {
    return models.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(Math.min(failed / each, models.size() - 1) + 1);
  }

  /** {@return whether every rung has had its attempts after so many that did not pass a check} */
  public boolean isUsedUp(int failed) {
    return !models.isEmpty() && failed >= (long) models.size() * each;
  }
}
