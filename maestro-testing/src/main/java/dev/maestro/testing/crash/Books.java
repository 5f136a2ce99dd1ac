package dev.maestro.testing.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.maestro.store.StoreException;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Amount;
import dev.maestro.task.Money;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one run has done to a budget that runs share, read as it lies in the store: an engine must
 * not be its own witness.
 *
 * @param spent what launches have used up
 * @param open attempts for which something is still put aside
 */
record Books(Amount spent, Set<String> open) {

  static Books read(VersionedRecord record) {
    JsonNode json;
    try {
      json = new ObjectMapper().readTree(record.json());
    } catch (IOException e) {
      throw new StoreException("the record " + record.key() + " is no JSON", e);
    }
    Set<String> open = new TreeSet<>();
    json.path("reserved").fieldNames().forEachRemaining(open::add);
    return new Books(amount(json.path("spent")), open);
  }

  /** {@return both together} */
  Books and(Books other) {
    Set<String> all = new TreeSet<>(open);
    all.addAll(other.open);
    return new Books(spent.plus(other.spent), all);
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
}
