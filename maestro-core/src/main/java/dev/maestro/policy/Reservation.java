package dev.maestro.policy;

import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Unit;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a launch may use up, put aside on every account around it before it starts; or what there is
 * too little of.
 */
public sealed interface Reservation {

  /**
   * Ask for it. The first account decides that has too little, from the innermost to the outermost.
   *
   * <p>What the launch declares has to be left in full: {@code used + next <= limit} continues
   * (SF-001, SF-003). Of what it does not declare it gets all that is left, which must be more than
   * nothing.
   *
   * @param accounts from the innermost to the outermost
   * @param declared what the launch asks for
   * @param degraded whether it goes on with what is left, though that is less
   */
  static Reservation of(List<Account> accounts, Cap declared, boolean degraded) {
    Cap asked = declared.launches(1);
    Cap cap = asked;
    for (Account account : accounts) {
      Cap left = account.left();
      Optional<Short> few =
          left.hasRoomFor(degraded ? Cap.NONE : asked)
              ? Optional.empty()
              : shortOf(account, left, asked, degraded);
      if (few.isPresent()) {
        return few.get();
      }
      cap = cap.tighter(left);
    }
    return new Made(cap);
  }

  private static Optional<Short> shortOf(
      Account account, Cap left, Cap declared, boolean degraded) {
    for (Unit unit : Unit.values()) {
      Optional<BigDecimal> has = unit.of(left);
      if (has.isEmpty()) {
        continue;
      }
      Optional<BigDecimal> asked = degraded ? Optional.empty() : unit.of(declared);
      if (isTooLittle(has.get(), asked)) {
        BigDecimal atBest = unit.of(account.leftAtBest()).orElseThrow();
        boolean others = !isTooLittle(atBest, asked);
        return Optional.of(
            new Short(account, unit, asked.orElse(BigDecimal.ZERO), has.get(), others));
      }
    }
    return Optional.empty();
  }

  private static boolean isTooLittle(BigDecimal left, Optional<BigDecimal> asked) {
    return asked.map(most -> most.compareTo(left) > 0).orElse(false) || left.signum() == 0;
  }

  /**
   * It is put aside.
   *
   * @param cap what the launch may use up
   */
  record Made(Cap cap) implements Reservation {

    /** Check that nothing is missing. */
    public Made {
      Objects.requireNonNull(cap, "cap");
    }

    /** {@return what is put aside: nothing of what has no limit} */
    public Amount amount() {
      return cap.amount();
    }
  }

  /**
   * There is too little left of something.
   *
   * @param account where
   * @param unit of what
   * @param asked how much was asked for; nothing when it was not declared
   * @param left how much is left
   * @param others whether it would be enough if what is under way used up nothing
   */
  record Short(Account account, Unit unit, BigDecimal asked, BigDecimal left, boolean others)
      implements Reservation {

    /** Check that nothing is missing. */
    public Short {
      Objects.requireNonNull(account, "account");
      Objects.requireNonNull(unit, "unit");
    }

    /** {@return how much there may be in all} */
    public BigDecimal limit() {
      return unit.of(account.limit()).orElse(BigDecimal.ZERO);
    }

    /** {@return how much of it was used up, or is presumed to have been} */
    public BigDecimal spent() {
      return unit.of(account.spent());
    }

    /** {@return what is missing, in one sentence without an end} */
    public String why() {
      String asks = asked.signum() == 0 ? "more" : asked.toPlainString();
      return account.name()
          + " has "
          + left.toPlainString()
          + " of "
          + limit().toPlainString()
          + " "
          + unit.word()
          + " left, and the launch asks for "
          + asks;
    }
  }
}
