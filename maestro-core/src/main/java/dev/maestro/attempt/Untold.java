package dev.maestro.attempt;

import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a launch has used up of units that a budget limits and its provider does not tell: as much
 * as was put aside.
 *
 * <p>A provider that tells nothing at all, as one that costs nothing may, is believed. One that
 * tells something has worked, and cannot have done so without a token or a turn; whether it used
 * tools nobody knows when it counts no turns either, and none was seen.
 *
 * @param usage what it comes to
 * @param units of which it is presumed
 */
record Untold(Usage usage, List<String> units) {

  /**
   * Presume that a launch that was cut off has used up all that was put aside, or what it told
   * where that is more: what its last call used up nobody knows.
   *
   * @param told before it was cut off
   * @param cap what was put aside
   * @param tools how many uses of tools were seen
   */
  static Untold ofCut(Usage told, Cap cap, int tools) {
    List<String> units = new ArrayList<>();
    long moreTokens = more(cap.tokens(), told.tokens(), "tokens", units);
    long turns = told.turns() + more(cap.turns(), told.turns(), "turns", units);
    long used = Math.max(told.toolCalls(), tools);
    used += more(cap.toolCalls(), used, "tool calls", units);
    Money cost = told.cost();
    if (cap.money() != null && cap.money().compareTo(cost) > 0) {
      cost = cap.money();
      units.add(cost.decimal() + " usd");
    }
    Usage usage =
        new Usage(
            told.inputTokens() + moreTokens,
            told.outputTokens(),
            told.cachedTokens(),
            cost,
            whole(turns),
            whole(used),
            true);
    return new Untold(usage, units);
  }

  private static long more(@Nullable Long limit, long told, String unit, List<String> units) {
    if (limit == null || limit <= told) {
      return 0;
    }
    units.add(limit + " " + unit);
    return limit - told;
  }

  private static int whole(long count) {
    return (int) Math.min(count, Integer.MAX_VALUE);
  }

  /**
   * Presume what is missing.
   *
   * @param told by the provider
   * @param cap what was put aside
   * @param tools how many uses of tools were seen
   */
  static Untold of(Usage told, Cap cap, int tools) {
    if (told.isNothing() && tools == 0) {
      return new Untold(told, List.of());
    }
    List<String> units = new ArrayList<>();
    long input = told.inputTokens();
    Long tokens = cap.tokens();
    if (tokens != null && told.tokens() == 0) {
      input = tokens;
      units.add(tokens + " tokens");
    }
    int turns = told.turns();
    if (cap.turns() != null && turns == 0) {
      turns = whole(cap.turns());
      units.add(turns + " turns");
    }
    int used = Math.max(told.toolCalls(), cap.toolCalls() == null ? 0 : tools);
    if (cap.toolCalls() != null && used == 0 && told.turns() == 0) {
      used = whole(cap.toolCalls());
      units.add(used + " tool calls");
    }
    Usage usage =
        new Usage(
            input,
            told.outputTokens(),
            told.cachedTokens(),
            told.cost(),
            turns,
            used,
            told.presumed() || !units.isEmpty());
    return new Untold(usage, units);
  }
}
