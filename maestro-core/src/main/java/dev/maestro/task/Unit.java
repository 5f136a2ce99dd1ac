package dev.maestro.task;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What can be counted of a launch, and limited by a {@link Cap}. */
public enum Unit {
  /** Tokens sent, received and taken from a cache, together. */
  TOKENS("tokens", a -> BigDecimal.valueOf(a.tokens()), c -> number(c.tokens())),
  /** US dollars. */
  MONEY("usd", a -> a.money().usd(), c -> c.money() == null ? null : c.money().usd()),
  /** Seconds from the intent to the end of each launch, those of parallel launches added up. */
  TIME("seconds", a -> seconds(a.time()), c -> c.time() == null ? null : seconds(c.time())),
  /** Calls of the model. */
  TURNS("turns", a -> BigDecimal.valueOf(a.turns()), c -> number(c.turns())),
  /** Tools the agent used. */
  TOOL_CALLS("tool calls", a -> BigDecimal.valueOf(a.toolCalls()), c -> number(c.toolCalls())),
  /** Launches of an agent. */
  LAUNCHES("launches", a -> BigDecimal.valueOf(a.launches()), c -> number(c.launches()));

  private final String word;
  private final Function<Amount, BigDecimal> amount;
  private final Function<Cap, @Nullable BigDecimal> cap;

  Unit(String word, Function<Amount, BigDecimal> amount, Function<Cap, @Nullable BigDecimal> cap) {
    this.word = word;
    this.amount = amount;
    this.cap = cap;
  }

  /** {@return what it is called in a sentence, after a number} */
  public String word() {
    return word;
  }

  /** {@return how much of it this is} */
  public BigDecimal of(Amount all) {
    return amount.apply(all);
  }

  /** {@return how much of it this allows; empty for any amount} */
  public Optional<BigDecimal> of(Cap limits) {
    return Optional.ofNullable(cap.apply(limits));
  }

  private static @Nullable BigDecimal number(@Nullable Long value) {
    return value == null ? null : BigDecimal.valueOf(value);
  }

  private static BigDecimal seconds(Duration time) {
    return BigDecimal.valueOf(time.getSeconds(), 0).add(BigDecimal.valueOf(time.toMillisPart(), 3));
  }
}
