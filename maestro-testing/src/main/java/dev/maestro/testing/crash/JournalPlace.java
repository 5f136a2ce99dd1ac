package dev.maestro.testing.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.maestro.store.Envelope;
import dev.maestro.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A record of a journal, named so that it is found again in another run, where others may have come
 * in between.
 *
 * @param label the kind of the record and what it is about
 * @param occurrence which of the records of this label, counted from 1
 */
record JournalPlace(String label, int occurrence) {

  private static final List<String> FIELDS =
      List.of("task", "by", "question", "attempt", "phase", "to");

  @Override
  public String toString() {
    return occurrence == 1 ? label : label + " (" + occurrence + ")";
  }

  /** Names the records of a run as they come by. */
  static final class Naming {

    private final ObjectMapper mapper = new ObjectMapper();
    private final Map<String, Integer> seen = new HashMap<>();

    JournalPlace next(Envelope envelope) {
      String label = label(envelope);
      return new JournalPlace(label, seen.merge(label, 1, Integer::sum));
    }

    List<JournalPlace> all(List<Envelope> envelopes) {
      return envelopes.stream().map(this::next).toList();
    }

    private String label(Envelope envelope) {
      JsonNode json;
      try {
        json = mapper.readTree(envelope.json());
      } catch (IOException e) {
        throw new StoreException("a record '" + envelope.type() + "' is no JSON", e);
      }
      List<String> words = new ArrayList<>(List.of(envelope.type()));
      for (String field : FIELDS) {
        if (json.path(field).isValueNode()) {
          words.add(json.path(field).asText());
        }
      }
      if (words.size() == 1) {
        json.path("tasks").forEach(task -> words.add(task.asText()));
        json.path("moves")
            .forEach(
                move -> words.add(move.path("task").asText() + " " + move.path("to").asText()));
      }
      return String.join(" ", words);
    }
  }
}
