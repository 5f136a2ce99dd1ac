package dev.maestro.run;

import dev.maestro.task.Cap;
import dev.maestro.task.Unit;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * The most that something to come may use up, unit by unit; what is missing is not known.
 *
 * @param most what is known
 */
record Bound(Map<Unit, BigDecimal> most) {

  /** Nothing of any unit. */
  static final Bound NOTHING = new Bound(ofNothing());

  /** Nobody knows. */
  static final Bound UNKNOWN = new Bound(Map.of());

  Bound {
    most = Collections.unmodifiableMap(most);
  }

  private static Map<Unit, BigDecimal> ofNothing() {
    Map<Unit, BigDecimal> all = new EnumMap<>(Unit.class);
    for (Unit unit : Unit.values()) {
      all.put(unit, BigDecimal.ZERO);
    }
    return all;
  }

  /** {@return what these limits allow; what has none is not known} */
  static Bound of(Cap limits) {
    Map<Unit, BigDecimal> known = new EnumMap<>(Unit.class);
    for (Unit unit : Unit.values()) {
      unit.of(limits).ifPresent(limit -> known.put(unit, limit));
    }
    return new Bound(known);
  }

  boolean isNothing() {
    return equals(NOTHING);
  }

  boolean knows(Unit unit) {
    return most.containsKey(unit);
  }

  /** {@return both, one after the other or side by side} */
  Bound plus(Bound other) {
    Map<Unit, BigDecimal> sum = new EnumMap<>(Unit.class);
    most.forEach(
        (unit, amount) -> {
          if (other.knows(unit)) {
            sum.put(unit, normal(amount.add(other.most.get(unit))));
          }
        });
    return new Bound(sum);
  }

  /** {@return this, so many times} */
  Bound times(int number) {
    Map<Unit, BigDecimal> all = new EnumMap<>(Unit.class);
    most.forEach(
        (unit, amount) -> all.put(unit, normal(amount.multiply(BigDecimal.valueOf(number)))));
    return new Bound(all);
  }

  /** {@return the tighter of both, unit by unit} */
  Bound tighter(Bound other) {
    BinaryOperator<BigDecimal> least = BigDecimal::min;
    Map<Unit, BigDecimal> all = new EnumMap<>(Unit.class);
    all.putAll(most);
    other.most.forEach((unit, limit) -> all.merge(unit, normal(limit), least));
    return new Bound(all);
  }

  /** Zero is zero, with however many decimals it was added up. */
  private static BigDecimal normal(BigDecimal amount) {
    return amount.signum() == 0 ? BigDecimal.ZERO : amount;
  }

  /** {@return what is known of this unit, in digits} */
  String digits(Unit unit) {
    BigDecimal amount = most.get(unit);
    return amount == null ? "unknown" : amount.stripTrailingZeros().toPlainString();
  }
}
