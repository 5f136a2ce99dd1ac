package dev.maestro.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.json.Json;
import dev.maestro.policy.LedgerEntry;
import dev.maestro.store.StoreException;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the ledger keeps, as JSON; fields that are missing are nothing. */
final class LedgerJson {

  private LedgerJson() {}

  // ------------------------------------------------------------------ entries

  static byte[] write(LedgerEntry entry) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    amount(json, "spent", entry.spent());
    amounts(json, "reserved", entry.reserved());
    amounts(json, "presumed", entry.presumed());
    return Json.bytes(json);
  }

  static LedgerEntry entry(VersionedRecord record) {
    JsonNode json = read(record);
    try {
      return new LedgerEntry(
          amount(json.path("spent")),
          amounts(json.path("reserved")),
          amounts(json.path("presumed")));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw unreadable(record, e);
    }
  }

  private static void amounts(ObjectNode json, String name, Map<String, Amount> amounts) {
    if (!amounts.isEmpty()) {
      ObjectNode all = json.putObject(name);
      amounts.forEach((attempt, amount) -> amount(all, attempt, amount));
    }
  }

  private static Map<String, Amount> amounts(JsonNode json) {
    Map<String, Amount> all = new LinkedHashMap<>();
    json.properties().forEach(one -> all.put(one.getKey(), amount(one.getValue())));
    return all;
  }

  private static void amount(ObjectNode json, String name, Amount amount) {
    ObjectNode all = json.putObject(name);
    number(all, "tokens", amount.tokens());
    if (!amount.money().equals(Money.ZERO)) {
      all.put("usd", amount.money().decimal());
    }
    if (!amount.time().isZero()) {
      all.put("time", amount.time().toString());
    }
    number(all, "turns", amount.turns());
    number(all, "tools", amount.toolCalls());
    number(all, "launches", amount.launches());
  }

  private static void number(ObjectNode json, String name, long number) {
    if (number != 0) {
      json.put(name, number);
    }
  }

  private static Amount amount(JsonNode json) {
    return new Amount(
        json.path("tokens").asLong(),
        Money.usd(json.path("usd").asText("0")),
        Duration.parse(json.path("time").asText("PT0S")),
        json.path("turns").asLong(),
        json.path("tools").asLong(),
        json.path("launches").asLong());
  }

  // ------------------------------------------------------------------ grants

  static byte[] write(Cap granted) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    limit(json, "tokens", granted.tokens());
    if (granted.money() != null) {
      json.put("usd", granted.money().decimal());
    }
    if (granted.time() != null) {
      json.put("time", granted.time().toString());
    }
    limit(json, "turns", granted.turns());
    limit(json, "tools", granted.toolCalls());
    limit(json, "launches", granted.launches());
    return Json.bytes(json);
  }

  static Cap cap(VersionedRecord record) {
    JsonNode json = read(record);
    try {
      return new Cap(
          limit(json, "tokens"),
          json.hasNonNull("usd") ? Money.usd(json.get("usd").asText()) : null,
          json.hasNonNull("time") ? Duration.parse(json.get("time").asText()) : null,
          limit(json, "turns"),
          limit(json, "tools"),
          limit(json, "launches"));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw unreadable(record, e);
    }
  }

  private static void limit(ObjectNode json, String name, @Nullable Long limit) {
    if (limit != null) {
      json.put(name, limit);
    }
  }

  private static @Nullable Long limit(JsonNode json, String name) {
    return json.hasNonNull(name) ? (Long) json.get(name).asLong() : null;
  }

  // ------------------------------------------------------------------ records

  static JsonNode read(VersionedRecord record) {
    try {
      return Json.read(record.json());
    } catch (IOException e) {
      throw unreadable(record, e);
    }
  }

  static StoreException unreadable(VersionedRecord record, Exception cause) {
    return new StoreException("the record " + record.key() + " cannot be read", cause);
  }
}
