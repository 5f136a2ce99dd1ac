package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.event;
import static dev.maestro.store.Fixtures.index;
import static dev.maestro.store.Fixtures.json;
import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.store.CommitOutcome.Committed;
import dev.maestro.store.CommitOutcome.Fenced;
import dev.maestro.store.CommitOutcome.SequenceConflict;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a store keeps its log short. */
final class UpkeepTest {

  private static final int SEGMENT = 2048;

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();
  private OpenFileStore store;

  @BeforeEach
  void open() {
    store =
        (OpenFileStore)
            FileStore.at(directory).withSegments(SEGMENT).withPreallocation(256).open(time);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() {
    store.close();
    open();
    assertThat(store.openReport().isClean()).isTrue();
  }

  private Path file(String run) {
    return directory.resolve("runs/default/" + run + ".jsonl");
  }

  private Path snapshot() {
    return Snapshot.path(directory.resolve("log"));
  }

  private SortedSet<Long> segments() throws IOException {
    return Log.list(directory.resolve("log"));
  }

  /** Commit a run of so many events that has ended. */
  private void end(String name, int events) {
    RunIndex ended = index(run(name), "SUCCEEDED", NOW);
    Commit commit = new Commit(run(name), 0, 7, Fixtures.events(0, events), ended, List.of());
    assertThat(commit(store, commit)).isEqualTo(new Committed(events));
  }

  @Test
  void movesARunThatHasEndedIntoAFileThatPeopleCanRead() throws IOException {
    end("a", 3);
    commit(store, commit(run("b"), 0, 1));

    store.housekeeper().tidy();

    List<String> lines = Files.readAllLines(file("a"));
    assertThat(lines).hasSize(5);
    assertThat(lines.get(0))
        .contains("\"maestro\":\"run\"", "\"run\":\"a\"", "\"state\":\"SUCCEEDED\"");
    assertThat(lines.get(2))
        .contains("\"sequence\":2,\"type\":\"task.moved\"", "\"json\":{\"text\":\"event 2\"}}");
    assertThat(lines.get(4)).contains("\"events\":3,\"sha256\":");
    assertThat(file("b")).doesNotExist();
  }

  @Test
  void readsAndFindsARunInItsFileAsBefore() throws IOException {
    end("a", 3);
    store.housekeeper().tidy();

    for (int opening = 0; opening < 2; opening++) {
      assertThat(texts(store, run("a")))
          .isEqualTo(Fixtures.events(0, 3).stream().map(e -> Fixtures.text(e.json())).toList());
      assertThat(store.read(run("a"), 2, 1)).extracting(StoredEvent::sequence).containsExactly(2L);
      assertThat(store.read(run("a"), 3, 1)).extracting(StoredEvent::sequence).containsExactly(3L);
      assertThat(store.index(run("a"))).hasValue(index(run("a"), "SUCCEEDED", NOW));
      assertThat(store.find(RunQuery.of(Tenant.DEFAULT))).hasSize(1);
      assertThat(store.find(RunQuery.allOpen())).isEmpty();
      reopen();
    }
  }

  @Test
  void neverBeginsARunAnewThatLiesInAFile() throws IOException {
    end("a", 3);
    store.housekeeper().tidy();

    assertThat(commit(store, new Commit(run("a"), 0, 7, List.of(event("x")), null, List.of())))
        .isEqualTo(new SequenceConflict(3));
    assertThat(commit(store, commit(run("a"), 3, 1))).isEqualTo(new Fenced(7));
  }

  @Test
  void takesARunBackIntoTheLogWhenItIsWrittenTo() throws IOException {
    end("a", 3);
    store.housekeeper().tidy();
    reopen();

    Commit late = new Commit(run("a"), 3, 7, List.of(event("late")), null, List.of());
    assertThat(commit(store, late)).isEqualTo(new Committed(4));
    reopen();
    assertThat(store.read(run("a"), 1)).hasSize(4);
    assertThat(store.find(RunQuery.of(Tenant.DEFAULT))).hasSize(1);

    store.housekeeper().tidy();
    assertThat(Files.readAllLines(file("a"))).hasSize(6);
    assertThat(store.read(run("a"), 1)).hasSize(4);
  }

  /** Whether it is in the log and what it says there is one question, whenever it moves. */
  @Test
  void showsARunWholeWhileItMovesIntoItsFileAndBack() throws Exception {
    RunIndex ended = index(run("a"), "SUCCEEDED", NOW);
    end("a", 1);
    AtomicBoolean moving = new AtomicBoolean(true);
    AtomicReference<String> wrong = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              while (moving.get() && wrong.get() == null) {
                if (store.read(run("a"), 1, 1).isEmpty()) {
                  wrong.set("no events");
                } else if (store.index(run("a")).isEmpty()) {
                  wrong.set("no index entry");
                } else if (store.find(RunQuery.of(Tenant.DEFAULT)).isEmpty()) {
                  wrong.set("not found");
                }
              }
            });

    reader.start();
    try {
      for (int round = 1; round <= 400 && wrong.get() == null; round++) {
        store.housekeeper().tidy();
        Commit late = new Commit(run("a"), round, 7, Fixtures.events(round, 1), ended, List.of());
        assertThat(commit(store, late)).isEqualTo(new Committed(round + 1));
      }
    } finally {
      moving.set(false);
      reader.join();
    }

    assertThat(wrong.get()).isNull();
  }

  /** Verification reads every file, also one that the log has gone past. */
  @Test
  void placesNoFileThatHoldsMoreThanItsFirstLineSays() throws Exception {
    RunIndex ended = index(run("a"), "SUCCEEDED", NOW);
    end("a", 1);
    AtomicBoolean writing = new AtomicBoolean(true);
    AtomicLong sequence = new AtomicLong(1);
    Thread writer =
        new Thread(
            () -> {
              while (writing.get() && sequence.get() < 2_000) {
                long next = sequence.get();
                Commit late =
                    new Commit(run("a"), next, 7, Fixtures.events(next, 1), ended, List.of());
                commit(store, late);
                sequence.incrementAndGet();
              }
            });

    writer.start();
    try {
      for (int round = 0; round < 200; round++) {
        store.housekeeper().tidy();
        if (Files.exists(file("a"))) {
          assertThat(readWhole(file("a"))).isPositive();
        }
      }
    } finally {
      writing.set(false);
      writer.join();
    }
  }

  private static int readWhole(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      RunFileReader reader = new RunFileReader(file.toString(), in);
      reader.head();
      int lines = 1;
      while (reader.next() != null) {
        lines++;
      }
      return lines;
    }
  }

  @Test
  void keepsBytesThatAreNoJsonOfOneLine() throws IOException {
    List<byte[]> contents =
        List.of("{\n}".getBytes(), "no json".getBytes(), new byte[] {0, -1, 2}, json("ü\"\\"));
    List<Envelope> events =
        contents.stream().map(bytes -> new Envelope("odd \"type\"", 3, NOW, bytes)).toList();
    RunIndex ended = index(run("a"), "FAILED", NOW);
    commit(
        store,
        new Commit(
            run("a"),
            0,
            1,
            events,
            new RunIndex(run("a"), ended.pipeline(), "FAILED", false, NOW, NOW, ended.labels()),
            List.of()));

    store.housekeeper().tidy();

    assertThat(file("a")).exists();
    List<StoredEvent> read = store.read(run("a"), 1);
    assertThat(read).extracting(e -> e.envelope().json()).containsExactlyElementsOf(contents);
    assertThat(read).extracting(e -> e.envelope().type()).containsOnly("odd \"type\"");
  }

  @Test
  void keepsRunsApartWhoseNamesDifferInCaseOnly() throws IOException {
    List<RunKey> runs =
        List.of("Ab", "ab", "AB", "con", "Con").stream()
            .map(name -> new RunKey(Tenant.of("Team"), RunId.of(name)))
            .toList();
    for (int i = 0; i < runs.size(); i++) {
      RunKey run = runs.get(i);
      RunIndex ended = new RunIndex(run, "p", "SUCCEEDED", false, NOW, NOW, java.util.Map.of());
      commit(store, new Commit(run, 0, 1, Fixtures.events(0, i + 1), ended, List.of()));
    }
    store.housekeeper().tidy();

    for (int i = 0; i < runs.size(); i++) {
      assertThat(store.read(runs.get(i), 1)).hasSize(i + 1);
    }
    assertThat(directory.resolve("runs/^team/^ab.jsonl")).exists();
    assertThat(directory.resolve("runs/^team/^_con.jsonl")).exists();
  }

  @Test
  void refusesARunWhoseFileHasChangedByPlace() throws IOException {
    end("a", 3);
    end("b", 3);
    store.housekeeper().tidy();
    byte[] bytes = Files.readAllBytes(file("a"));
    int line = new String(bytes).indexOf("event 2");
    Files.write(file("a"), Fixtures.flipped(bytes, line));

    assertThatThrownBy(() -> store.read(run("a"), 1))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file("a").toString())
        .hasMessageContaining("line 3");
    assertThat(store.read(run("b"), 1)).hasSize(3);
  }

  @Test
  void deletesSegmentsOfWhichNothingIsNeeded() throws IOException {
    commit(
        store,
        new Commit(
            run("open"),
            0,
            1,
            Fixtures.events(0, 2),
            index(run("open"), "RUNNING", NOW),
            List.of()));
    commit(store, Fixtures.write("spent", 0, "1"));
    commit(store, Fixtures.write("gone", 0, "1"));
    commit(store, Fixtures.write("gone", 1, null));
    for (int i = 0; i < 40; i++) {
      end("r" + i, 5);
    }
    long last = segments().last();
    assertThat(last).isGreaterThan(5);

    store.housekeeper().tidy();

    assertThat(segments().first()).isGreaterThan(last - 3);
    for (int opening = 0; opening < 3; opening++) {
      assertThat(texts(store, run("open"))).hasSize(2 + opening);
      assertThat(store.record(key("spent")).orElseThrow().version()).isEqualTo(1);
      assertThat(store.find(RunQuery.allOpen())).hasSize(1);
      assertThat(store.find(RunQuery.of(Tenant.DEFAULT))).hasSize(41);
      assertThat(commit(store, commit(run("open"), 2 + opening, 1))).isInstanceOf(Committed.class);
      Files.deleteIfExists(snapshot());
      reopen();
    }
    assertThat(commit(store, Fixtures.write("gone", 0, "2"))).isEqualTo(new Committed(0));
    assertThat(store.record(key("gone")).orElseThrow().version()).isEqualTo(3);
  }

  @Test
  void doesSoByItselfWhenASegmentIsFull() throws IOException {
    for (int i = 0; i < 200; i++) {
      end("r" + i, 5);
    }
    reopen();

    assertThat(segments().first()).isGreaterThan(1);
    assertThat(snapshot()).exists();
    assertThat(file("r0")).exists();
    assertThat(store.find(RunQuery.of(Tenant.DEFAULT))).hasSize(200);
  }

  @Test
  void missesASegmentThatIsNeededAndNoOther() throws IOException {
    for (int i = 0; i < 40; i++) {
      end("r" + i, 5);
    }
    store.housekeeper().tidy();
    for (int i = 0; i < 30; i++) {
      commit(store, commit(run("open"), i * 3L, 3));
    }
    store.close();
    Path first = Segment.path(directory.resolve("log"), segments().first());
    Files.delete(first);

    try (Store reader = FileStore.readOnly(directory).open(time)) {
      assertThat(reader.openReport().damages()).extracting(Damage::file).containsExactly(first);
      assertThat(reader.read(run("r3"), 1)).hasSize(5);
    }
  }

  @Test
  void isNotHurtByASnapshotThatIsDamagedOrOld() throws IOException {
    end("a", 3);
    store.housekeeper().tidy();
    byte[] old = Files.readAllBytes(snapshot());
    for (int i = 0; i < 50; i++) {
      commit(store, commit(run("b"), i, 1));
    }
    store.close();
    byte[] latest = Files.readAllBytes(snapshot());
    assertThat(latest).isNotEqualTo(old);

    for (byte[] bytes : List.of(old, Fixtures.flipped(latest, latest.length / 2), new byte[0])) {
      Files.write(snapshot(), bytes);
      try (Store reader = FileStore.readOnly(directory).open(time)) {
        assertThat(reader.openReport().isClean()).isTrue();
        assertThat(reader.read(run("b"), 1)).hasSize(50);
        assertThat(reader.read(run("a"), 1)).hasSize(3);
      }
    }
  }

  @Test
  void takesASnapshotOfLaterBatchesForAProofThatTheyAreLost() throws IOException {
    commit(store, commit(run("a"), 0, 1));
    byte[] before = Fixtures.bytes(Fixtures.log(directory));
    commit(store, commit(run("b"), 0, 1));
    store.housekeeper().tidy();
    store.close();
    Files.write(Fixtures.log(directory), before);

    for (int opening = 0; opening < 3; opening++) {
      store = (OpenFileStore) FileStore.at(directory).open(time);
      assertThat(store.openReport().damages()).hasSize(1);
      assertThat(store.read(run("a"), 1)).hasSize(1 + opening);
      assertThatThrownBy(() -> store.read(run("b"), 1)).isInstanceOf(StoreException.class);
      assertThat(commit(store, commit(run("a"), 1 + opening, 1))).isInstanceOf(Committed.class);
      store.close();
    }
  }

  @Test
  void archivesOnceMoreWhatACrashCutShort() throws IOException {
    end("a", 3);
    Files.createDirectories(file("a").getParent());
    Files.writeString(file("a"), "half a file");
    Files.writeString(file("a").resolveSibling("b.jsonl.tmp"), "half a file");

    reopen();
    assertThat(store.read(run("a"), 1)).hasSize(3);
    assertThat(file("a").resolveSibling("b.jsonl.tmp")).doesNotExist();
    store.housekeeper().tidy();
    assertThat(Files.readAllLines(file("a"))).hasSize(5);
  }
}
