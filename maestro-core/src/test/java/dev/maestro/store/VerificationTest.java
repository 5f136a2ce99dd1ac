package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.flipped;
import static dev.maestro.store.Fixtures.json;
import static dev.maestro.store.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.maestro.store.Verification.Finding;
import dev.maestro.store.Verification.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of damage is found where it is, and mended only where nothing has to be guessed. */
final class VerificationTest {

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();
  private BlobId blob;

  private FileStore files() {
    return FileStore.at(directory).withSegments(2048).withPreallocation(256).withoutUpkeep();
  }

  @BeforeEach
  void fill() {
    try (Store store = files().keeping(Retention.everything().atMostRuns(5)).open(time)) {
      blob = store.put(json("definition"));
      for (int i = 0; i < 8; i++) {
        RunIndex ended =
            new RunIndex(run("e" + i), "p", "FAILED", false, NOW, NOW.plusSeconds(i), Map.of());
        List<Envelope> events = List.of(Fixtures.event(blob.hex()), Fixtures.event("end"));
        commit(store, new Commit(run("e" + i), 0, 1, events, ended, List.of()));
      }
      store.maintain();
      for (int i = 0; i < 60; i++) {
        commit(store, commit(run("r" + i % 3), i / 3, 1));
      }
    }
  }

  private Path run5() {
    return directory.resolve("runs/default/e5.jsonl");
  }

  private Path firstSegment() throws IOException {
    return Segment.path(directory.resolve("log"), Log.list(directory.resolve("log")).first());
  }

  private Path blobFile() {
    return directory.resolve("blobs").resolve(blob.hex().substring(0, 2)).resolve(blob.hex());
  }

  private Map<String, String> listing() throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(file.toString(), BlobId.of(Files.readAllBytes(file)).hex());
      }
    }
    return all;
  }

  private List<Finding> findings() {
    return files().verify().findings();
  }

  private static void damage(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, flipped(bytes, at < 0 ? bytes.length + at : at));
  }

  @Test
  void findsNothingInAWholeStoreAndChangesNothing() throws IOException {
    Map<String, String> before = listing();

    Verification found = files().verify();

    assertThat(found.findings()).isEmpty();
    assertThat(found.isIntact()).isTrue();
    assertThat(found.segments()).isGreaterThan(1);
    assertThat(found.batches()).isGreaterThanOrEqualTo(60);
    assertThat(found.runs()).isEqualTo(5);
    assertThat(found.blobs()).isEqualTo(1);
    assertThat(found.auditLines()).isEqualTo(3);
    assertThat(listing()).isEqualTo(before);
  }

  @Test
  void looksAtAStoreThatIsInUse() {
    try (Store store = files().open(time)) {
      for (int i = 0; i < 30; i++) {
        commit(store, commit(run("new"), i, 1));
        if (i % 10 == 0) {
          store.maintain();
          assertThat(findings()).isEmpty();
        }
      }
    }
  }

  @Test
  void findsABatchThatASnapshotPassesOver() throws IOException {
    Path log = Segment.path(directory.resolve("log"), Log.list(directory.resolve("log")).last());
    try (Store store = files().open(time)) {
      ((OpenFileStore) store).housekeeper().tidy();
    }
    damage(log, Segment.HEADER + 50);

    try (Store store = FileStore.readOnly(directory).open(time)) {
      assertThat(store.openReport().isClean()).isTrue();
    }
    assertThat(findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.kind()).isEqualTo(Kind.LOG);
              assertThat(finding.file()).isEqualTo(log);
              assertThat(finding.offset()).isEqualTo(Segment.HEADER);
            });
  }

  @Test
  void findsEveryBitThatIsFlippedInARun() throws IOException {
    byte[] bytes = Files.readAllBytes(run5());
    for (int at = 0; at < bytes.length; at += 7) {
      Files.write(run5(), flipped(bytes, at));
      assertThat(findings()).extracting(Finding::file).containsOnly(run5());
    }
    for (int length = 0; length < bytes.length; length += 31) {
      Files.write(run5(), java.util.Arrays.copyOf(bytes, length));
      assertThat(findings()).extracting(Finding::kind).containsExactly(Kind.RUN);
    }
  }

  @Test
  void setsAsideAFileThatHasChangedAndKeepsItsNameTaken() throws IOException {
    damage(run5(), 200);
    damage(blobFile(), 3);

    assertThat(findings()).extracting(Finding::kind).containsExactly(Kind.RUN, Kind.BLOB);
    Repair repair = files().repair();

    assertThat(repair.left()).isEmpty();
    assertThat(repair.done()).hasSize(2).allMatch(line -> line.startsWith("set aside"));
    Path aside = directory.resolve("quarantine/runs/default/e5.jsonl");
    assertThat(aside).exists();
    assertThat(findings())
        .extracting(Finding::kind)
        .containsExactly(Kind.SET_ASIDE, Kind.SET_ASIDE);
    assertThat(findings()).extracting(Finding::file).contains(aside);
    assertThat(files().verify().isIntact()).isFalse();
    assertThat(files().refusedRuns()).extracting(Finding::file).containsExactly(aside);
    try (Store store = files().open(time)) {
      assertThatThrownBy(() -> store.index(run("e5")))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("set aside");
      assertThatThrownBy(() -> commit(store, commit(run("e5"), 0, 1)))
          .isInstanceOf(StoreException.class);
      assertThat(store.read(run("e6"), 1)).hasSize(2);
    }
  }

  @Test
  void findsNothingMoreOfWhatWasSetAsideOnceItHasComeBackOrIsForgotten() throws IOException {
    byte[] run = Files.readAllBytes(run5());
    byte[] bytes = Files.readAllBytes(blobFile());
    damage(run5(), 200);
    damage(directory.resolve("runs/default/e6.jsonl"), 200);
    damage(blobFile(), 3);
    assertThat(files().repair().done()).hasSize(3);
    assertThat(findings()).hasSize(3).extracting(Finding::kind).containsOnly(Kind.SET_ASIDE);

    Files.write(run5(), run);
    try (Store store = files().open(time)) {
      assertThat(store.put(bytes)).isEqualTo(blob);
    }
    files().forget(run("e6"), "Ann: nobody needs it", time);

    assertThat(findings()).isEmpty();
  }

  @Test
  void findsABlobThatARunOrARecordNamesAndThatIsNotThere() throws IOException {
    BlobId definition = BlobId.of(json("a pipeline"));
    BlobId output = BlobId.of(json("an output"));
    BlobId ofRecord = BlobId.of(json("of a record"));
    BlobId ofEnded = BlobId.of(json("of a run that has ended"));
    try (Store store = files().open(time)) {
      for (String text :
          List.of("a pipeline", "an output", "of a record", "of a run that has ended")) {
        store.put(json(text));
      }
      commit(store, named("waiting", true, "{\"definition\":\"" + definition + "\"}"));
      commit(
          store,
          named("done", true, "{\"outputs\":{\"a\":{\"blob\":\"" + output + "\",\"bytes\":9}}}"));
      commit(store, named("ended", false, "{\"promptHash\":\"" + ofEnded + "\"}"));
      byte[] record = ("[{\"blob\":\"" + ofRecord + "\"}]").getBytes(StandardCharsets.UTF_8);
      commit(store, Commit.ofRecords(List.of(new RecordWrite(Fixtures.key("r"), 0, record))));
      store.maintain();
    }
    assertThat(findings()).isEmpty();
    Fixtures.delete(directory.resolve("blobs"));
    Files.createDirectories(directory.resolve("blobs"));

    assertThat(findings()).extracting(Finding::kind).containsOnly(Kind.MISSING);
    assertThat(findings())
        .extracting(finding -> finding.file().getFileName() + ": " + finding.what())
        .containsExactlyInAnyOrder(
            definition + ": the blob is missing; run default/waiting names it",
            output + ": the blob is missing; run default/done names it",
            ofRecord + ": the blob is missing; record default/budget/r names it",
            ofEnded + ": the blob is missing; run default/ended names it");
    assertThat(files().repair().left()).hasSize(4);
    assertThat(files().refusedRuns()).isEmpty();
  }

  @Test
  void takesNoOtherHashForABlob() {
    String hash = BlobId.of(json("nothing that was ever put")).hex();
    try (Store store = files().open(time)) {
      commit(store, named("a", true, "{\"inputHash\":\"" + hash + "\",\"text\":\"" + hash + "\"}"));
      commit(
          store, named("b", true, "{\"inputs\":{\"x\":{\"json\":{\"blob\":\"" + hash + "\"}}}}"));
      commit(store, named("c", true, "{\"labels\":{\"blob\":\"" + hash + "\"}}"));
      commit(store, named("d", true, "{\"blob\":\"" + hash + "0\"}"));
      commit(store, named("e", true, "no JSON, \"blob\":\"" + hash + "\""));
    }
    assertThat(findings()).isEmpty();
  }

  private static Commit named(String run, boolean open, String json) {
    Envelope event = new Envelope("x", 1, NOW, json.getBytes(StandardCharsets.UTF_8));
    RunIndex index =
        new RunIndex(run(run), "p", open ? "WAITING" : "FAILED", open, NOW, NOW, Map.of());
    return new Commit(run(run), 0, 1, List.of(event), index, List.of());
  }

  @Test
  void saysWhichRunsQueriesLeaveOut() throws IOException {
    assertThat(files().refusedRuns()).isEmpty();
    damage(run5(), 100);
    Path lost = directory.resolve("runs/default/e6.jsonl");
    Files.delete(lost);

    assertThat(files().refusedRuns())
        .extracting(Finding::kind, Finding::file)
        .containsExactly(tuple(Kind.RUN, run5()), tuple(Kind.MISSING, lost));

    long second = Log.list(directory.resolve("log")).first() + 1;
    damage(Segment.path(directory.resolve("log"), second), Segment.HEADER + 50);
    Files.delete(Snapshot.path(directory.resolve("log")));
    try (Store store = FileStore.readOnly(directory).open(time)) {
      assertThat(store.openReport().refusedRuns()).isNotEmpty();
      assertThat(files().refusedRuns())
          .filteredOn(finding -> finding.kind() == Kind.LOG)
          .hasSameSizeAs(store.openReport().refusedRuns());
    }
  }

  @Test
  void dropsASnapshotThatIsDamaged() throws IOException {
    Path snapshot = Snapshot.path(directory.resolve("log"));
    damage(snapshot, -1);

    assertThat(findings()).extracting(Finding::kind).containsExactly(Kind.DERIVED);
    assertThat(files().repair().done()).hasSize(1);
    assertThat(snapshot).doesNotExist();
    assertThat(findings()).isEmpty();
  }

  @Test
  void cutsOffWhatWasNeverFinished() throws IOException {
    Path log = Segment.path(directory.resolve("log"), Log.list(directory.resolve("log")).last());
    byte[] bytes = Files.readAllBytes(log);
    bytes[bytes.length - 1] = 1;
    Files.write(log, bytes);
    Path audit = directory.resolve("audit.jsonl");
    Files.writeString(audit, Files.readString(audit) + "{\"hash\":\"12");

    assertThat(findings()).extracting(Finding::kind).containsExactly(Kind.TORN, Kind.AUDIT);
    Repair repair = files().repair();

    assertThat(repair.done()).hasSize(2).allMatch(line -> line.startsWith("cut off"));
    assertThat(repair.left()).isEmpty();
    assertThat(findings()).isEmpty();
  }

  @Test
  void leavesDamageOfTheLogAndOfTheAuditTrailAsItIs() throws IOException {
    damage(firstSegment(), Segment.HEADER + 50);
    damage(directory.resolve("audit.jsonl"), 100);
    List<Finding> before = findings();
    assertThat(before).isNotEmpty();

    Repair repair = files().repair();

    assertThat(repair.done()).isEmpty();
    assertThat(repair.left()).containsExactlyElementsOf(before);
    assertThat(findings()).isEqualTo(before);
  }

  @Test
  void doesNotMendAStoreThatIsInUse() {
    try (Store store = files().open(time)) {
      assertThat(store.openReport().isClean()).isTrue();
      assertThatThrownBy(() -> files().repair())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("in use");
    }
  }
}
