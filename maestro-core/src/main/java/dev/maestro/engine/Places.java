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
 * Nothing of it is kept here: other engines on the same store write it too.
 */
final class Places {

  /** The kind of record. */
  static final String NAMESPACE = "place";

  private final Store store;
  // null where everybody works apart
  private final @Nullable RecordKey key;
  private final String description;

  private record Held(RunKey run, TaskId task, int number, Actor actor) {

    boolean isOf(RunKey other, TaskId id) {
      return run.equals(other) && task.equals(id);
    }
  }

  /** A claim that holds, and its task, which is at work or whose work is checked. */
  private record Holding(Held claim, Task task) {}

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

  /**
   * {@return who works there by now, as the store has it}
   *
   * @param runs how a run stands, if it is open
   */
  Standing now(Function<RunKey, Optional<RunState>> runs, Instant now) {
    Optional<VersionedRecord> record = store.record(Objects.requireNonNull(key));
    List<Holding> holding = new ArrayList<>();
    for (Held one : record.map(Places::read).orElse(List.of())) {
      holder(one, runs, now).ifPresent(task -> holding.add(new Holding(one, task)));
    }
    return new Standing(holding, record.map(VersionedRecord::version).orElse(0L));
  }

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

  /** The claims that hold, and the version of the record that says so. */
  final class Standing {

    private final List<Holding> holding;
    private final long version;

    private Standing(List<Holding> holding, long version) {
      this.holding = holding;
      this.version = version;
    }

    /** {@return the refusal of a claim while another actor is at work there} */
    Optional<Decision.Refused> taken(RunKey run, RunInput.Claim claim) {
      return holding.stream()
          .filter(one -> !one.claim().actor().equals(claim.actor()))
          .filter(one -> !one.claim().isOf(run, claim.task()))
          .findFirst()
          .map(one -> refused(one, run.tenant()));
    }

    /** {@return what is written with these events of a run, so that its claims are known} */
    RecordWrite with(RunKey run, List<RunEvent> events) {
      List<Held> claims = new ArrayList<>(holding.stream().map(Holding::claim).toList());
      for (RunEvent event : events) {
        if (event instanceof RunEvent.TaskClaimed claimed) {
          claims.removeIf(one -> one.isOf(run, claimed.task()));
          claims.add(
              new Held(run, claimed.task(), claimed.claim().number(), claimed.claim().actor()));
        }
      }
      return new RecordWrite(Objects.requireNonNull(key), version, write(claims));
    }
  }

  /** Who works for whom is no other tenant's business. */
  private Decision.Refused refused(Holding holding, Tenant asking) {
    Held one = holding.claim();
    String what =
        holding
            .task()
            .claim()
            .map(claim -> "has it until " + claim.until())
            .orElse("has handed it in, and it is being checked");
    String who =
        one.run().tenant().equals(asking)
            ? "%s works there, on task %s of run %s, and %s"
                .formatted(one.actor(), one.task(), one.run().run(), what)
            : "somebody works there for another tenant";
    return new Decision.Refused("place-taken", description + " is one actor's at a time: " + who);
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
