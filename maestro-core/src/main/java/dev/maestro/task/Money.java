package dev.maestro.task;

import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An amount in US dollars, exact.
 *
 * @param usd the amount; never negative, with at most 100 digits before and after the point
 */
public record Money(BigDecimal usd) implements Comparable<Money> {

  /** Numbers with more digits are no money, and take for ever to be written. */
  private static final int MOST_DIGITS = 100;

  /** Nothing. */
  public static final Money ZERO = new Money(BigDecimal.ZERO);

  /** Check and normalize the amount, so that equal amounts are equal values. */
  public Money {
    Objects.requireNonNull(usd, "usd");
    if (Math.abs((long) usd.scale()) > MOST_DIGITS
        || (long) usd.precision() - usd.scale() > MOST_DIGITS) {
      throw new IllegalArgumentException(
          "an amount of money has at most " + MOST_DIGITS + " digits before and after the point");
    }
    if (usd.signum() < 0) {
      throw new IllegalArgumentException("an amount of money cannot be negative: " + usd);
    }
    usd = usd.signum() == 0 ? BigDecimal.ZERO : usd.stripTrailingZeros();
  }

  /**
   * {@return the amount written as a decimal number of dollars, such as {@code 2.00}}
   *
   * @throws IllegalArgumentException when it is no such number
   */
  public static Money usd(String amount) {
    try {
      return new Money(new BigDecimal(amount));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "an amount of money is a number such as 2.50, not '" + amount + "'", e);
    }
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
