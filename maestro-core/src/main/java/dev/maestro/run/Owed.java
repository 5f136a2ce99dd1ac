package dev.maestro.run;

import dev.maestro.task.Amount;

/**
 * An attempt that was cut off in a launch, and whose usage has not come in.
 *
 * @param launch its intent
 * @param presumed what stands in for its usage: what had been put aside for it
 */
record Owed(RunEvent.Intent launch, Amount presumed) {

  int attempt() {
    return launch.attempt();
  }
}
