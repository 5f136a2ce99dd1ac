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

  /** {@return whether all that was left of something was less than the launch could have had} */
  boolean hadAllThatWasLeft(Cap declared) {
    return limits(declared).findAny().isPresent();
  }

  /** {@return whether this is more, of something that it had all of, than it left of that} */
  boolean isLessThan(Cap next, Cap declared) {
    return limits(declared)
        .anyMatch(
            unit -> unit.of(next).map(more -> more.compareTo(rest(unit)) > 0).orElse(true));
  }

  /** {@return what there is too little of: what it left least of, on the account that is tightest} */
  Reservation.Short lack(List<Account> accounts, Cap declared) {
    Unit unit =
        limits(declared).min(Comparator.comparingDouble(this::share)).orElseThrow();
    Account tightest =
        accounts.stream()
            .filter(account -> unit.of(account.left()).isPresent())
            .min(Comparator.comparing(account -> unit.of(account.left()).orElseThrow()))
            .orElseThrow();
    BigDecimal left = unit.of(tightest.left()).orElseThrow();
    return new Reservation.Short(tightest, unit, BigDecimal.ZERO, left, false);
  }

  /** Each launch is one, whatever it has used up. */
  private Stream<Unit> limits(Cap declared) {
    return Stream.of(Unit.values())
        .filter(unit -> unit != Unit.LAUNCHES)
        .filter(unit -> unit.of(had).isPresent() && isLess(unit.of(had), unit.of(declared)));
  }

  private static boolean isLess(Optional<BigDecimal> had, Optional<BigDecimal> declared) {
    return declared.isEmpty() || had.orElseThrow().compareTo(declared.get()) < 0;
  }

  private BigDecimal rest(Unit unit) {
    return unit.of(had).orElseThrow().subtract(unit.of(used)).max(BigDecimal.ZERO);
  }

  private double share(Unit unit) {
    double all = unit.of(had).orElseThrow().doubleValue();
    return all == 0 ? 0 : rest(unit).doubleValue() / all;
  }
}
