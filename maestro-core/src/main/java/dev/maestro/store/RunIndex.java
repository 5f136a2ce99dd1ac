package dev.maestro.store;

import dev.maestro.task.Priority;
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
 * @param updatedAt when it last moved to another state
 * @param labels whatever the application hangs on it
 * @param priority how urgent it is among the runs
 */
public record RunIndex(
    RunKey run,
    String pipeline,
    String state,
    boolean open,
    Instant startedAt,
    Instant updatedAt,
    Map<String, String> labels,
    Priority priority) {

  /** Check that nothing is missing. */
  public RunIndex {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(startedAt, "startedAt");
    Objects.requireNonNull(updatedAt, "updatedAt");
    labels = Map.copyOf(labels);
    Objects.requireNonNull(priority, "priority");
  }

  /** Make the entry of a run of the usual priority. */
  public RunIndex(
      RunKey run,
      String pipeline,
      String state,
      boolean open,
      Instant startedAt,
      Instant updatedAt,
      Map<String, String> labels) {
    this(run, pipeline, state, open, startedAt, updatedAt, labels, Priority.DEFAULT);
  }
}
