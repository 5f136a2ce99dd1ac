package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.json;
import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.store.CommitOutcome.Committed;
import dev.maestro.store.Verification.Kind;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is removed from a store, and what is never removed. */
final class MaintenanceTest {

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();
  private Store store;

  @AfterEach
  void close() {
    if (store != null) {
      store.close();
    }
  }

  private void open(Retention retention) {
    close();
    store = FileStore.at(directory).keeping(retention).open(time);
  }

  private Path file(String run) {
    return directory.resolve("runs/default/" + run + ".jsonl");
  }

  private Path audit() {
    return directory.resolve("audit.jsonl");
  }

  private void end(String name, Instant at, String... texts) {
    List<Envelope> events = new ArrayList<>();
    for (String text : texts) {
      events.add(Fixtures.event(text));
    }
    RunIndex index = new RunIndex(run(name), "p", "SUCCEEDED", false, at, at, Map.of());
    assertThat(commit(store, new Commit(run(name), 0, 1, events, index, List.of())))
        .isInstanceOf(Committed.class);
  }

  private List<String> runs() {
    return store.find(RunQuery.of(Tenant.DEFAULT)).stream()
        .map(index -> index.run().run().value())
        .toList();
  }

  @Test
  void keepsEverythingUnlessToldOtherwise() {
    open(Retention.everything());
    end("a", Instant.EPOCH, "x");

    assertThat(store.maintain()).isEqualTo(new Maintenance(1, 0, 0, 0));
    assertThat(runs()).containsExactly("a");
    assertThat(audit()).doesNotExist();
  }

  @Test
  void nothingIsRemovedAnyMoreOnceTheStoreIsClosed() throws Exception {
    open(Retention.everything());
    List<BlobId> blobs = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      blobs.add(store.put(json("blob " + i)));
    }
    open(Retention.everything());
    Store closing = store;
    FutureTask<Maintenance> maintenance = new FutureTask<>(closing::maintain);
    new Thread(maintenance).start();
    Path first =
        directory
            .resolve("blobs")
            .resolve(path(Collections.min(blobs, Comparator.comparing(BlobId::hex))));
    while (Files.exists(first) && !maintenance.isDone()) {
      Thread.onSpinWait();
    }

    closing.close();

    List<Path> left = blobFiles();
    assertThat(maintenance.get().deletedBlobs()).isEqualTo(blobs.size() - left.size()).isPositive();
    assertThat(blobFiles()).isEqualTo(left);
  }

  private static String path(BlobId id) {
    return id.hex().substring(0, 2) + "/" + id.hex();
  }

  private List<Path> blobFiles() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("blobs"))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void removesRunsThatEndedLongAgoAndLeavesALineOfEach() throws IOException {
    open(Retention.everything().atMostAge(Duration.ofDays(30)));
    end("old", time.instant().minus(Duration.ofDays(31)), "x", "y");
    end("new", time.instant().minus(Duration.ofDays(29)), "x");
    commit(store, commit(run("open"), 0, 1));

    assertThat(store.maintain().removedRuns()).isEqualTo(1);

    assertThat(runs()).containsExactly("new");
    assertThat(store.read(run("old"), 1)).isEmpty();
    assertThat(store.read(run("open"), 1)).hasSize(1);
    assertThat(file("old")).doesNotExist();
    assertThat(Files.readAllLines(audit()))
        .singleElement()
        .asString()
        .contains("\"what\":\"run default/old\"", "PT720H", "\"events\":2", "\"sha256\":");
  }

  @Test
  void keepsTheLatestRunsByNumberAndBySize() throws IOException {
    open(Retention.everything().atMostRuns(3));
    for (int i = 0; i < 6; i++) {
      end("r" + i, NOW.plusSeconds(i), "x");
    }
    store.maintain();
    assertThat(runs()).containsExactly("r3", "r4", "r5");

    long size = Files.size(file("r5"));
    open(Retention.everything().atMostBytes(2 * size + size / 2));
    store.maintain();
    assertThat(runs()).containsExactly("r4", "r5");
    assertThat(Files.readAllLines(audit())).hasSize(4);
    assertThat(FileStore.at(directory).verify().auditLines()).isEqualTo(4);
  }

  @Test
  void givesTheNameOfARemovedRunFree() {
    open(Retention.everything().atMostRuns(0));
    end("a", NOW, "x", "y");
    store.maintain();

    for (int i = 0; i < 2; i++) {
      assertThat(commit(store, commit(run("a"), i, 1))).isEqualTo(new Committed(i + 1));
      open(Retention.everything());
    }
    assertThat(store.openReport().isClean()).isTrue();
    assertThat(store.read(run("a"), 1)).hasSize(2);
  }

  @Test
  void removesTheFileOfARunWhoseRemovalACrashCutShort() throws IOException {
    open(Retention.everything());
    end("a", NOW, "x");
    store.maintain();
    byte[] file = Files.readAllBytes(file("a"));
    open(Retention.everything().atMostRuns(0));
    store.maintain();
    close();
    Files.write(file("a"), file);
    Files.delete(Snapshot.path(directory.resolve("log")));

    open(Retention.everything());
    assertThat(file("a")).doesNotExist();
    assertThat(runs()).isEmpty();
  }

  @Test
  void detectsALineOfTheAuditTrailThatWasTamperedWith() throws IOException {
    open(Retention.everything().atMostRuns(0));
    for (int i = 0; i < 3; i++) {
      end("r" + i, NOW, "x");
    }
    store.maintain();
    List<String> lines = Files.readAllLines(audit());
    assertThat(FileStore.at(directory).verify().findings()).isEmpty();

    for (int i = 0; i < 3; i++) {
      List<String> changed = new ArrayList<>(lines);
      changed.set(i, lines.get(i).replace("\"events\":1", "\"events\":2"));
      Files.write(audit(), changed);
      assertThat(FileStore.at(directory).verify().findings())
          .anySatisfy(
              finding -> {
                assertThat(finding.kind()).isEqualTo(Kind.AUDIT);
                assertThat(finding.file()).isEqualTo(audit());
              });
    }
    Files.write(audit(), List.of(lines.get(0), lines.get(2)));
    assertThat(FileStore.at(directory).verify().findings())
        .extracting(Verification.Finding::kind)
        .containsExactly(Kind.AUDIT);
  }

  @Test
  void deletesBlobsThatNothingNames() {
    open(Retention.everything());
    BlobId unnamed = store.put(json("unnamed"));
    BlobId inner = store.put(json("inner"));
    BlobId byEvent = store.put(json(inner.hex()));
    BlobId byRecord = store.put(json("record"));
    BlobId byEnded = store.put(json("ended"));
    commit(
        store, new Commit(run("a"), 0, 1, List.of(Fixtures.event(byEvent.hex())), null, List.of()));
    commit(store, Fixtures.write("spent", 0, byRecord.hex()));
    end("b", NOW, "sha256:" + byEnded.hex());
    assertThat(store.maintain().deletedBlobs()).as("they may be named any moment").isZero();

    open(Retention.everything());
    BlobId fresh = store.put(json("fresh"));
    assertThat(store.maintain().deletedBlobs()).isEqualTo(1);

    assertThat(store.blob(unnamed)).isEmpty();
    for (BlobId id : List.of(inner, byEvent, byRecord, byEnded, fresh)) {
      assertThat(store.blob(id)).isPresent();
    }
  }

  @Test
  void deletesTheBlobsOfARemovedRunOnlyTheNextTime() {
    open(Retention.everything());
    BlobId blob = store.put(json("result"));
    end("a", NOW, blob.hex());
    open(Retention.everything().atMostRuns(0));

    assertThat(store.maintain()).isEqualTo(new Maintenance(1, 0, 1, 0));
    assertThat(store.blob(blob)).isPresent();
    assertThat(store.maintain()).isEqualTo(new Maintenance(0, 0, 0, 1));
    assertThat(store.blob(blob)).isEmpty();
  }

  @Test
  void deletesTheBlobsOfARemovedRunAlsoWhereAllWerePutSinceTheStoreWasOpened() {
    open(Retention.everything().atMostRuns(0));
    BlobId blob = store.put(json("result"));
    BlobId unnamed = store.put(json("about to be named"));
    end("a", NOW, blob.hex());

    assertThat(store.maintain()).isEqualTo(new Maintenance(1, 0, 1, 0));
    assertThat(store.maintain()).isEqualTo(new Maintenance(0, 0, 0, 1));
    assertThat(store.blob(blob)).isEmpty();
    assertThat(store.blob(unnamed)).isPresent();
  }

  @Test
  void keepsABlobThatIsPutAgain() {
    open(Retention.everything());
    BlobId blob = store.put(json("again"));
    open(Retention.everything());
    store.put(json("again"));

    assertThat(store.maintain().deletedBlobs()).isZero();
    assertThat(store.blob(blob)).isPresent();
  }

  @Test
  void leavesADamagedStoreAsItIs() throws IOException {
    open(Retention.everything());
    commit(store, commit(run("a"), 0, 1));
    end("b", NOW, "x");
    commit(store, Fixtures.write("spent", 0, "1"));
    close();
    byte[] log = Fixtures.bytes(Fixtures.log(directory));
    Files.write(Fixtures.log(directory), Fixtures.flipped(log, Segment.HEADER + 60));

    open(Retention.everything().atMostRuns(0));
    assertThat(store.openReport().damages()).hasSize(1);
    assertThat(store.maintain()).isEqualTo(Maintenance.nothing());
    assertThat(store.record(key("spent"))).isPresent();
    assertThat(store.read(run("b"), 1)).hasSize(1);
  }

  @Test
  void cannotTidyUpWhatWasOpenedToBeReadOnly() {
    open(Retention.everything());
    close();
    store = FileStore.readOnly(directory).open(time);

    assertThatThrownBy(() -> store.maintain())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("read only");
  }
}
