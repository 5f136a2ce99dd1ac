package dev.maestro.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.json.Json;
import dev.maestro.run.Decision;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunState;
import dev.maestro.run.Task;
import dev.maestro.store.BlobId;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.Workspaces;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who has claimed work in a place where everybody sees everybody's files: one actor at a time, in
 * whichever runs. Confined to the loop.
 *
 * <p>What is claimed there is one record, written in the commit that has the claim's event. Whether
 * a claim still holds its run says; those that do not are left out when the next one is written.
 * Within a turn only one claim may change it; who comes second is decided on in the next turn, see
 * {@link #isBeingWritten}.
 */
final class Places {

  /** The kind of record. */
  static final String NAMESPACE = "place";

  private final Store store;
  // null where everybody works apart
  private final @Nullable RecordKey key;
  private final String description;
  private @Nullable Kept known;
  private boolean writing;

  /** What is claimed, and which version of the record says so. */
  private record Kept(List<Held> claims, long version) {}

  private record Held(RunKey run, TaskId task, int number, Actor actor) {

    boolean isOf(RunKey other, TaskId id) {
      return run.equals(other) && task.equals(id);
    }
  }

  Places(Store store, Workspaces workspaces) {
    this.store = store;
    this.key = workspaces.capabilities().isolates() ? null : key(workspaces.capacity().key());
    this.description = workspaces.description();
  }

  /** A directory's name may be longer than a record's key. */
  private static RecordKey key(String place) {
    BlobId hash = BlobId.of(place.getBytes(StandardCharsets.UTF_8));
    return new RecordKey(Tenant.DEFAULT, NAMESPACE, hash.hex());
  }

  /** {@return whether who claims this task works among others} */
  boolean areSharedBy(@Nullable Task task) {
    return key != null && Slots.usesWorkspace(task);
  }

  /** {@return whether this turn has changed the record already} */
  boolean isBeingWritten() {
    return writing;
  }

  // ------------------------------------------------------------------ how they stand

  /** {@return the refusal of a claim in a place that another actor is at work in} */
  Optional<Decision.Refused> taken(
      RunKey run, RunInput.Claim claim, Function<RunKey, Optional<RunState>> runs) {
    Kept kept = kept();
    List<Held> holding =
        kept.claims().stream().filter(one -> holder(one, runs, claim.at()).isPresent()).toList();
    known = new Kept(holding, kept.version());
    return holding.stream()
        .filter(one -> !one.actor().equals(claim.actor()) && !one.isOf(run, claim.task()))
        .findFirst()
        .map(one -> refused(one, run.tenant(), holder(one, runs, claim.at()).orElseThrow()));
  }

  /** {@return the task that this is a claim of, while it is at work or its work is checked} */
  private static Optional<Task> holder(
      Held one, Function<RunKey, Optional<RunState>> runs, Instant now) {
    return runs.apply(one.run())
        .filter(state -> !state.status().isTerminal())
        .flatMap(state -> state.task(one.task()))
        .filter(
            task ->
                task.isActive()
                    || task.delivered().isPresent()
                    || task.claim()
                        .filter(claim -> claim.number() == one.number() && !claim.isLapsed(now))
                        .isPresent());
  }

  /** Who works for whom is no other tenant's business. */
  private Decision.Refused refused(Held one, Tenant asking, Task task) {
    String what =
        task.claim()
            .map(claim -> "has it until " + claim.until())
            .orElse("has handed it in, and it is being checked");
    String who =
        one.run().tenant().equals(asking)
            ? "%s works there, on task %s of run %s, and %s"
                .formatted(one.actor(), one.task(), one.run().run(), what)
            : "somebody works there for another tenant";
    return new Decision.Refused("place-taken", description + " is one actor's at a time: " + who);
  }

  private Kept kept() {
    Kept kept = known;
    if (kept == null) {
      kept =
          store
              .record(Objects.requireNonNull(key))
              .map(record -> new Kept(read(record), record.version()))
              .orElseGet(() -> new Kept(List.of(), 0));
      known = kept;
    }
    return kept;
  }

  // ------------------------------------------------------------------ what changes them

  /** Take in a claim that was not refused; written with the events of its run. */
  void take(RunKey run, Batch.Part part, List<RunEvent> events) {
    Kept kept = kept();
    List<Held> claims = new ArrayList<>(kept.claims());
    for (RunEvent event : events) {
      if (event instanceof RunEvent.TaskClaimed claimed) {
        claims.removeIf(one -> one.isOf(run, claimed.task()));
        claims.add(
            new Held(run, claimed.task(), claimed.claim().number(), claimed.claim().actor()));
      }
    }
    known = new Kept(List.copyOf(claims), kept.version());
    writing = true;
    part.writesPlace();
  }

  /** {@return what is to be written} */
  RecordWrite write() {
    Kept kept = kept();
    return new RecordWrite(Objects.requireNonNull(key), kept.version(), write(kept.claims()));
  }

  /** It is written. */
  void written() {
    Kept kept = kept();
    known = new Kept(kept.claims(), kept.version() + 1);
    writing = false;
  }

  /** It was not written: what stands in the store counts. */
  void forget() {
    known = null;
    writing = false;
  }

  // ------------------------------------------------------------------ JSON

  private static byte[] write(List<Held> claims) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode all = json.putArray("claims");
    for (Held one : claims) {
      all.addObject()
          .put("tenant", one.run().tenant().value())
          .put("run", one.run().run().value())
          .put("task", one.task().value())
          .put("number", one.number())
          .put("actor", one.actor().name());
    }
    return Json.bytes(json);
  }

  private static List<Held> read(VersionedRecord record) {
    JsonNode json = LedgerJson.read(record);
    try {
      List<Held> claims = new ArrayList<>();
      json.path("claims").forEach(one -> claims.add(held(one)));
      return claims;
    } catch (IllegalArgumentException e) {
      throw LedgerJson.unreadable(record, e);
    }
  }

  private static Held held(JsonNode json) {
    return new Held(
        new RunKey(Tenant.of(json.path("tenant").asText()), RunId.of(json.path("run").asText())),
        TaskId.of(json.path("task").asText()),
        json.path("number").asInt(),
        Actor.of(json.path("actor").asText()));
  }
}
