package dev.maestro.providers.acp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.providers.Account;
import dev.maestro.task.Money;

/**
 * What a turn has used up.
 *
 * <p>The protocol itself has no settled place for it, so each agent is believed only in the way
 * that it was seen to count in.
 */
final class AcpUsage {

  private final Counting counting;
  private long input;
  private long output;
  private long cached;
  private long calls;

  AcpUsage(Counting counting) {
    this.counting = counting;
  }

  /** Note what a call of the model used up, where a piece of its answer tells it. */
  void piece(JsonNode update, Account account) {
    JsonNode usage = update.path("_meta").path("usage");
    if (counting != Counting.BY_CALL || !usage.isObject()) {
      return;
    }
    // cached ones are told among those sent
    cached += number(usage, "cachedReadTokens");
    input += number(usage, "inputTokens") - number(usage, "cachedReadTokens");
    output += number(usage, "outputTokens");
    calls++;
    account.used(account.usage(input, output, cached, Money.ZERO, calls));
    account.filled(number(usage, "totalTokens"), 0);
  }

  /** Note what the turn used up, where the response to its prompt tells it. */
  void turn(JsonNode result, Account account) {
    JsonNode usage = result.path("usage");
    JsonNode counts = result.path("_meta").path("quota").path("token_count");
    if (counting != Counting.BY_TURN) {
      return;
    }
    if (usage.isObject()) {
      account.used(
          account.usage(
              number(usage, "inputTokens") + number(usage, "cachedWriteTokens"),
              number(usage, "outputTokens"),
              number(usage, "cachedReadTokens"),
              Money.ZERO,
              0));
    } else if (counts.isObject()) {
      account.used(
          account.usage(
              number(counts, "input_tokens"), number(counts, "output_tokens"), 0, Money.ZERO, 0));
    }
  }

  private static long number(JsonNode object, String field) {
    JsonNode value = object.path(field);
    return value.isNumber() && value.canConvertToLong() ? value.longValue() : 0;
  }
}
