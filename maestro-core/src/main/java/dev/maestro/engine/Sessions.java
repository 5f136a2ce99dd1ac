package dev.maestro.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.json.Json;
import dev.maestro.json.JsonText;
import dev.maestro.process.Reaped;
import dev.maestro.process.Reaper;
import dev.maestro.process.Session;
import dev.maestro.store.Commit;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which JVMs have worked on a store and have not said that they left.
 *
 * <p>A process is started before the journal can tell its identity. The session is durable before
 * that, so what a JVM started in its last moment is found too.
 */
final class Sessions {

  private static final String NAMESPACE = "maestro.sessions";

  private final Store store;
  private final Session own;
  private final Set<String> reported = ConcurrentHashMap.newKeySet();
  // set by the loop, read by whoever closes
  private volatile boolean recorded;

  Sessions(Store store, Session own) {
    this.store = store;
    this.own = own;
  }

  /** Have our session written along with the first work that is begun. */
  void begin(Batch batch) {
    if (!recorded && batch.parts().stream().anyMatch(part -> !part.commands().isEmpty())) {
      batch.write(new RecordWrite(key(own), 0, json(own)));
      recorded = true;
    }
  }

  /** Say that nothing of ours is left running, unless the store is broken and takes nothing. */
  void end(boolean broken) {
    if (recorded && !broken) {
      recorded = false;
      delete(key(own), 1);
    }
  }

  /** End what JVMs that are gone have left running, whatever the journals know of it. */
  List<Reaped> reap() {
    List<Reaped> reaped = new ArrayList<>();
    for (VersionedRecord record : store.records(Tenant.DEFAULT, NAMESPACE)) {
      reaped.addAll(reap(record));
    }
    return reaped;
  }

  /** {@return the answers without those about processes that went with their session} */
  List<Reaped> unreported(List<Reaped> answers) {
    return answers.stream()
        .filter(
            one ->
                one.outcome() != Reaped.Outcome.GONE || !reported.contains(one.identity().marker()))
        .toList();
  }

  private List<Reaped> reap(VersionedRecord record) {
    Session session;
    try {
      session = read(record);
    } catch (IOException | IllegalArgumentException e) {
      log().warn("Record {} is not read; what that session left is not ended", record.key(), e);
      return List.of();
    }
    if (session.isAlive()) {
      return List.of();
    }
    List<Reaped> reaped = new Reaper().reap(session);
    reaped.forEach(one -> reported.add(one.identity().marker()));
    if (reaped.stream().noneMatch(one -> one.outcome() == Reaped.Outcome.SURVIVED)) {
      delete(record.key(), record.version());
    }
    return reaped;
  }

  /** Where another engine has deleted it meanwhile, all is well; what stays is looked at again. */
  private void delete(RecordKey key, long version) {
    try {
      store.commit(List.of(Commit.ofRecords(List.of(RecordWrite.delete(key, version)))));
    } catch (StoreException e) {
      log().warn("Record {} of a session that has ended cannot be deleted", key, e);
    }
  }

  private Session read(VersionedRecord record) throws IOException {
    JsonNode json = Json.read(record.json());
    if (!json.path("pid").isIntegralNumber() || !json.path("startTicks").isIntegralNumber()) {
      throw new IOException("a session tells the id of its JVM, and when that was started");
    }
    return new Session(
        record.key().key(),
        json.path("bootId").asText(),
        json.path("pid").asLong(),
        json.path("startTicks").asLong());
  }

  private static byte[] json(Session session) {
    JsonText text = JsonText.plain();
    text.writeStartObject();
    text.writeStringField("bootId", session.bootId());
    text.writeNumberField("pid", session.pid());
    text.writeNumberField("startTicks", session.startTicks());
    text.writeEndObject();
    return text.toBytes();
  }

  private static RecordKey key(Session session) {
    return new RecordKey(Tenant.DEFAULT, NAMESPACE, session.id());
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Sessions.class);
  }
}
