package dev.maestro.store;

import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.store.CommitOutcome.Committed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The life of a store in which everything goes wrong, drawn at random, beside a plain model of what
 * was acknowledged.
 *
 * <p>Each round damages one or two places of a store that was closed, has it verified and repaired,
 * goes on with it, and sometimes puts back what the log was before. The last batches are left
 * alone: they prove that everything before them was on the disk, so whatever is not there any more
 * has to be refused.
 */
final class StoreWalk {

  private static final List<String> RUNS = List.of("a", "b", "c", "d", "e", "f", "g", "h");
  private static final List<String> RECORDS = List.of("x", "y", "z");
  private static final int ROUNDS = 3;
  private static final int PROOF = 3;
  private static final String NOTHING = "nothing";

  private final SettableTime time = new SettableTime();
  private final Path store;
  private final Path earlier;
  private final Path whole;
  private final Random random;
  // what was done, for whoever looks into a failure
  private final List<String> steps = new ArrayList<>();
  private final Map<String, List<String>> events = new HashMap<>();
  private final Map<String, String> states = new HashMap<>();
  private final Map<String, String> records = new HashMap<>();
  private final Map<String, Long> versions = new HashMap<>();
  private int written;
  // from here on something may be refused
  private boolean hurt;

  StoreWalk(Path directory, Random random) {
    this.store = directory.resolve("store");
    this.earlier = directory.resolve("earlier");
    this.whole = directory.resolve("whole");
    this.random = random;
  }

  void go() throws IOException {
    for (int opening = 1 + random.nextInt(3); opening > 0; opening--) {
      try (Store open = source().open(time)) {
        work(open, 5 + random.nextInt(40));
        assertRight(open);
        assertThat(refusesAny(open)).as("%s", steps).isFalse();
      }
      if (random.nextBoolean() || Files.notExists(earlier)) {
        copy(store, earlier);
      }
    }
    for (int round = 0; round < ROUNDS && survivesDamage(); round++) {
      goOn();
      if (random.nextInt(3) == 0 && !survivesPuttingBack()) {
        return;
      }
    }
  }

  private FileStore source() {
    FileStore source = FileStore.at(store).withSegments(4096).withPreallocation(512);
    return random.nextBoolean() ? source.withoutUpkeep() : source;
  }

  // ------------------------------------------------------------------ going on

  private void goOn() {
    for (int opening = 0; opening < 2; opening++) {
      try (Store open = source().open(time)) {
        assertRight(open);
        work(open, random.nextInt(15));
        assertRight(open);
      }
    }
  }

  private void work(Store open, int steps) {
    for (int i = 0; i < steps; i++) {
      time.move(Duration.ofSeconds(1));
      int choice = random.nextInt(20);
      try {
        if (choice == 0) {
          open.maintain();
          this.steps.add("maintain");
        } else if (choice == 1) {
          open.acquire("lease", "somebody", Duration.ofMinutes(1));
        } else if (choice < 5) {
          writeRecord(open, RECORDS.get(random.nextInt(RECORDS.size())));
        } else {
          writeRuns(open, random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1);
        }
      } catch (StoreException e) {
        assertThat(hurt).as("%s %s", e, this.steps).isTrue();
      }
    }
  }

  private void writeRecord(Store open, String name) {
    boolean exists = records.get(name) != null;
    boolean deletes = exists && random.nextInt(5) == 0;
    long version = versions.getOrDefault(name, 0L);
    String json = deletes ? null : json("r", 200);
    RecordWrite write =
        new RecordWrite(key(name), exists ? version : 0, json == null ? null : bytes(json));
    assertThat(open.commit(List.of(Commit.ofRecords(List.of(write)))))
        .as("%s", steps)
        .hasOnlyElementsOfType(Committed.class);
    records.put(name, json);
    versions.put(name, version + 1);
    steps.add("record " + name);
  }

  private void writeRuns(Store open, int many) {
    List<String> names = new ArrayList<>(RUNS);
    Collections.shuffle(names, random);
    names = names.subList(0, many);
    if (names.stream().anyMatch(name -> found(open, name) == null)) {
      return;
    }
    Map<String, List<String>> added = new HashMap<>();
    Map<String, String> now = new HashMap<>();
    List<Commit> commits = new ArrayList<>();
    for (String name : names) {
      List<String> texts = new ArrayList<>();
      for (int left = 1 + random.nextInt(3); left > 0; left--) {
        texts.add(json("e", random.nextInt(6) == 0 ? 900 : 40));
      }
      String state = random.nextInt(3) == 0 ? "SUCCEEDED" : "RUNNING";
      added.put(name, texts);
      now.put(name, state);
      commits.add(
          new Commit(
              run(name),
              events.getOrDefault(name, List.of()).size(),
              0,
              texts.stream().map(t -> new Envelope("x", 1, Fixtures.NOW, bytes(t))).toList(),
              Fixtures.index(run(name), state, Fixtures.NOW),
              List.of()));
    }
    assertThat(open.commit(commits)).as("%s", steps).hasOnlyElementsOfType(Committed.class);
    added.forEach(
        (name, texts) -> events.computeIfAbsent(name, n -> new ArrayList<>()).addAll(texts));
    states.putAll(now);
    steps.add("commit " + names);
  }

  private String json(String kind, int most) {
    return "{\"t\":\"" + kind + ++written + "-".repeat(random.nextInt(most)) + "\"}";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  // ------------------------------------------------------------------ what is read

  private void assertRight(Store open) {
    for (String name : RUNS) {
      String found = found(open, name);
      if (found != null) {
        String acknowledged = events.getOrDefault(name, List.of()) + " " + states.get(name);
        assertThat(found)
            .as("run %s %s %s", name, open.openReport(), steps)
            .isEqualTo(acknowledged);
      }
    }
    for (String name : RECORDS) {
      String found = foundRecord(open, name);
      if (found != null) {
        String json = records.get(name);
        assertThat(found)
            .as("record %s %s %s", name, open.openReport(), steps)
            .isEqualTo(json == null ? NOTHING : versions.get(name) + " " + json);
      }
    }
    for (RunIndex index : open.find(RunQuery.all())) {
      String name = index.run().run().value();
      assertThat(index.state()).as("query, %s %s", name, steps).isEqualTo(states.get(name));
    }
  }

  /** {@return what is read of a run, or null where it is refused} */
  private static String found(Store open, String name) {
    try {
      List<String> texts =
          open.read(run(name), 1).stream().map(e -> Fixtures.text(e.envelope().json())).toList();
      return texts + " " + open.index(run(name)).map(RunIndex::state).orElse(null);
    } catch (StoreException e) {
      return null;
    }
  }

  private static String foundRecord(Store open, String name) {
    try {
      return open.record(key(name))
          .map(record -> record.version() + " " + Fixtures.text(record.json()))
          .orElse(NOTHING);
    } catch (StoreException e) {
      return null;
    }
  }

  private static boolean refusesAny(Store open) {
    return RUNS.stream().anyMatch(name -> found(open, name) == null)
        || RECORDS.stream().anyMatch(name -> foundRecord(open, name) == null);
  }

  // ------------------------------------------------------------------ damage

  /** Damage it; {@return whether it opens still} */
  private boolean survivesDamage() throws IOException {
    hurt = true;
    copy(store, whole);
    for (int places = 1 + random.nextInt(2); places > 0; places--) {
      steps.add(damage());
    }
    boolean isWhole = FileStore.at(store).verify().findings().isEmpty();
    try (Store open = FileStore.readOnly(store).open(time)) {
      assertRight(open);
      assertThat(open.openReport().tornBytes()).as("%s", steps).isZero();
      assertThat(isWhole && refusesAny(open)).as("verify() saw nothing %s", steps).isFalse();
    } catch (StoreException e) {
      assertThat(isWhole).as("verify() saw nothing %s %s", e, steps).isFalse();
      assertSaysWhatHelps(e);
      return false;
    }
    if (random.nextInt(3) == 0) {
      steps.add("repair " + FileStore.at(store).repair());
      assertThat(FileStore.at(store).repair().done()).as("%s", steps).isEmpty();
    }
    return true;
  }

  private String damage() throws IOException {
    List<Path> files = files(store);
    List<Path> logs = logs(files);
    List<Path> among = random.nextBoolean() ? logs : files;
    Path file = among.get(random.nextInt(among.size()));
    boolean isLast = file.equals(lastOf(logs));
    byte[] content = Files.readAllBytes(file);
    int end = isLast ? proof(content) : content.length;
    String name = store.relativize(file).toString();
    int kind = random.nextInt(5);
    if (kind < 3 && end > 0) {
      int from = random.nextInt(end);
      if (kind == 0) {
        Arrays.fill(content, from, Math.min(end, from + 1 + random.nextInt(1200)), (byte) 0);
      } else {
        content[from] ^= (byte) (1 << random.nextInt(Byte.SIZE));
      }
      Files.write(file, content);
      return "damage " + name + " from " + from;
    } else if (kind == 3 && !isLast) {
      Files.delete(file);
      return "delete " + name;
    } else if (kind == 4 && !isLast && Files.exists(earlier.resolve(name))) {
      Files.copy(earlier.resolve(name), file, StandardCopyOption.REPLACE_EXISTING);
      return "earlier " + name;
    }
    return "leave " + name;
  }

  /** {@return where the last batches begin} */
  private static int proof(byte[] log) {
    int[] starts = Fixtures.boundaries(log);
    return starts.length > PROOF ? starts[starts.length - 1 - PROOF] : 0;
  }

  private static void assertSaysWhatHelps(StoreException e) {
    assertThat(e).hasMessageContaining("restore").hasMessageContaining("copy");
  }

  /**
   * Put files of the log back after the store has gone on without them; {@return whether it opens}
   */
  private boolean survivesPuttingBack() throws IOException {
    Path last = lastOf(logs(files(store)));
    for (Path file : logs(files(whole))) {
      String name = whole.relativize(file).toString();
      Path place = store.resolve(name);
      if (!place.equals(last) && (Files.notExists(place) || random.nextBoolean())) {
        Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
        steps.add("put back " + name);
      }
    }
    try (Store open = FileStore.readOnly(store).open(time)) {
      assertRight(open);
      return true;
    } catch (StoreException e) {
      assertSaysWhatHelps(e);
      return false;
    }
  }

  /** {@return what can be damaged: what a person reads only, or nobody, is left out} */
  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.toString().contains("quarantine"))
          .filter(file -> !List.of("lock", "owner", "audit.jsonl", "format").contains(nameOf(file)))
          .sorted()
          .toList();
    }
  }

  private static List<Path> logs(List<Path> files) {
    return files.stream().filter(file -> nameOf(file).endsWith(".log")).toList();
  }

  private static Path lastOf(List<Path> files) {
    return files.get(files.size() - 1);
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString();
  }

  /** Make another directory what this one is. */
  private static void copy(Path from, Path to) throws IOException {
    if (Files.exists(to)) {
      Fixtures.delete(to);
    }
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.toList()) {
        Path place = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(place);
        } else {
          Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
