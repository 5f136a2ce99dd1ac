package dev.maestro.task;

import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An amount in US dollars, exact.
 *
 * @param usd the amount; never negative
 */
public record Money(BigDecimal usd) implements Comparable<Money> {

  /** Nothing. */
  public static final Money ZERO = new Money(BigDecimal.ZERO);

  /** Check and normalize the amount, so that equal amounts are equal values. */
  public Money {
    Objects.requireNonNull(usd, "usd");
    if (usd.signum() < 0) {
      throw new IllegalArgumentException("an amount of money cannot be negative: " + usd);
    }
    usd = usd.signum() == 0 ? BigDecimal.ZERO : usd.stripTrailingZeros();
  }

  /** {@return the amount written as a decimal number of dollars, such as {@code 2.00}} */
  public static Money usd(String amount) {
    return new Money(new BigDecimal(amount));
  }

  /** {@return the sum of both} */
  public Money plus(Money other) {
    return new Money(usd.add(other.usd));
  }

  /** {@return what is left of this without the other; never less than nothing} */
  public Money minus(Money other) {
    return compareTo(other) <= 0 ? ZERO : new Money(usd.subtract(other.usd));
  }

  @Override
  public int compareTo(Money other) {
    return usd.compareTo(other.usd);
  }

  /** {@return the plain decimal number, as stores keep it} */
  public String decimal() {
    return usd.toPlainString();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Money that && usd.equals(that.usd);
  }

  @Override
  public int hashCode() {
    return usd.hashCode();
  }

  @Override
  public String toString() {
    return "$" + (usd.scale() < 2 ? usd.setScale(2).toPlainString() : usd.toPlainString());
  }
}
