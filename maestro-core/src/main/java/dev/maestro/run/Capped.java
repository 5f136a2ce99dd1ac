package dev.maestro.run;

import dev.maestro.policy.Account;
import dev.maestro.policy.Reservation;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Unit;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A launch that came to its end because it had used up what it had, or because the rest was too
 * little for it to go on. Another one with that rest would get no further.
 *
 * <p>That says something of a budget only where the launch had all that was left of something. What
 * one attempt may use up at most is another matter: the next attempt has as much again.
 *
 * @param had what was put aside for it
 * @param used what it used up
 */
record Capped(Cap had, Amount used) {

  /** {@return whether it came to its end for something that it had all of that was left} */
  boolean hadAllThatWasLeft(Cap declared) {
    return tightest(declared).filter(unit -> isRest(unit, declared)).isPresent();
  }

  /** {@return whether this is more of that than it left} */
  boolean isLessThan(Cap next, Cap declared) {
    Unit unit = tightest(declared).orElseThrow();
    return unit.of(next).map(more -> more.compareTo(rest(unit)) > 0).orElse(true);
  }

  /** {@return that there is too little of that, on the account that has least of it} */
  Reservation.Short lack(List<Account> accounts, Cap declared) {
    Unit unit = tightest(declared).orElseThrow();
    Account least =
        accounts.stream()
            .filter(account -> unit.of(account.left()).isPresent())
            .min(Comparator.comparing(account -> unit.of(account.left()).orElseThrow()))
            .orElseThrow();
    BigDecimal left = unit.of(least.left()).orElseThrow();
    return new Reservation.Short(least, unit, BigDecimal.ZERO, left, false);
  }

  /**
   * {@return what it had the smallest part left of, which tells best what it came to its end for}
   */
  private Optional<Unit> tightest(Cap declared) {
    // each launch is one, whatever it has used up
    return Stream.of(Unit.values())
        .filter(unit -> unit != Unit.LAUNCHES && unit.of(had).isPresent())
        .min(
            Comparator.comparingDouble(this::share).thenComparing(unit -> !isRest(unit, declared)));
  }

  /** What one attempt may use up at most is had anew by the next. */
  private boolean isRest(Unit unit, Cap declared) {
    BigDecimal all = unit.of(had).orElseThrow();
    return unit.of(declared).map(one -> all.compareTo(one) < 0).orElse(true);
  }

  private BigDecimal rest(Unit unit) {
    return unit.of(had).orElseThrow().subtract(unit.of(used)).max(BigDecimal.ZERO);
  }

  private double share(Unit unit) {
    double all = unit.of(had).orElseThrow().doubleValue();
    return all == 0 ? 0 : rest(unit).doubleValue() / all;
  }
}
