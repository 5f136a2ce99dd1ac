package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.boundaries;
import static dev.maestro.store.Fixtures.bytes;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.copy;
import static dev.maestro.store.Fixtures.flip;
import static dev.maestro.store.Fixtures.flipped;
import static dev.maestro.store.Fixtures.index;
import static dev.maestro.store.Fixtures.json;
import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.log;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.maestro.store.CommitOutcome.Committed;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store makes of a log that was damaged below what was durable. */
final class DamageTest {

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();

  private Path original() {
    return directory.resolve("original");
  }

  /** Write these commits, each into a batch of its own, and leave the store as a crash would. */
  private byte[] logOf(Commit... commits) {
    try (Store store = FileStore.at(original()).open(time)) {
      for (Commit commit : commits) {
        assertThat(commit(store, commit)).isInstanceOf(Committed.class);
      }
      return bytes(log(original()));
    }
  }

  private Store openWith(byte[] log) throws IOException {
    return FileStore.at(copy(original(), directory.resolve("damaged"), log)).open(time);
  }

  @Test
  void refusesTheRunThatLostABatchAndOpensAllOthers() throws IOException {
    byte[] log =
        logOf(
            commit(run("a"), 0, 3),
            commit(run("b"), 0, 3),
            commit(run("a"), 3, 3),
            commit(run("c"), 0, 3));
    int[] starts = boundaries(log);

    try (Store store = openWith(flipped(log, starts[2] + 60))) {
      assertThat(store.openReport().damages())
          .containsExactly(
              new Damage(
                  log(directory.resolve("damaged")), starts[2], starts[3] - starts[2], 3, 3));
      assertThat(store.openReport().refusedRuns()).containsExactly(run("a"));
      assertThatThrownBy(() -> store.read(run("a"), 1))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("run default/a cannot be used")
          .hasMessageContaining("at offset " + starts[2] + ", batch 3");
      assertThatThrownBy(() -> commit(store, commit(run("a"), 3, 1)))
          .isInstanceOf(StoreException.class);
      assertThat(store.read(run("b"), 1)).hasSize(3);
      assertThat(store.read(run("c"), 1)).hasSize(3);
      assertThat(commit(store, commit(run("b"), 3, 1))).isEqualTo(new Committed(4));
      assertThat(commit(store, commit(run("new"), 0, 1))).isEqualTo(new Committed(1));
    }
  }

  @Test
  void findsTheSameDamageAtEveryOpeningWhileOthersGoOn() throws IOException {
    byte[] log = logOf(commit(run("a"), 0, 1), commit(run("b"), 0, 1), commit(run("c"), 0, 1));
    Path damaged =
        copy(original(), directory.resolve("damaged"), flipped(log, boundaries(log)[0] + 50));

    for (int opening = 1; opening <= 5; opening++) {
      try (Store store = FileStore.at(damaged).open(time)) {
        assertThat(store.openReport().damages()).hasSize(1);
        assertThat(store.openReport().lostNames()).isEqualTo(1);
        assertThat(store.openReport().newNamesRefused()).isFalse();
        assertThatThrownBy(() -> store.read(run("a"), 1)).isInstanceOf(StoreException.class);
        assertThat(commit(store, commit(run("b"), opening, 1)))
            .isEqualTo(new Committed(opening + 1));
      }
    }
  }

  @Test
  void refusesARunWhoseNameIsLostToo() throws IOException {
    byte[] log = logOf(commit(run("a"), 0, 3), commit(run("b"), 0, 3), commit(run("c"), 0, 3));

    try (Store store = openWith(flipped(log, boundaries(log)[1] + 8))) {
      assertThat(store.openReport().refusedRuns()).isEmpty();
      assertThat(store.openReport().lostNames()).isEqualTo(1);
      assertThatThrownBy(() -> store.read(run("b"), 1)).isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> commit(store, commit(run("b"), 0, 1)))
          .isInstanceOf(StoreException.class);
      assertThat(store.read(run("unknown"), 1)).isEmpty();
      assertThat(commit(store, commit(run("unknown"), 0, 1))).isEqualTo(new Committed(1));
    }
  }

  /** So many runs are at work that not every batch has room to tell of all of them. */
  @Test
  void refusesNobodyElseWhereverUpToThreeBatchesAreLost() throws IOException {
    List<Commit> commits = new ArrayList<>();
    Map<String, Integer> events = new HashMap<>();
    for (int i = 0; i < 70; i++) {
      String name = "r" + (i < 40 ? i : (i * i) % 45);
      int before = events.getOrDefault(name, 0);
      commits.add(commit(run(name), before, 1));
      events.put(name, before + 1);
    }
    byte[] log = logOf(commits.toArray(Commit[]::new));
    int[] starts = boundaries(log);
    Path damaged = copy(original(), directory.resolve("damaged"), log);

    for (int lost = 1; lost <= 3; lost++) {
      for (int first = 0; first + lost < commits.size(); first++) {
        byte[] holed = log.clone();
        Arrays.fill(holed, starts[first], starts[first + lost], (byte) 0);
        Files.write(log(damaged), holed);
        Set<String> touched = new TreeSet<>();
        commits.subList(first, first + lost).forEach(c -> touched.add(c.run().run().value()));
        Set<String> refused = new TreeSet<>();
        try (Store store = FileStore.readOnly(damaged).open(time)) {
          assertThat(store.openReport().newNamesRefused()).isFalse();
          for (String name : events.keySet()) {
            try {
              assertThat(store.read(run(name), 1)).hasSize(events.get(name));
            } catch (StoreException e) {
              refused.add(name);
            }
          }
        }
        assertThat(refused).as("%s batches from the %s.", lost, first + 1).isEqualTo(touched);
      }
    }
  }

  @Test
  void leavesRefusedRunsOutOfQueries() throws IOException {
    byte[] log =
        logOf(indexed("a", 0), indexed("b", 0), indexed("a", 1), indexed("b", 1), indexed("c", 0));

    try (Store store = openWith(flipped(log, boundaries(log)[2] + 60))) {
      assertThat(store.find(RunQuery.allOpen()))
          .extracting(RunIndex::run)
          .containsExactly(run("b"), run("c"));
      assertThatThrownBy(() -> store.index(run("a"))).isInstanceOf(StoreException.class);
    }
  }

  private static Commit indexed(String name, long expectedSequence) {
    return new Commit(
        run(name),
        expectedSequence,
        1,
        List.of(Fixtures.event("x")),
        index(run(name), "RUNNING", Fixtures.NOW),
        List.of());
  }

  @Test
  void refusesARunOfWhichOnlyAnOlderFileIsLeft() throws IOException {
    RunIndex ended = index(run("a"), "SUCCEEDED", NOW);
    byte[] log;
    try (OpenFileStore store = (OpenFileStore) FileStore.at(original()).open(time)) {
      commit(store, new Commit(run("a"), 0, 1, Fixtures.events(0, 3), ended, List.of()));
      commit(
          store,
          new Commit(
              run("b"), 0, 1, Fixtures.events(0, 3), index(run("b"), "SUCCEEDED", NOW), List.of()));
      store.housekeeper().tidy();
      int before = boundaries(bytes(log(original()))).length;
      commit(store, commit(run("a"), 3, 1));
      commit(store, commit(run("c"), 0, 1));
      log = bytes(log(original()));
      int[] starts = boundaries(log);
      // it comes back into the log, and is written to
      log = flipped(flipped(log, starts[before - 1] + 50), starts[before] + 50);
      copy(original(), directory.resolve("damaged"), log);
      Path files = Files.createDirectories(directory.resolve("damaged/runs/default"));
      for (String file : List.of("a.jsonl", "b.jsonl")) {
        Files.copy(original().resolve("runs/default").resolve(file), files.resolve(file));
      }
    }

    try (Store store = FileStore.at(directory.resolve("damaged")).open(time)) {
      assertThat(store.openReport().damages()).hasSize(1);
      assertThat(directory.resolve("damaged/runs/default/a.jsonl")).exists();
      assertThatThrownBy(() -> store.index(run("a")))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("a.jsonl is older than what was written last");
      assertThatThrownBy(() -> store.read(run("a"), 1)).isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> commit(store, commit(run("a"), 3, 1)))
          .isInstanceOf(StoreException.class);
      assertThat(store.find(RunQuery.of(Tenant.DEFAULT)))
          .extracting(RunIndex::run)
          .containsExactly(run("b"));
      assertThat(store.read(run("b"), 1)).hasSize(3);
    }
    assertThat(FileStore.at(directory.resolve("damaged")).verify().findings())
        .extracting(Object::toString)
        .anyMatch(what -> what.contains("a.jsonl is older"));
  }

  @Test
  void refusesARecordThatLostAWriteAndItsNamespaceAsAWhole() throws IOException {
    RecordKey elsewhere = new RecordKey(Tenant.DEFAULT, "breaker", "x");
    byte[] log =
        logOf(
            write("spent", 0, "1"),
            write("other", 0, "1"),
            write("spent", 1, "2"),
            Commit.ofRecords(List.of(new RecordWrite(elsewhere, 0, json("closed")))),
            commit(run("a"), 0, 1));

    try (Store store = openWith(flipped(log, boundaries(log)[2] + 60))) {
      assertThat(store.openReport().refusedRecords()).containsExactly(key("spent"));
      assertThatThrownBy(() -> store.record(key("spent"))).isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> store.records(Tenant.DEFAULT, "budget"))
          .isInstanceOf(StoreException.class);
      assertThat(store.record(key("other"))).isPresent();
      assertThat(store.record(elsewhere)).isPresent();
      assertThat(store.records(Tenant.DEFAULT, "breaker")).hasSize(1);
      assertThat(store.read(run("a"), 1)).hasSize(1);
    }
  }

  @Test
  void refusesTheNamespaceOfARecordWhoseNameIsLost() throws IOException {
    byte[] log = logOf(write("other", 0, "1"), write("spent", 0, "1"), commit(run("a"), 0, 1));

    try (Store store = openWith(flipped(log, boundaries(log)[1] + 50))) {
      assertThatThrownBy(() -> store.record(key("spent"))).isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> store.records(Tenant.DEFAULT, "budget"))
          .isInstanceOf(StoreException.class);
      assertThat(store.record(key("other"))).isPresent();
      assertThat(store.records(Tenant.DEFAULT, "elsewhere")).isEmpty();
    }
  }

  @Test
  void knowsWhatManyLostBatchesTouched() throws IOException {
    Commit[] commits = new Commit[60];
    for (int i = 0; i < commits.length; i++) {
      commits[i] = commit(run("r" + i % 20), i / 20, 1);
    }
    byte[] log = logOf(commits);
    int[] starts = boundaries(log);
    Arrays.fill(log, starts[23], starts[31], (byte) 0);

    try (Store store = openWith(log)) {
      assertThat(store.openReport().newNamesRefused()).isFalse();
      assertThat(store.openReport().damages())
          .extracting(Damage::firstBatch, Damage::lastBatch)
          .containsExactly(tuple(24L, 31L));
      for (int i = 0; i < 20; i++) {
        int run = i;
        if (i >= 3 && i < 11) {
          assertThatThrownBy(() -> store.read(run("r" + run), 1))
              .isInstanceOf(StoreException.class);
        } else {
          assertThat(store.read(run("r" + i), 1)).hasSize(3);
        }
      }
    }
  }

  @Test
  void refusesWhatIsNotProvedUntouchedWhereNothingTellsWhatWas() throws IOException {
    // So many names that all of the trail is seldom written, and not at all behind the damage,
    // which
    // is longer than what every batch tells of.
    int names = 3_000;
    try (Store store = FileStore.at(original()).open(time)) {
      List<Commit> first = new ArrayList<>();
      for (int i = 0; i < names; i++) {
        first.add(commit(run("r" + i), 0, 1));
      }
      store.commit(first);
      commit(store, commit(run("r1"), 1, 1));
      for (int i = 1; i <= 9; i++) {
        commit(store, commit(run("r2"), i, 1));
      }
      commit(store, commit(run("r1"), 2, 1));
      byte[] log = bytes(log(original()));
      int[] starts = boundaries(log);
      for (int i = 2; i < 11; i++) {
        flip(log, starts[i] + 50);
      }

      try (Store damaged = openWith(log)) {
        assertThat(damaged.openReport().newNamesRefused()).isTrue();
        assertThat(damaged.openReport().refusedRuns()).hasSize(names - 1);
        assertThat(damaged.read(run("r1"), 1)).hasSize(3);
        assertThat(commit(damaged, commit(run("r1"), 3, 1))).isEqualTo(new Committed(4));
        assertThatThrownBy(() -> damaged.read(run("r2"), 1)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> damaged.read(run("r3"), 1)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> commit(damaged, commit(run("new"), 0, 1)))
            .isInstanceOf(StoreException.class);
      }
      // What is written later does not make anybody forget.
      try (Store damaged = FileStore.at(directory.resolve("damaged")).open(time)) {
        assertThat(damaged.openReport().refusedRuns()).hasSize(names - 1);
        assertThat(damaged.openReport().newNamesRefused()).isTrue();
      }
    }
  }

  @Test
  void takesDamageInTheLastBatchForATornWriteUnlessTheStoreWasClosed() throws IOException {
    byte[] crashed = logOf(commit(run("a"), 0, 1), commit(run("b"), 0, 1));
    byte[] closed = bytes(log(original()));
    int last = boundaries(crashed)[1] + 50;

    try (Store store = openWith(flipped(crashed, last))) {
      assertThat(store.openReport().damages()).isEmpty();
      assertThat(store.openReport().tornBytes()).isPositive();
      assertThat(store.read(run("b"), 1)).isEmpty();
    }
    Fixtures.delete(directory.resolve("damaged"));
    try (Store store = openWith(flipped(closed, last))) {
      assertThat(store.openReport().damages()).hasSize(1);
      assertThat(store.read(run("a"), 1)).hasSize(1);
      assertThatThrownBy(() -> store.read(run("b"), 1)).isInstanceOf(StoreException.class);
    }
  }

  /** The file of the log that was lost is found again, and put back too late. */
  @Test
  void refusesAFileOfTheLogThatIsPutBackAfterTheStoreHasGoneOnWithoutIt() throws IOException {
    Path place = original();
    FileStore files = FileStore.at(place).withoutUpkeep();
    byte[] older;
    try (OpenFileStore store = (OpenFileStore) files.open(time)) {
      commit(store, commit(run("a"), 0, 1));
      commit(store, commit(run("b"), 0, 1));
      older = bytes(log(place));
      commit(store, commit(run("c"), 0, 1));
      store.housekeeper().tidy();
      commit(store, commit(run("d"), 0, 1));
      commit(store, commit(run("d"), 1, 1));
    }
    byte[] whole = bytes(log(place));
    Files.write(log(place), older);
    try (Store store = files.open(time)) {
      assertThat(store.openReport().damages()).hasSize(1);
      assertThat(commit(store, commit(run("a"), 1, 1))).isEqualTo(new Committed(2));
    }

    for (int later = 1; later < 4; later++) {
      byte[] gone = bytes(log(place));
      Files.write(log(place), whole);

      for (FileStore door : List.of(files, FileStore.readOnly(place))) {
        assertThatThrownBy(() -> door.open(time))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("000002.log does not go on where the file before it ends");
      }
      assertThat(files.verify().findings())
          .extracting(Object::toString)
          .anyMatch(what -> what.contains("000002.log does not go on"));

      Files.write(log(place), gone);
      try (Store store = files.open(time)) {
        assertThat(store.read(run("a"), 1)).hasSize(1 + later);
        assertThat(commit(store, commit(run("a"), 1 + later, 1)))
            .isEqualTo(new Committed(2 + later));
      }
    }
  }

  @Test
  void neverTakesWhatLiesBehindACutForABatch() throws IOException {
    byte[] log = logOf(commit(run("a"), 0, 1), commit(run("a"), 1, 1), commit(run("a"), 2, 1));
    int[] starts = boundaries(log);
    // The batch at the end of the log is one that an earlier, torn write left behind.
    byte[] stale = Arrays.copyOfRange(log, starts[1], starts[2]);
    Arrays.fill(log, starts[1], log.length, (byte) 0);
    System.arraycopy(stale, 0, log, starts[1] + 800, stale.length);

    try (Store store = openWith(log)) {
      assertThat(store.read(run("a"), 1)).hasSize(1);
      commit(store, commit(run("a"), 1, 1));
    }
    byte[] mended = bytes(log(directory.resolve("damaged")));
    assertThat(Arrays.copyOfRange(mended, starts[1] + 800, starts[1] + 800 + stale.length))
        .containsOnly(0);
  }

  @Test
  void reportsADamagedHeaderAndRefusesNothing() throws IOException {
    byte[] log = logOf(commit(run("a"), 0, 2));

    try (Store store = openWith(flipped(log, 20))) {
      assertThat(store.openReport().damages()).extracting(Damage::offset).containsExactly(0L);
      assertThat(store.openReport().isClean()).isFalse();
      assertThat(store.read(run("a"), 1)).hasSize(2);
      assertThat(commit(store, commit(run("b"), 0, 1))).isEqualTo(new Committed(1));
    }
  }

  @Test
  void neverGivesOutATokenThatMayHaveBeenLost() throws IOException {
    long lost;
    byte[] log;
    try (Store store = FileStore.at(original()).open(time)) {
      commit(store, commit(run("a"), 0, 1));
      for (int i = 0; i < 9; i++) {
        store.acquire("run/" + i, "one", Duration.ofMinutes(1));
        commit(store, commit(run("b"), i, 1));
      }
      lost = store.acquire("run/9", "one", Duration.ofMinutes(1)).orElseThrow().token();
      commit(store, commit(run("b"), 9, 1));
      commit(store, commit(run("a"), 1, 1));
      log = bytes(log(original()));
    }
    int[] starts = boundaries(log);
    Arrays.fill(log, starts[1], starts[11], (byte) 0);

    try (Store store = openWith(log)) {
      assertThat(store.openReport().damages()).hasSize(1);
      assertThat(store.read(run("a"), 1)).hasSize(2);
      assertThat(store.acquire("run/9", "two", Duration.ofMinutes(1)).orElseThrow().token())
          .isGreaterThan(lost);
    }
  }

  @Test
  void neverGivesOutATokenThatACrashKeptFromTheDisk() throws IOException {
    long lost;
    byte[] log;
    try (Store store = FileStore.at(original()).open(time)) {
      commit(store, commit(run("a"), 0, 1));
      lost = store.acquire("run/a", "one", Duration.ofMinutes(1)).orElseThrow().token();
      log = bytes(log(original()));
    }

    try (Store store = openWith(log)) {
      assertThat(store.acquire("run/a", "two", Duration.ofMinutes(1)).orElseThrow().token())
          .isGreaterThan(lost);
    }
  }

  @Test
  void noticesDamageThatComesAfterOpening() throws IOException {
    try (Store store = FileStore.at(original()).open(time)) {
      commit(store, commit(run("a"), 0, 1));
      commit(store, commit(run("b"), 0, 1));
      byte[] log = bytes(log(original()));
      int place = boundaries(log)[0] + 80;
      Files.write(log(original()), flipped(log, place));

      assertThatThrownBy(() -> store.read(run("a"), 1))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("000001.log")
          .hasMessageContaining("has changed");
      assertThat(store.read(run("b"), 1)).hasSize(1);
    }
  }
}
