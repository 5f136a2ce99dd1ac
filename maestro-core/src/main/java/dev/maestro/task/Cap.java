package dev.maestro.task;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The most that may be used up of each unit; what is null has no limit.
 *
 * @param tokens sent, received and taken from a cache, together
 * @param money what it may cost
 * @param time how long launches may take, those that are parallel added up
 * @param turns calls of the model
 * @param toolCalls tools the agents may use
 * @param launches of agents
 */
public record Cap(
    @Nullable Long tokens,
    @Nullable Money money,
    @Nullable Duration time,
    @Nullable Long turns,
    @Nullable Long toolCalls,
    @Nullable Long launches) {

  /** No limit at all. */
  public static final Cap NONE = new Cap(null, null, null, null, null, null);

  /** Check that no limit is negative. */
  public Cap {
    boolean negative = isNegative(tokens) || isNegative(turns) || isNegative(toolCalls);
    if (negative || isNegative(launches) || time != null && time.isNegative()) {
      throw new IllegalArgumentException("a limit cannot be negative");
    }
  }

  private static boolean isNegative(@Nullable Long limit) {
    return limit != null && limit < 0;
  }

  /** {@return a limit on money, written as a decimal number of dollars} */
  public static Cap ofUsd(String most) {
    return NONE.usd(most);
  }

  /** {@return a limit on tokens} */
  public static Cap ofTokens(long most) {
    return NONE.tokens(most);
  }

  /** {@return the same with this limit on tokens} */
  public Cap tokens(long most) {
    return new Cap(most, money, time, turns, toolCalls, launches);
  }

  /** {@return the same with this limit on money, written as a decimal number of dollars} */
  public Cap usd(String most) {
    return new Cap(tokens, Money.usd(most), time, turns, toolCalls, launches);
  }

  /** {@return the same with this limit on time} */
  public Cap time(Duration most) {
    return new Cap(tokens, money, most, turns, toolCalls, launches);
  }

  /** {@return the same with this limit on calls of the model} */
  public Cap turns(long most) {
    return new Cap(tokens, money, time, most, toolCalls, launches);
  }

  /** {@return the same with this limit on uses of tools} */
  public Cap toolCalls(long most) {
    return new Cap(tokens, money, time, turns, most, launches);
  }

  /** {@return the same with this limit on launches} */
  public Cap launches(long most) {
    return new Cap(tokens, money, time, turns, toolCalls, most);
  }

  /** {@return whether nothing is limited} */
  public boolean isNone() {
    return this == NONE || equals(NONE);
  }

  /** {@return whether this amount is within every limit} */
  public boolean covers(Amount used) {
    return within(used.tokens(), tokens)
        && within(used.money(), money)
        && within(used.time(), time)
        && within(used.turns(), turns)
        && within(used.toolCalls(), toolCalls)
        && within(used.launches(), launches);
  }

  private static <T extends Comparable<T>> boolean within(T used, @Nullable T limit) {
    return limit == null || used.compareTo(limit) <= 0;
  }

  /** {@return whether there is something left of all that is limited, and what is asked for} */
  public boolean hasRoomFor(Cap asked) {
    return hasRoom(tokens, asked.tokens, 0L)
        && hasRoom(money, asked.money, Money.ZERO)
        && hasRoom(time, asked.time, Duration.ZERO)
        && hasRoom(turns, asked.turns, 0L)
        && hasRoom(toolCalls, asked.toolCalls, 0L)
        && hasRoom(launches, asked.launches, 0L);
  }

  private static <T extends Comparable<T>> boolean hasRoom(
      @Nullable T left, @Nullable T asked, T nothing) {
    return left == null
        || left.compareTo(nothing) > 0 && (asked == null || asked.compareTo(left) <= 0);
  }

  /** {@return the first unit of which this usage is not less than the limit} */
  public Optional<Unit> reachedBy(Usage used) {
    if (tokens != null && used.tokens() >= tokens) {
      return Optional.of(Unit.TOKENS);
    } else if (money != null && used.cost().compareTo(money) >= 0) {
      return Optional.of(Unit.MONEY);
    } else if (turns != null && used.turns() >= turns) {
      return Optional.of(Unit.TURNS);
    } else if (toolCalls != null && used.toolCalls() >= toolCalls) {
      return Optional.of(Unit.TOOL_CALLS);
    }
    return Optional.empty();
  }

  /** {@return what may still be used up after this; never less than nothing} */
  public Cap minus(Amount used) {
    if (used == Amount.NONE) {
      return this;
    }
    return new Cap(
        less(tokens, used.tokens()),
        money == null ? null : money.minus(used.money()),
        time == null
            ? null
            : time.compareTo(used.time()) > 0 ? time.minus(used.time()) : Duration.ZERO,
        less(turns, used.turns()),
        less(toolCalls, used.toolCalls()),
        less(launches, used.launches()));
  }

  private static @Nullable Long less(@Nullable Long limit, long used) {
    return limit == null ? null : (Long) Math.max(0, limit - used);
  }

  /** {@return the same with higher limits; what has none stays without} */
  public Cap plus(Cap more) {
    if (more.isNone()) {
      return this;
    }
    return new Cap(
        more(tokens, more.tokens),
        money == null || more.money == null ? money : money.plus(more.money),
        time == null || more.time == null ? time : Saturated.sum(time, more.time),
        more(turns, more.turns),
        more(toolCalls, more.toolCalls),
        more(launches, more.launches));
  }

  private static @Nullable Long more(@Nullable Long limit, @Nullable Long by) {
    return limit == null || by == null ? limit : (Long) Saturated.sum(limit, by);
  }

  /** {@return both grants together: of a unit that only one names, that one} */
  public Cap and(Cap other) {
    return other.isNone() ? this : isNone() ? other : orNothing(other).plus(other.orNothing(this));
  }

  /** {@return the same, with limits of nothing for what only the other limits} */
  private Cap orNothing(Cap other) {
    return new Cap(
        tokens == null && other.tokens != null ? (Long) 0L : tokens,
        money == null && other.money != null ? Money.ZERO : money,
        time == null && other.time != null ? Duration.ZERO : time,
        turns == null && other.turns != null ? (Long) 0L : turns,
        toolCalls == null && other.toolCalls != null ? (Long) 0L : toolCalls,
        launches == null && other.launches != null ? (Long) 0L : launches);
  }

  /** {@return the tighter of both limits, unit by unit} */
  public Cap tighter(Cap other) {
    if (other.isNone()) {
      return this;
    } else if (isNone()) {
      return other;
    }
    return new Cap(
        least(tokens, other.tokens),
        least(money, other.money),
        least(time, other.time),
        least(turns, other.turns),
        least(toolCalls, other.toolCalls),
        least(launches, other.launches));
  }

  private static <T extends Comparable<T>> @Nullable T least(@Nullable T one, @Nullable T other) {
    return one == null || other != null && other.compareTo(one) < 0 ? other : one;
  }

  /** {@return all that is allowed, as an amount; nothing of what has no limit} */
  public Amount amount() {
    return new Amount(
        tokens == null ? 0 : tokens,
        money == null ? Money.ZERO : money,
        time == null ? Duration.ZERO : time,
        turns == null ? 0 : turns,
        toolCalls == null ? 0 : toolCalls,
        launches == null ? 0 : launches);
  }

  /** {@return the limits for people, such as {@code 50000 tokens, 2 usd}} */
  @Override
  public String toString() {
    StringBuilder all = new StringBuilder();
    for (Unit unit : Unit.values()) {
      unit.of(this)
          .ifPresent(
              limit ->
                  all.append(all.length() == 0 ? "" : ", ")
                      .append(limit.toPlainString())
                      .append(' ')
                      .append(unit.word()));
    }
    return all.length() == 0 ? "no limit" : all.toString();
  }
}
