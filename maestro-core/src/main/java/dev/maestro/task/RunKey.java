package dev.maestro.task;

import java.util.Objects;

/**
 * Where a run is kept.
 *
 * @param tenant whose run it is
 * @param run its name
 */
public record RunKey(Tenant tenant, RunId run) {

  /** Check that nothing is missing. */
  public RunKey {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(run, "run");
  }

  @Override
  public String toString() {
    return tenant + "/" + run;
  }
}
