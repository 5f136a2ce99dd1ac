package dev.maestro.insight;

import dev.maestro.task.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What launches of one step on one route came to.
 *
 * @param route {@code provider} or {@code provider/model}
 * @param launches how many have ended
 * @param accepted how many of them were accepted
 * @param cost what all of them cost
 * @param known whether that is known of each
 */
public record RouteRecord(String route, int launches, int accepted, Money cost, boolean known) {

  /** {@return a route of which nothing is known} */
  static RouteRecord of(String route) {
    return new RouteRecord(route, 0, 0, Money.ZERO, true);
  }

  /** {@return the same after one more launch} */
  RouteRecord and(boolean wasAccepted, Money more, boolean isKnown) {
    return new RouteRecord(
        route, launches + 1, accepted + (wasAccepted ? 1 : 0), cost.plus(more), known && isKnown);
  }

  /** {@return the share of launches that were accepted, from 0 to 1} */
  public double rate() {
    return launches == 0 ? 0 : (double) accepted / launches;
  }

  /** {@return what one accepted change cost in dollars; nothing can be said without one} */
  public BigDecimal costPerAccepted() {
    if (accepted == 0) {
      throw new IllegalStateException("nothing was accepted on " + route);
    }
    return new BigDecimal(cost.decimal())
        .divide(BigDecimal.valueOf(accepted), 6, RoundingMode.HALF_UP);
  }
}
