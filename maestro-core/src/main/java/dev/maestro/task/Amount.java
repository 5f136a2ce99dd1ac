package dev.maestro.task;

import java.time.Duration;
import java.util.Objects;

/**
 * How much was used up, or is put aside, in every unit that a {@link Cap} may limit.
 *
 * @param tokens sent, received and taken from a cache, together
 * @param money what it cost
 * @param time how long launches took, those that were parallel added up
 * @param turns calls of the model
 * @param toolCalls tools the agents used
 * @param launches of agents
 */
public record Amount(
    long tokens, Money money, Duration time, long turns, long toolCalls, long launches) {

  /** Nothing. */
  public static final Amount NONE = new Amount(0, Money.ZERO, Duration.ZERO, 0, 0, 0);

  /** Check that nothing is negative. */
  public Amount {
    Objects.requireNonNull(money, "money");
    if (tokens < 0 || time.isNegative() || turns < 0 || toolCalls < 0 || launches < 0) {
      throw new IllegalArgumentException("an amount cannot be negative");
    }
  }

  /** {@return what one launch used up that took so long} */
  public static Amount of(Usage usage, Duration time) {
    return new Amount(usage.tokens(), usage.cost(), time, usage.turns(), usage.toolCalls(), 1);
  }

  /** {@return the same of what was used up, as if nothing had been launched} */
  public Amount withoutLaunches() {
    return new Amount(tokens, money, time, turns, toolCalls, 0);
  }

  /** {@return both together} */
  public Amount plus(Amount other) {
    if (other == NONE || this == NONE) {
      return other == NONE ? this : other;
    }
    return new Amount(
        Saturated.sum(tokens, other.tokens),
        money.plus(other.money),
        Saturated.sum(time, other.time),
        Saturated.sum(turns, other.turns),
        Saturated.sum(toolCalls, other.toolCalls),
        Saturated.sum(launches, other.launches));
  }

  /** {@return what is left of this without the other; never less than nothing of any unit} */
  public Amount minus(Amount other) {
    if (other == NONE) {
      return this;
    }
    return new Amount(
        Math.max(0, tokens - other.tokens),
        money.minus(other.money),
        time.compareTo(other.time) > 0 ? time.minus(other.time) : Duration.ZERO,
        Math.max(0, turns - other.turns),
        Math.max(0, toolCalls - other.toolCalls),
        Math.max(0, launches - other.launches));
  }

  /** {@return whether it is nothing of every unit} */
  public boolean isNothing() {
    return this == NONE || equals(NONE);
  }

  /** {@return the usage this stands in for while the real one cannot be known} */
  public Usage presumed() {
    return new Usage(tokens, 0, 0, money, Saturated.toInt(turns), Saturated.toInt(toolCalls), true);
  }
}
