package dev.maestro.policy;

import dev.maestro.task.Amount;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What one run has done to one account, kept by attempt: repeating a line changes nothing.
 *
 * @param spent what attempts used up that are settled, or presumed
 * @param reserved what attempts have put aside that are under way, by attempt
 * @param presumed what stands in {@code spent} for attempts that were cut off, by attempt; replaced
 *     when the real usage comes in after all
 */
public record LedgerEntry(
    Amount spent, Map<String, Amount> reserved, Map<String, Amount> presumed) {

  /** Nothing has been done. */
  public static final LedgerEntry NONE = new LedgerEntry(Amount.NONE, Map.of(), Map.of());

  /** Copy the maps, keeping their order. */
  public LedgerEntry {
    Objects.requireNonNull(spent, "spent");
    reserved = Collections.unmodifiableMap(new LinkedHashMap<>(reserved));
    presumed = Collections.unmodifiableMap(new LinkedHashMap<>(presumed));
  }

  /** {@return the entry when this attempt puts so much aside, unless it has been heard of} */
  public LedgerEntry reserve(String attempt, Amount amount) {
    return reserved.containsKey(attempt) || presumed.containsKey(attempt)
        ? this
        : new LedgerEntry(spent, with(reserved, attempt, amount), presumed);
  }

  /** {@return the entry when this attempt is at its end, unless it was before} */
  public LedgerEntry settle(String attempt, Amount used) {
    if (reserved.containsKey(attempt)) {
      return new LedgerEntry(spent.plus(used), without(reserved, attempt), presumed);
    }
    Amount stoodIn = presumed.get(attempt);
    return stoodIn == null
        ? this
        : new LedgerEntry(spent.minus(stoodIn).plus(used), reserved, without(presumed, attempt));
  }

  /** {@return the entry when this attempt was cut off, and so much stands in for its usage} */
  public LedgerEntry presume(String attempt, Amount instead) {
    return reserved.containsKey(attempt)
        ? new LedgerEntry(
            spent.plus(instead), without(reserved, attempt), with(presumed, attempt, instead))
        : this;
  }

  /** {@return whether no attempt of it is under way, or may still tell what it has used up} */
  public boolean isSettled() {
    return reserved.isEmpty() && presumed.isEmpty();
  }

  /** {@return what both have used up together; what is put aside stays that of this one} */
  public LedgerEntry and(LedgerEntry settled) {
    return new LedgerEntry(spent.plus(settled.spent), reserved, presumed);
  }

  /** {@return everything that is put aside} */
  public Amount reservedInAll() {
    return reserved.values().stream().reduce(Amount.NONE, Amount::plus);
  }

  private static Map<String, Amount> with(Map<String, Amount> map, String key, Amount value) {
    Map<String, Amount> more = new LinkedHashMap<>(map);
    more.put(key, value);
    return more;
  }

  private static Map<String, Amount> without(Map<String, Amount> map, String key) {
    Map<String, Amount> fewer = new LinkedHashMap<>(map);
    fewer.remove(key);
    return fewer;
  }
}
