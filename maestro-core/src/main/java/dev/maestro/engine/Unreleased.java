package dev.maestro.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.json.Json;
import dev.maestro.json.JsonText;
import dev.maestro.store.BlobId;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Runs that have ended and whose workspaces have not been taken away yet.
 *
 * <p>Written in the commit that ends the run and removed afterwards, so that a crash in between
 * leaves no directory behind for ever.
 *
 * @param run which run
 * @param record where that is written
 */
record Unreleased(RunKey run, VersionedRecord record) {

  private static final String NAMESPACE = "unreleased-workspaces";

  static RecordWrite mark(RunKey run) {
    JsonText text = JsonText.plain();
    text.writeStartObject();
    text.writeStringField("tenant", run.tenant().value());
    text.writeStringField("run", run.run().value());
    text.writeEndObject();
    return new RecordWrite(key(run), 0, text.toBytes());
  }

  /** {@return what removes the mark that {@link #mark} made} */
  static RecordWrite done(RunKey run) {
    return RecordWrite.delete(key(run), 1);
  }

  static List<Unreleased> in(Store store) {
    return store.records(Tenant.DEFAULT, NAMESPACE).stream().map(Unreleased::read).toList();
  }

  private static Unreleased read(VersionedRecord record) {
    try {
      JsonNode json = Json.read(record.json());
      Tenant tenant = Tenant.of(json.path("tenant").asText());
      return new Unreleased(new RunKey(tenant, RunId.of(json.path("run").asText())), record);
    } catch (IOException | IllegalArgumentException e) {
      throw new StoreException("the record " + record.key() + " cannot be read", e);
    }
  }

  /** Names of tenants and runs may be longer together than a record's key. */
  private static RecordKey key(RunKey run) {
    BlobId hash = BlobId.of(run.toString().getBytes(StandardCharsets.UTF_8));
    return new RecordKey(Tenant.DEFAULT, NAMESPACE, hash.hex());
  }
}
