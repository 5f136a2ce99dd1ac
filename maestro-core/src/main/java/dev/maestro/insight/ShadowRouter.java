package dev.maestro.insight;

import dev.maestro.task.AttemptId;
import java.util.Objects;
import java.util.Optional;

/**
 * Says beside each launch of an agent which route it would have taken (M2-22).
 *
 * <p>What it says is recorded with the launch and changes nothing: the route is chosen before it is
 * asked. Registered on the builder, for all runs; {@link ShadowRouting} is one that knows what
 * earlier launches came to. Called on worker threads, by several at once; must not block for long.
 * One that fails has the launch go on without its word, which is recorded too.
 */
@FunctionalInterface
public interface ShadowRouter {

  /** The name of the rule in the chain of a run. */
  String RULE = "shadow";

  /** Says nothing, and nothing is recorded. */
  ShadowRouter NONE = launch -> Optional.empty();

  /** {@return what it would have chosen; empty when it has nothing to say} */
  Optional<Advice> advise(Launch launch);

  /**
   * What is about to be launched.
   *
   * @param attempt which attempt of which task
   * @param step the step it is an instance of, named {@code pipeline/step}
   * @param current the route that it takes, {@code provider} or {@code provider/model}
   */
  record Launch(AttemptId attempt, String step, String current) {

    /** Check that nothing is missing. */
    public Launch {
      Objects.requireNonNull(attempt, "attempt");
      Objects.requireNonNull(step, "step");
      Objects.requireNonNull(current, "current");
    }
  }

  /**
   * What would have been chosen.
   *
   * @param route {@code provider} or {@code provider/model}; the current one when there is no
   *     better
   * @param confidence how sure that is, in whole percent from 0 to 100
   * @param samples how many launches on that route it rests on
   * @param fallback whether too little is known, so that nothing else is recommended
   */
  record Advice(String route, int confidence, int samples, boolean fallback) {

    /** Check the confidence. */
    public Advice {
      Objects.requireNonNull(route, "route");
      if (confidence < 0 || confidence > 100) {
        throw new IllegalArgumentException("confidence is 0 to 100 percent, not " + confidence);
      }
    }
  }
}
