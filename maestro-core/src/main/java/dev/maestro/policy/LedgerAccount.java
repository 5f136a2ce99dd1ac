package dev.maestro.policy;

import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Tenant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What the store holds of a budget that runs share: of a tenant for a day, or of the application.
 *
 * @param tenant whose it is; {@link Tenant#DEFAULT} for the application's
 * @param name {@code day-} and the date, or {@code application}
 * @param granted what was granted on top of the budget
 * @param runs what each run has done to it, by the name of the run; for the application by the hash
 *     of tenant and name where the tenant is another than the default. What runs did that had ended
 *     when the store was tidied up is together under {@value #ENDED}
 * @param grants who has granted what, and when, the newest {@value #GRANTS_KEPT}, the oldest first;
 *     those that earlier versions of Maestro took are counted in {@code granted} and not told
 */
public record LedgerAccount(
    Tenant tenant,
    String name,
    Cap granted,
    Map<String, LedgerEntry> runs,
    List<SharedGrant> grants) {

  /** How many grants are told of an account. */
  public static final int GRANTS_KEPT = 100;

  /** The line of runs that have ended; no run can be called so. */
  public static final String ENDED = "+ended";

  /** Copy the map and the list. */
  public LedgerAccount {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(granted, "granted");
    runs = Collections.unmodifiableMap(new TreeMap<>(runs));
    grants = List.copyOf(grants);
  }

  /** {@return everything that was used up, or is presumed to have been} */
  public Amount spent() {
    return runs.values().stream().map(LedgerEntry::spent).reduce(Amount.NONE, Amount::plus);
  }

  /** {@return everything that launches under way have put aside} */
  public Amount reserved() {
    return runs.values().stream().map(LedgerEntry::reservedInAll).reduce(Amount.NONE, Amount::plus);
  }
}
