package dev.maestro.insight;

import dev.maestro.run.RunEvent;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import java.util.Objects;

/**
 * What shadow routing would have chosen for one launch (M2-23); nobody acts on it.
 *
 * @param run in which run
 * @param task the task that was launched
 * @param attempt the number of the attempt
 * @param step the step it is an instance of
 * @param current the route that was used, {@code provider} or {@code provider/model}
 * @param recommended the route that would have been chosen; the current one when there is no better
 * @param confidence how sure that is, in whole percent from 0 to 100
 * @param samples how many launches on the recommended route it rests on
 * @param fallback whether too little was known, so that nothing else is recommended
 */
public record RoutingRecommendation(
    RunKey run,
    TaskId task,
    int attempt,
    String step,
    String current,
    String recommended,
    int confidence,
    int samples,
    boolean fallback) {

  /** Check the confidence. */
  public RoutingRecommendation {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(step, "step");
    Objects.requireNonNull(current, "current");
    Objects.requireNonNull(recommended, "recommended");
    if (confidence < 0 || confidence > 100) {
      throw new IllegalArgumentException("confidence is 0 to 100 percent, not " + confidence);
    }
  }

  /** {@return what is known of a launch, and what would have been chosen for it} */
  static RoutingRecommendation of(
      RunKey run, RunEvent.Intent launch, String step, String current, ShadowRouter.Advice advice) {
    return new RoutingRecommendation(
        run,
        launch.task(),
        launch.attempt(),
        step,
        current,
        advice.route(),
        advice.confidence(),
        advice.samples(),
        advice.fallback());
  }

  /** {@return whether another route would have been chosen} */
  public boolean differs() {
    return !recommended.equals(current);
  }
}
