package dev.maestro.task;

import java.util.Objects;

/**
 * What a launch used up.
 *
 * @param inputTokens tokens sent and not taken from a cache
 * @param outputTokens tokens received
 * @param cachedTokens tokens sent and taken from a cache
 * @param cost what it cost
 * @param turns calls of the model
 * @param toolCalls tools the agent used
 * @param presumed whether this is an assumption because the real numbers cannot be known
 */
public record Usage(
    long inputTokens,
    long outputTokens,
    long cachedTokens,
    Money cost,
    int turns,
    int toolCalls,
    boolean presumed) {

  /** Nothing used. */
  public static final Usage NONE = new Usage(0, 0, 0, Money.ZERO, 0, 0, false);

  /** Check the numbers. */
  public Usage {
    Objects.requireNonNull(cost, "cost");
    if (inputTokens < 0 || outputTokens < 0 || cachedTokens < 0 || turns < 0 || toolCalls < 0) {
      throw new IllegalArgumentException("usage cannot be negative");
    }
  }

  /** {@return usage of these tokens and this cost} */
  public static Usage of(long inputTokens, long outputTokens, Money cost) {
    return new Usage(inputTokens, outputTokens, 0, cost, 0, 0, false);
  }

  /** {@return all tokens together} */
  public long tokens() {
    return Saturated.sum(Saturated.sum(inputTokens, outputTokens), cachedTokens);
  }

  /** {@return the same usage at this cost} */
  public Usage costing(Money money) {
    return new Usage(inputTokens, outputTokens, cachedTokens, money, turns, toolCalls, presumed);
  }

  /** {@return the same usage, presumed to have cost so much} */
  public Usage presumedToCost(Money money) {
    return new Usage(inputTokens, outputTokens, cachedTokens, money, turns, toolCalls, true);
  }

  /** {@return the same usage, as what is known of more that cannot be known} */
  public Usage asPresumed() {
    return new Usage(inputTokens, outputTokens, cachedTokens, cost, turns, toolCalls, true);
  }

  /** {@return the sum of both; presumed when either is} */
  public Usage plus(Usage other) {
    if (other == NONE) {
      return this;
    }
    return new Usage(
        Saturated.sum(inputTokens, other.inputTokens),
        Saturated.sum(outputTokens, other.outputTokens),
        Saturated.sum(cachedTokens, other.cachedTokens),
        cost.plus(other.cost),
        Saturated.sum(turns, other.turns),
        Saturated.sum(toolCalls, other.toolCalls),
        presumed || other.presumed);
  }

  /** {@return whether nothing at all was used, as far as is known} */
  public boolean isNothing() {
    return tokens() == 0 && cost.usd().signum() == 0 && turns == 0 && toolCalls == 0;
  }
}
