package dev.maestro.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.json.Json;
import dev.maestro.policy.Baseline;
import dev.maestro.policy.EvalGate;
import dev.maestro.run.RunEvent;
import dev.maestro.store.BlobId;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What steps scored in earlier runs. Confined to the loop.
 *
 * <p>Each baseline is one record, written in the commit that has the score's event. Within a turn
 * only one run may change it, so that no run's commit depends on another's; who comes second is
 * decided on in the next turn, see {@link #isBeingWritten}.
 */
final class Baselines {

  /** The kind of record. */
  static final String NAMESPACE = "baseline";

  private final Store store;
  // those that this turn changes; all others are read anew: other engines on the store change them
  private final Map<RecordKey, Kept> writing = new HashMap<>();

  /** A baseline, and which version of its record says so. */
  private record Kept(Baseline baseline, long version) {}

  Baselines(Store store) {
    this.store = store;
  }

  /** {@return all baselines that a store holds} */
  static List<Baseline> read(Store store) {
    return store.records().stream()
        .filter(record -> record.key().namespace().equals(NAMESPACE))
        .map(Baselines::read)
        .toList();
  }

  // ------------------------------------------------------------------ how they stand

  /** {@return whether this turn has changed the baseline already} */
  boolean isBeingWritten(Baseline which) {
    return writing.containsKey(key(which));
  }

  /** {@return what a run is compared with, oldest first} */
  List<Double> earlier(Baseline which, RunKey run) {
    return kept(which).baseline().without(run.run());
  }

  private Kept kept(Baseline which) {
    RecordKey key = key(which);
    Kept changed = writing.get(key);
    return changed != null
        ? changed
        : store
            .record(key)
            .map(record -> new Kept(read(record), record.version()))
            .orElseGet(() -> new Kept(which, 0));
  }

  /** The names may be longer together than a record's key. */
  private static RecordKey key(Baseline which) {
    String names = which.pipeline() + "\n" + which.step() + "\n" + which.scoredBy();
    return new RecordKey(
        which.tenant(), NAMESPACE, BlobId.of(names.getBytes(StandardCharsets.UTF_8)).hex());
  }

  // ------------------------------------------------------------------ what changes them

  /** Take in a score; written with the events of its run. */
  void take(Baseline which, RunKey run, Batch.Part part, RunEvent.Scored scored) {
    Kept kept = kept(which);
    Baseline after = after(kept.baseline(), run.run(), scored);
    if (!after.equals(kept.baseline())) {
      RecordKey key = key(which);
      writing.put(key, new Kept(after, kept.version()));
      part.writesScores(key);
    }
  }

  private static Baseline after(Baseline before, RunId run, RunEvent.Scored scored) {
    if (!scored.decision().counts()) {
      return before.forgetting(run, scored.task());
    }
    int atMost = Math.max(EvalGate.BASELINE_WINDOW, scored.decision().baselineWindow());
    return before.with(
        new Baseline.Score(run, scored.task(), scored.attempt(), scored.score()), atMost);
  }

  /** Have a baseline begin anew; {@return what writes that down, if there is one} */
  Optional<RecordWrite> beginAnew(Baseline which, Baseline.Begun begun) {
    Kept kept = kept(which);
    if (kept.version() == 0) {
      return Optional.empty();
    }
    RecordKey key = key(which);
    Kept empty = new Kept(kept.baseline().beginningAnew(begun), kept.version());
    writing.put(key, empty);
    return Optional.of(new RecordWrite(key, empty.version(), write(empty.baseline())));
  }

  /** A baseline begins anew, or could not: what stands in the store counts. */
  void begun(Baseline which) {
    writing.remove(key(which));
  }

  // ------------------------------------------------------------------ the commit

  /** {@return what is to be written of these} */
  List<RecordWrite> writes(Iterable<RecordKey> keys) {
    List<RecordWrite> writes = new ArrayList<>();
    for (RecordKey key : keys) {
      Kept kept = Objects.requireNonNull(writing.get(key));
      writes.add(new RecordWrite(key, kept.version(), write(kept.baseline())));
    }
    return writes;
  }

  /** These are written, or were not: what stands in the store counts. */
  void forget(Iterable<RecordKey> keys) {
    keys.forEach(writing::remove);
  }

  // ------------------------------------------------------------------ JSON

  private static byte[] write(Baseline baseline) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("pipeline", baseline.pipeline())
        .put("step", baseline.step())
        .put("scoredBy", baseline.scoredBy());
    ArrayNode scores = json.putArray("scores");
    for (Baseline.Score score : baseline.scores()) {
      scores
          .addObject()
          .put("run", score.run().value())
          .put("task", score.task().value())
          .put("attempt", score.attempt())
          .put("score", score.score());
    }
    if (baseline.begun() != null) {
      json.putObject("begun")
          .put("at", baseline.begun().at().toString())
          .put("actor", baseline.begun().actor().name());
    }
    return Json.bytes(json);
  }

  private static Baseline read(VersionedRecord record) {
    JsonNode json = LedgerJson.read(record);
    try {
      List<Baseline.Score> scores = new ArrayList<>();
      json.path("scores").forEach(one -> scores.add(score(one)));
      return new Baseline(
          record.key().tenant(),
          json.path("pipeline").asText(),
          json.path("step").asText(),
          json.path("scoredBy").asText(),
          scores,
          json.has("begun") ? begun(json.path("begun")) : null);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw LedgerJson.unreadable(record, e);
    }
  }

  private static Baseline.Begun begun(JsonNode json) {
    return new Baseline.Begun(
        Instant.parse(json.path("at").asText()), Actor.of(json.path("actor").asText()));
  }

  private static Baseline.Score score(JsonNode json) {
    return new Baseline.Score(
        RunId.of(json.path("run").asText()),
        TaskId.of(json.path("task").asText()),
        json.path("attempt").asInt(),
        json.path("score").asDouble());
  }
}
