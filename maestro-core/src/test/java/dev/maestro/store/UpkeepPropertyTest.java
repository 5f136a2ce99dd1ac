package dev.maestro.store;

import static dev.maestro.store.Fixtures.event;
import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * A store that archives, cleans, takes snapshots and is reopened shows what one in memory shows.
 */
class UpkeepPropertyTest {

  private static final int RUNS = 8;
  private static final int RECORDS = 4;

  private final SettableTime time = new SettableTime();
  private Path directory;

  @BeforeTry
  void createDirectory() throws IOException {
    directory = Files.createTempDirectory("maestro-upkeep");
  }

  @AfterTry
  void deleteDirectory() throws IOException {
    Fixtures.delete(directory);
  }

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  @Tag("torture")
  void soItDoesForLong(@ForAll long seed) throws IOException {
    showsWhatAStoreInMemoryShows(seed);
  }

  @Property(tries = 6, shrinking = ShrinkingMode.OFF)
  void showsWhatAStoreInMemoryShows(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    FileStore source = FileStore.at(directory).withSegments(800 + random.nextInt(3_000));
    Store expected = InMemoryStore.create().open(time);
    OpenFileStore store = (OpenFileStore) source.withPreallocation(256).open(time);
    long lastToken = 0;
    for (int i = 0; i < 150; i++) {
      switch (random.nextInt(12)) {
        case 0 -> store.housekeeper().tidy();
        case 1 -> store = reopened(store, source, random);
        case 2 -> {
          long token = lease(store, i).token();
          assertThat(token).isGreaterThan(lastToken);
          lastToken = token;
        }
        default -> {
          Commit commit = commit(random, expected);
          assertThat(store.commit(List.of(commit))).isEqualTo(expected.commit(List.of(commit)));
        }
      }
      if (i % 10 == 0) {
        assertThat(contents(store)).isEqualTo(contents(expected));
      }
    }
    store.housekeeper().tidy();
    assertThat(contents(store)).isEqualTo(contents(expected));
    store.close();
    assertOpensTheSameWithAndWithoutSnapshot(source, contents(expected));
  }

  private OpenFileStore reopened(OpenFileStore store, FileStore source, Random random)
      throws IOException {
    store.close();
    if (random.nextBoolean()) {
      Files.deleteIfExists(Snapshot.path(directory.resolve("log")));
    }
    OpenFileStore again = (OpenFileStore) source.withPreallocation(256).open(time);
    assertThat(again.openReport().isClean()).isTrue();
    return again;
  }

  private void assertOpensTheSameWithAndWithoutSnapshot(FileStore source, List<String> expected)
      throws IOException {
    try (Store store = source.open(time)) {
      assertThat(store.openReport().isClean()).isTrue();
      assertThat(contents(store)).isEqualTo(expected);
    }
    Files.deleteIfExists(Snapshot.path(directory.resolve("log")));
    try (Store store = FileStore.readOnly(directory).open(time)) {
      assertThat(store.openReport().isClean()).isTrue();
      assertThat(contents(store)).isEqualTo(expected);
    }
  }

  private static Lease lease(Store store, int i) {
    return store.acquire("lease " + i, "one", Duration.ofDays(1)).orElseThrow();
  }

  /** {@return a commit that fits, or now and then one that does not} */
  private static Commit commit(Random random, Store store) {
    var key = run("r" + random.nextInt(RUNS));
    long sequence = store.read(key, 1).size() + (random.nextInt(15) == 0 ? 1 : 0);
    List<Envelope> events =
        IntStream.range(0, random.nextInt(4))
            .mapToObj(i -> event("e".repeat(random.nextInt(random.nextInt(9) == 0 ? 1500 : 50))))
            .toList();
    RunIndex index = null;
    if (random.nextInt(3) > 0) {
      String state = random.nextInt(3) == 0 ? "SUCCEEDED" : "RUNNING";
      index = Fixtures.index(key, state, Fixtures.NOW.plusSeconds(random.nextInt(100)));
    }
    List<RecordWrite> records = new ArrayList<>();
    if (random.nextInt(4) == 0) {
      RecordKey record = key("k" + random.nextInt(RECORDS));
      long version = store.record(record).map(VersionedRecord::version).orElse(0L);
      records.add(
          version > 0 && random.nextInt(3) == 0
              ? RecordWrite.delete(record, version)
              : new RecordWrite(record, version, Fixtures.json("v" + version)));
    }
    return new Commit(key, sequence, 1, events, index, records);
  }

  private static List<String> contents(Store store) {
    Map<String, String> all = new TreeMap<>();
    for (int i = 0; i < RUNS; i++) {
      var key = run("r" + i);
      StringBuilder events = new StringBuilder();
      store
          .read(key, 1)
          .forEach(e -> events.append(e.sequence()).append(text(e.envelope().json())));
      all.put(key.toString(), events + " " + store.index(key));
      all.put(key + " from 3", store.read(key, 3, 2).stream().map(e -> e.sequence()).toList() + "");
    }
    for (VersionedRecord record : store.records(Tenant.DEFAULT, "budget")) {
      all.put(record.key().toString(), record.version() + text(record.json()));
    }
    List<String> lines = new ArrayList<>();
    all.forEach((name, content) -> lines.add(name + ": " + content));
    store.find(RunQuery.of(Tenant.DEFAULT)).forEach(index -> lines.add(index.toString()));
    store.find(RunQuery.allOpen()).forEach(index -> lines.add("open " + index.run()));
    return lines;
  }
}
