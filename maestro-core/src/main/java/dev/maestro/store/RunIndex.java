package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * What runs are found by.
 *
 * @param run the run
 * @param pipeline the name of its pipeline
 * @param state the name of its state
 * @param open whether it has not ended; open runs are what recovery looks at
 * @param startedAt when it was started
 * @param updatedAt when it last changed
 * @param labels whatever the application hangs on it
 */
public record RunIndex(
    RunKey run,
    String pipeline,
    String state,
    boolean open,
    Instant startedAt,
    Instant updatedAt,
    Map<String, String> labels) {

  /** Check that nothing is missing. */
  public RunIndex {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(startedAt, "startedAt");
    Objects.requireNonNull(updatedAt, "updatedAt");
    labels = Map.copyOf(labels);
  }
}
