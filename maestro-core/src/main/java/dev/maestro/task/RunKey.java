package dev.maestro.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
  public boolean equals(@Nullable Object other) {
    return other instanceof RunKey that && run.equals(that.run) && tenant.equals(that.tenant);
  }

  @Override
  public int hashCode() {
    return 31 * tenant.hashCode() + run.hashCode();
  }

  @Override
  public String toString() {
    return tenant + "/" + run;
  }
}
