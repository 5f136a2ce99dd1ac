package dev.maestro.testing;

import dev.maestro.store.Commit;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.Envelope;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.RunIndex;
import dev.maestro.store.Store;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs, events and records to put into a store. */
final class StoreSamples {

  static final Instant NOW = Instant.parse("2026-11-20T10:00:00.123456789Z");

  private StoreSamples() {}

  static RunKey run(String name) {
    return new RunKey(Tenant.DEFAULT, RunId.of(name));
  }

  static RecordKey key(String name) {
    return new RecordKey(Tenant.DEFAULT, "budget", name);
  }

  static byte[] json(String text) {
    return ("{\"text\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  static Envelope event(String text) {
    return new Envelope("task.moved", 1, NOW, json(text));
  }

  /** {@return a commit of so many events under token 1} */
  static Commit commit(RunKey run, long expectedSequence, int events) {
    return new Commit(run, expectedSequence, 1, events(expectedSequence, events), null, List.of());
  }

  static List<Envelope> events(long after, int count) {
    return IntStream.range(0, count).mapToObj(i -> event("event " + (after + 1 + i))).toList();
  }

  /** {@return a commit that writes one record, or deletes it where there is no text} */
  static Commit write(String key, long expectedVersion, @Nullable String text) {
    return Commit.ofRecords(
        List.of(
            text == null
                ? RecordWrite.delete(key(key), expectedVersion)
                : new RecordWrite(key(key), expectedVersion, json(text))));
  }

  static RunIndex index(RunKey run, String state, Instant startedAt) {
    return new RunIndex(
        run, "tdd", state, !state.equals("SUCCEEDED"), startedAt, NOW, Map.of("team", "blue"));
  }

  static CommitOutcome commit(Store store, Commit commit) {
    return store.commit(List.of(commit)).get(0);
  }

  /** {@return the JSON of a run's events, in order} */
  static List<String> texts(Store store, RunKey run) {
    return store.read(run, 1).stream().map(event -> text(event.envelope().json())).toList();
  }

  static List<String> texts(List<Envelope> events) {
    return events.stream().map(event -> text(event.json())).toList();
  }

  static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }
}
