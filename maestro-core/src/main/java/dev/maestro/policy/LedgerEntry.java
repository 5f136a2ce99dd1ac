package dev.maestro.policy;

import dev.maestro.task.Amount;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one run has done to one account, kept by attempt: repeating a line changes nothing.
 *
 * @param spent what attempts used up that are settled, or presumed
 * @param reserved what attempts have put aside that are under way, by attempt
 * @param presumed what stands in {@code spent} for attempts that were cut off, by attempt; replaced
 *     when the real usage comes in after all
 * @param tells until when that comes in at the latest, as a rule, by attempt; nothing for those
 *     that nobody is left to tell of
 */
public record LedgerEntry(
    Amount spent,
    Map<String, Amount> reserved,
    Map<String, Amount> presumed,
    Map<String, Instant> tells) {

  /** Nothing has been done. */
  public static final LedgerEntry NONE = new LedgerEntry(Amount.NONE, Map.of(), Map.of(), Map.of());

  /** Copy the maps, keeping their order. */
  public LedgerEntry {
    Objects.requireNonNull(spent, "spent");
    reserved = Collections.unmodifiableMap(new LinkedHashMap<>(reserved));
    presumed = Collections.unmodifiableMap(new LinkedHashMap<>(presumed));
    tells = Collections.unmodifiableMap(new LinkedHashMap<>(tells));
  }

  /** {@return the entry when this attempt puts so much aside, unless it has been heard of} */
  public LedgerEntry reserve(String attempt, Amount amount) {
    return reserved.containsKey(attempt) || presumed.containsKey(attempt)
        ? this
        : new LedgerEntry(spent, with(reserved, attempt, amount), presumed, tells);
  }

  /** {@return the entry when this attempt is at its end, unless it was before} */
  public LedgerEntry settle(String attempt, Amount used) {
    if (reserved.containsKey(attempt)) {
      return new LedgerEntry(spent.plus(used), without(reserved, attempt), presumed, tells);
    }
    Amount stoodIn = presumed.get(attempt);
    return stoodIn == null
        ? this
        : new LedgerEntry(
            spent.minus(stoodIn).plus(used),
            reserved,
            without(presumed, attempt),
            without(tells, attempt));
  }

  /**
   * {@return the entry when this attempt was cut off, and so much stands in for its usage}
   *
   * @param until until when that comes in at the latest, or null when nobody is left to tell it
   */
  public LedgerEntry presume(String attempt, Amount instead, @Nullable Instant until) {
    return reserved.containsKey(attempt)
        ? new LedgerEntry(
            spent.plus(instead),
            without(reserved, attempt),
            with(presumed, attempt, instead),
            until == null ? tells : with(tells, attempt, until))
        : this;
  }

  /** {@return what stands in for attempts that may still tell that it was less} */
  public Amount mayComeIn(Instant now) {
    return presumed.entrySet().stream()
        .filter(one -> mayTell(one.getKey(), now))
        .map(Map.Entry::getValue)
        .reduce(Amount.NONE, Amount::plus);
  }

  /** {@return until when the last of them does so} */
  public Optional<Instant> settles(Instant now) {
    return presumed.keySet().stream()
        .filter(attempt -> mayTell(attempt, now))
        .map(tells::get)
        .max(Comparator.naturalOrder());
  }

  private boolean mayTell(String attempt, Instant now) {
    Instant until = tells.get(attempt);
    return until != null && until.isAfter(now);
  }

  /** {@return whether no attempt of it is under way, or may still tell what it has used up} */
  public boolean isSettled() {
    return reserved.isEmpty() && presumed.isEmpty();
  }

  /** {@return what both have used up together; what is put aside stays that of this one} */
  public LedgerEntry and(LedgerEntry settled) {
    return new LedgerEntry(spent.plus(settled.spent), reserved, presumed, tells);
  }

  /** {@return everything that is put aside} */
  public Amount reservedInAll() {
    return reserved.values().stream().reduce(Amount.NONE, Amount::plus);
  }

  private static <V> Map<String, V> with(Map<String, V> map, String key, V value) {
    Map<String, V> more = new LinkedHashMap<>(map);
    more.put(key, value);
    return more;
  }

  private static <V> Map<String, V> without(Map<String, V> map, String key) {
    Map<String, V> fewer = new LinkedHashMap<>(map);
    fewer.remove(key);
    return fewer;
  }
}
