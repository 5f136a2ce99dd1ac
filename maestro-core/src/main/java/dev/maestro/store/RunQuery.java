package dev.maestro.store;

import dev.maestro.task.Tenant;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which runs to find; every part that is null or empty lets all pass.
 *
 * @param tenant whose
 * @param pipeline of this pipeline
 * @param state in this state
 * @param open that have not ended, or that have
 * @param startedFrom started then or later
 * @param startedBefore started earlier
 * @param labels that carry all of these
 */
public record RunQuery(
    @Nullable Tenant tenant,
    @Nullable String pipeline,
    @Nullable String state,
    @Nullable Boolean open,
    @Nullable Instant startedFrom,
    @Nullable Instant startedBefore,
    Map<String, String> labels) {

  /** Copy the labels. */
  public RunQuery {
    labels = Map.copyOf(labels);
  }

  /** {@return every run of every tenant} */
  public static RunQuery all() {
    return new RunQuery(null, null, null, null, null, null, Map.of());
  }

  /** {@return every run that has not ended, of every tenant} */
  public static RunQuery allOpen() {
    return new RunQuery(null, null, null, true, null, null, Map.of());
  }

  /** {@return every run of a tenant} */
  public static RunQuery of(Tenant tenant) {
    return new RunQuery(tenant, null, null, null, null, null, Map.of());
  }

  /** {@return whether the run is one of those asked for} */
  public boolean matches(RunIndex run) {
    return (tenant == null || tenant.equals(run.run().tenant()))
        && (pipeline == null || pipeline.equals(run.pipeline()))
        && (state == null || state.equals(run.state()))
        && (open == null || open == run.open())
        && (startedFrom == null || !run.startedAt().isBefore(startedFrom))
        && (startedBefore == null || run.startedAt().isBefore(startedBefore))
        && run.labels().entrySet().containsAll(labels.entrySet());
  }
}
