package dev.maestro.policy;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a rule has counted with: a few exact numbers by name, in the order in which they are given,
 * such as {@code asked 30000, limit 50000, left 12000}.
 *
 * @param values by name; equal numbers are equal values, however they were written
 */
public record Numbers(Map<String, BigDecimal> values) {

  /** No numbers. */
  public static final Numbers NONE = new Numbers(Map.of());

  /** Copy the map, keeping its order. */
  public Numbers {
    Map<String, BigDecimal> copy = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> copy.put(Objects.requireNonNull(name, "name"), normalized(value)));
    values = Collections.unmodifiableMap(copy);
  }

  /** {@return one number} */
  public static Numbers of(String name, long value) {
    return NONE.with(name, value);
  }

  /** {@return these and another} */
  public Numbers with(String name, BigDecimal value) {
    Map<String, BigDecimal> more = new LinkedHashMap<>(values);
    more.put(name, value);
    return new Numbers(more);
  }

  /** {@return these and another} */
  public Numbers with(String name, long value) {
    return with(name, BigDecimal.valueOf(value));
  }

  /**
   * {@return these and another}
   *
   * @throws NumberFormatException when it is not finite
   */
  public Numbers with(String name, double value) {
    return with(name, BigDecimal.valueOf(value));
  }

  /** {@return whether there is none} */
  public boolean isEmpty() {
    return values.isEmpty();
  }

  private static BigDecimal normalized(BigDecimal value) {
    return value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
  }

  /** {@return the numbers for people, such as {@code asked 30000, limit 50000}} */
  @Override
  public String toString() {
    StringBuilder all = new StringBuilder();
    values.forEach(
        (name, value) ->
            all.append(all.length() == 0 ? "" : ", ")
                .append(name)
                .append(' ')
                .append(value.toPlainString()));
    return all.toString();
  }
}
