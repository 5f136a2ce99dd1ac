package dev.maestro.attempt;

import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import java.util.Objects;

/**
 * A rule that stands at one place of an attempt, registered on the builder by name.
 *
 * <p>It surrounds the steps that name it. Several at one place are asked in the order in which the
 * step names them; the first that does not say proceed decides.
 */
public interface Interceptor {

  /** {@return where it stands} */
  Place place();

  /** Say whether the attempt may go on; called on a worker thread, must not block for long. */
  Verdict before(AttemptContext context) throws InterruptedException;

  /** The part of an interceptor that decides. */
  @FunctionalInterface
  interface Rule {

    /** Say whether the attempt may go on. */
    Verdict before(AttemptContext context) throws InterruptedException;
  }

  /** {@return an interceptor that asks this rule at this place} */
  static Interceptor at(Place place, Rule rule) {
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(rule, "rule");
    return new Interceptor() {
      @Override
      public Place place() {
        return place;
      }

      @Override
      public Verdict before(AttemptContext context) throws InterruptedException {
        return rule.before(context);
      }
    };
  }
}
