package dev.maestro;

import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.BlobId;
import dev.maestro.store.Commit;
import dev.maestro.store.FileStore;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Retention;
import dev.maestro.store.RunIndex;
import dev.maestro.store.RunQuery;
import dev.maestro.store.Store;
import dev.maestro.store.StoredEvent;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Makes a small store of the present format, to be kept for later versions: {@code
 * StoreOfThisVersionMain DIRECTORY}, such as {@code
 * src/test/resources/dev/maestro/stores/format-2}.
 *
 * <p>It holds a bit of everything: runs that ended well and badly in files of their own, one that
 * was removed, one that waits for a person, a record, a blob, a log whose beginning was deleted.
 */
final class StoreOfThisVersionMain {

  static final Pipeline GREETING =
      Pipeline.named("greeting")
          .step("name", s -> s.code("name", "1").output("who"))
          .step("long", s -> s.code("long", "1").after("name").output("text"))
          .build();
  static final Pipeline FAILING =
      Pipeline.named("failing").step("bad", s -> s.code("bad", "1").attempts(2)).build();
  static final Pipeline ASKING =
      Pipeline.named("asking")
          .step("name", s -> s.code("name", "1").output("who"))
          .step("ask", s -> s.approval("Is it {{ who }}?").after("name"))
          .step("then", s -> s.code("name", "1").after("ask"))
          .build();
  static final String LONG_TEXT = "long ".repeat(4_000);

  private StoreOfThisVersionMain() {}

  /** Make the store and, beside it, what must be found in it. */
  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    Path store = directory.resolve("store");
    try (Maestro maestro = open(files(store), directory.resolve("work"))) {
      for (int i = 0; i < 8; i++) {
        maestro.start(GREETING, RunId.of("greeting-" + i), Inputs.none()).await();
      }
      maestro.start(ASKING, RunId.of("Asking"), Inputs.none()).await();
      maestro.start(FAILING, RunId.of("failing"), Inputs.none()).await();
      maestro.maintain();
    }
    try (Store open = files(store).open(() -> Instant.EPOCH)) {
      RecordKey key = new RecordKey(Tenant.DEFAULT, "budget", "spent");
      byte[] json = "{\"usd\":\"1.25\"}".getBytes(StandardCharsets.UTF_8);
      open.commit(List.of(Commit.ofRecords(List.of(new RecordWrite(key, 0, json)))));
      open.maintain();
    }
    Files.deleteIfExists(store.resolve("lock"));
    try (Store open = FileStore.readOnly(store).open(() -> Instant.EPOCH)) {
      Files.write(directory.resolve("expected.txt"), describe(open));
    }
  }

  private static FileStore files(Path store) {
    return FileStore.at(store)
        .withSegments(8 * 1024)
        .withPreallocation(256)
        .keeping(Retention.everything().atMostRuns(3));
  }

  /** {@return an engine that knows the code of these pipelines} */
  static Maestro open(FileStore store, Path work) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .actor(Actor.of("anna"))
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(work))
        .step("name", "1", context -> "world")
        .step("long", "1", context -> LONG_TEXT)
        .step(
            "bad",
            "1",
            context -> {
              throw new IllegalStateException("it never works");
            })
        .build();
  }

  /** {@return everything in a store that no later version may read differently, as lines} */
  static List<String> describe(Store store) {
    List<String> lines = new ArrayList<>();
    List<RunIndex> runs = new ArrayList<>(store.find(RunQuery.of(Tenant.DEFAULT)));
    runs.sort(Comparator.comparing(run -> run.run().run()));
    for (RunIndex run : runs) {
      lines.add(
          "run %s %s %s %s %s"
              .formatted(run.run(), run.pipeline(), run.state(), run.startedAt(), run.updatedAt()));
      for (StoredEvent event : store.read(run.run(), 1)) {
        lines.add(
            "  %d %s %d %s %s"
                .formatted(
                    event.sequence(),
                    event.envelope().type(),
                    event.envelope().version(),
                    event.envelope().at(),
                    BlobId.of(event.envelope().json())));
      }
    }
    for (VersionedRecord record : store.records()) {
      lines.add(
          "record %s %d %s"
              .formatted(
                  record.key(),
                  record.version(),
                  new String(record.json(), StandardCharsets.UTF_8)));
    }
    return lines;
  }
}
