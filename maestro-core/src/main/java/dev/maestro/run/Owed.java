package dev.maestro.run;

import dev.maestro.task.Amount;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that was cut off in a launch, and whose usage has not come in.
 *
 * @param launch its intent
 * @param presumed what stands in for its usage: what had been put aside for it
 * @param until when it is told at the latest, as a rule; null where nobody is left to tell it
 */
record Owed(RunEvent.Intent launch, Amount presumed, @Nullable Instant until) {

  /** An agent that is told to end has some seconds, and then its processes are ended. */
  static final Duration COMES_IN_WITHIN = Duration.ofMinutes(1);

  int attempt() {
    return launch.attempt();
  }

  /** {@return whether it may still turn out to be less} */
  boolean mayComeIn(Instant now) {
    return until != null && until.isAfter(now);
  }
}
