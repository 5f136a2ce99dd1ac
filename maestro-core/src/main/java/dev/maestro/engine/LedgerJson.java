package dev.maestro.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.json.Json;
import dev.maestro.policy.LedgerEntry;
import dev.maestro.policy.SharedGrant;
import dev.maestro.store.StoreException;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
    if (!entry.tells().isEmpty()) {
      ObjectNode tells = json.putObject("tells");
      entry.tells().forEach((attempt, until) -> tells.put(attempt, until.toString()));
    }
    return Json.bytes(json);
  }

  static LedgerEntry entry(VersionedRecord record) {
    JsonNode json = read(record);
    try {
      return new LedgerEntry(
          amount(json.path("spent")),
          amounts(json.path("reserved")),
          amounts(json.path("presumed")),
          instants(json.path("tells")));
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

  private static Map<String, Instant> instants(JsonNode json) {
    Map<String, Instant> all = new LinkedHashMap<>();
    json.properties().forEach(one -> all.put(one.getKey(), Instant.parse(one.getValue().asText())));
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

  static byte[] write(Cap granted, List<SharedGrant> grants) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    cap(json, granted);
    ArrayNode all = json.putArray("grants");
    for (SharedGrant one : grants) {
      ObjectNode grant = all.addObject();
      grant.put("at", one.at().toString()).put("actor", one.actor().name());
      cap(grant, one.more());
    }
    return Json.bytes(json);
  }

  private static void cap(ObjectNode json, Cap cap) {
    limit(json, "tokens", cap.tokens());
    if (cap.money() != null) {
      json.put("usd", cap.money().decimal());
    }
    if (cap.time() != null) {
      json.put("time", cap.time().toString());
    }
    limit(json, "turns", cap.turns());
    limit(json, "tools", cap.toolCalls());
    limit(json, "launches", cap.launches());
  }

  static Cap cap(VersionedRecord record) {
    JsonNode json = read(record);
    try {
      return cap(json);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw unreadable(record, e);
    }
  }

  /** {@return the grants that the record tells of; earlier versions told of none} */
  static List<SharedGrant> grants(VersionedRecord record) {
    JsonNode json = read(record);
    try {
      List<SharedGrant> grants = new ArrayList<>();
      for (JsonNode one : json.path("grants")) {
        Instant at = Instant.parse(one.path("at").asText());
        grants.add(new SharedGrant(at, Actor.of(one.path("actor").asText()), cap(one)));
      }
      return grants;
    } catch (IllegalArgumentException | DateTimeException e) {
      throw unreadable(record, e);
    }
  }

  private static Cap cap(JsonNode json) {
    return new Cap(
        limit(json, "tokens"),
        json.hasNonNull("usd") ? Money.usd(json.get("usd").asText()) : null,
        json.hasNonNull("time") ? Duration.parse(json.get("time").asText()) : null,
        limit(json, "turns"),
        limit(json, "tools"),
        limit(json, "launches"));
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
