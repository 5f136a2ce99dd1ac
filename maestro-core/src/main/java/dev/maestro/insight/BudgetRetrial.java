package dev.maestro.insight;

import dev.maestro.policy.Account;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Reservation;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Unit;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether a recorded launch would have been paid for by another budget, in place of the innermost
 * one around it; where there was none, by one of its own task.
 */
final class BudgetRetrial {

  private final AttemptRecord attempt;
  private final Budget budget;

  BudgetRetrial(AttemptRecord attempt, Budget budget) {
    this.attempt = attempt;
    this.budget = budget;
  }

  Outcome outcome() {
    AttemptRecord.Standing standing = attempt.standing;
    if (standing == null) {
      return Outcome.WENT_ON;
    } else if (!standing.isKnown()) {
      // what was put aside then stands in for usage that nobody knows; another would now
      return Outcome.UNKNOWN;
    }
    return outcome(standing, grantedByYes(standing));
  }

  /** A yes grants as much again as this budget has, where it would have asked, too. */
  private Cap grantedByYes(AttemptRecord.Standing standing) {
    Cap granted = Cap.NONE;
    for (AttemptRecord.Standing before : standing.yeses()) {
      if (outcome(before, granted) == Outcome.ASKED) {
        granted = granted.and(budget.limit());
      }
    }
    return granted;
  }

  private Outcome outcome(AttemptRecord.Standing standing, Cap byYes) {
    Account account = begin(standing, byYes);
    for (int i = 0; i < standing.beside(); i++) {
      if (reserve(account, false) instanceof Reservation.Made made) {
        account = account.reserving(made.amount());
      }
    }
    Reservation asked = reserve(account, false);
    return asked instanceof Reservation.Short few ? tooLittle(account, few) : paid(asked);
  }

  /** What others had put aside is put aside anew, as this budget has it. */
  private Account begin(AttemptRecord.Standing standing, Cap byYes) {
    Account was = standing.account();
    Cap granted = standing.byHand().and(byYes);
    return new Account(was.name(), budget, granted, was.spent(), Amount.NONE);
  }

  private Reservation reserve(Account account, boolean degraded) {
    return Reservation.of(List.of(account), budget.perAttempt(), degraded);
  }

  private Outcome tooLittle(Account account, Reservation.Short few) {
    if (few.others()) {
      return Outcome.PAUSED;
    } else if (budget.does(Budget.Breach.ASK)) {
      return Outcome.ASKED;
    } else if (budget.does(Budget.Breach.DEGRADE)
        && reserve(account, true) instanceof Reservation.Made) {
      return Outcome.DEGRADED;
    }
    return budget.does(Budget.Breach.PAUSE) ? Outcome.PAUSED : Outcome.BLOCKED;
  }

  /** A launch that used up more than it would have been given might have been cut off. */
  private Outcome paid(Reservation asked) {
    Cap cap = ((Reservation.Made) asked).cap();
    Usage used = attempt.usage;
    boolean known = cap.time() == null && !used.presumed();
    Amount amount = Amount.of(used, Duration.ZERO);
    for (Unit unit : Unit.values()) {
      Optional<BigDecimal> most = unit.of(cap);
      known &= most.isEmpty() || unit.of(amount).compareTo(most.get()) <= 0;
    }
    return known ? Outcome.WENT_ON : Outcome.UNKNOWN;
  }
}
