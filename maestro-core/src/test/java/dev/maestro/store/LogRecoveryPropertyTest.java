package dev.maestro.store;

import static dev.maestro.store.Fixtures.boundaries;
import static dev.maestro.store.Fixtures.bytes;
import static dev.maestro.store.Fixtures.copy;
import static dev.maestro.store.Fixtures.flip;
import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.log;
import static dev.maestro.store.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.store.CommitOutcome.Committed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** What is read back equals what was acknowledged, whatever happened to the log. */
class LogRecoveryPropertyTest {

  private static final List<String> RUNS = List.of("a", "b", "c", "d");
  private static final List<String> RECORDS = List.of("x", "y");

  private final SettableTime time = new SettableTime();
  private Path directory;
  private int copies;

  /** What a store holds: the texts of events by run, and those of records by key. */
  private record State(Map<String, List<String>> runs, Map<String, String> records) {

    static State empty() {
      State state = new State(new HashMap<>(), new HashMap<>());
      RUNS.forEach(run -> state.runs.put(run, List.of()));
      return state;
    }

    State copy() {
      return new State(new HashMap<>(runs), new HashMap<>(records));
    }
  }

  /** A log, where its batches lie, what each touched, and the state after each. */
  private record History(
      Path store, byte[] log, int[] boundaries, List<Set<String>> touched, List<State> states) {

    State last() {
      return states.get(states.size() - 1);
    }

    int end() {
      return boundaries[boundaries.length - 1];
    }

    /** {@return how many batches come before the first that differs in this log} */
    int intactBatches(byte[] other) {
      int changed = Arrays.mismatch(log, 0, end(), other, 0, Math.min(end(), other.length));
      return wholeBatches(changed < 0 ? end() : changed);
    }

    /** {@return the last batch that differs in this log, as long; some of it is zeros anyway} */
    int lastChanged(byte[] other) {
      int at = end() - 1;
      while (at >= 0 && log[at] == other[at]) {
        at--;
      }
      return wholeBatches(at);
    }

    /** {@return how many batches end at or before this byte} */
    int wholeBatches(int length) {
      int batches = 0;
      while (batches + 1 < boundaries.length && boundaries[batches + 1] <= length) {
        batches++;
      }
      return batches;
    }
  }

  @BeforeTry
  void createDirectory() throws IOException {
    directory = Files.createTempDirectory("maestro-log");
  }

  @AfterTry
  void deleteDirectory() throws IOException {
    Fixtures.delete(directory);
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  @Tag("torture")
  void soItDoesForLong(@ForAll long seed) throws IOException {
    holdsWhatWasAcknowledgedWhereverTheLogIsCut(seed);
  }

  @Property(tries = 2, shrinking = ShrinkingMode.OFF)
  void holdsWhatWasAcknowledgedWhereverTheLogIsCut(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    History history = write(random, 4 + random.nextInt(20));
    int lastBatches = history.boundaries()[Math.max(0, history.boundaries().length - 3)];
    Set<Integer> cuts = new TreeSet<>();
    for (int at = lastBatches; at <= history.end(); at++) {
      cuts.add(at);
    }
    for (int i = 0; i < 60; i++) {
      cuts.add(Segment.HEADER + random.nextInt(history.end() - Segment.HEADER));
    }

    for (int cut : cuts) {
      byte[] log = tail(history.log(), cut, random);
      assertHoldsPrefix(history, log, history.intactBatches(log));
    }
  }

  /** Lose everything from here on: cut off, not written yet, or garbage. */
  private static byte[] tail(byte[] log, int from, Random random) {
    byte[] torn = Arrays.copyOf(log, log.length);
    switch (random.nextInt(3)) {
      case 0 -> torn = Arrays.copyOf(log, from);
      case 1 -> Arrays.fill(torn, from, torn.length, (byte) 0);
      default -> {
        byte[] garbage = new byte[Math.min(2_000, torn.length - from)];
        Arrays.fill(torn, from, torn.length, (byte) 0);
        random.nextBytes(garbage);
        System.arraycopy(garbage, 0, torn, from, garbage.length);
      }
    }
    return torn;
  }

  private void assertHoldsPrefix(History history, byte[] log, int batches) throws IOException {
    Path place = damaged(history, log);
    State expected = history.states().get(batches);
    try (Store store = FileStore.readOnly(place).open(time)) {
      assertThat(store.openReport().damages()).isEmpty();
      assertThat(read(store)).isEqualTo(expected);
    }
    if (copies % 32 == 0) {
      assertGoesOn(place, expected);
    }
  }

  /** Put this log in the place of another one. */
  private Path damaged(History history, byte[] log) throws IOException {
    Path place = directory.resolve("damaged");
    if (Files.notExists(place)) {
      return copy(history.store(), place, log);
    }
    copies++;
    return Files.write(log(place), log).getParent().getParent();
  }

  private void assertGoesOn(Path place, State expected) {
    long sequence = expected.runs().get("a").size();
    for (int commits = 1; commits <= 2; commits++) {
      try (Store store = FileStore.at(place).withPreallocation(512).open(time)) {
        assertThat(store.openReport().damages()).isEmpty();
        assertThat(Fixtures.commit(store, Fixtures.commit(run("a"), sequence, commits)))
            .isEqualTo(new Committed(sequence + commits));
        sequence += commits;
      }
    }
    try (Store store = FileStore.at(place).open(time)) {
      assertThat(store.openReport().isClean()).isTrue();
      State found = read(store);
      assertThat(found.runs().remove("a")).hasSize((int) sequence);
      assertThat(found.records()).isEqualTo(expected.records());
      found.runs().forEach((name, texts) -> assertThat(texts).isEqualTo(expected.runs().get(name)));
    }
  }

  @Property(tries = 4, shrinking = ShrinkingMode.OFF)
  void neverPassesOverAFlippedBit(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    History history = write(random, 4 + random.nextInt(20));
    for (int i = 0; i < 80; i++) {
      byte[] log = Arrays.copyOf(history.log(), history.log().length);
      int at = Segment.HEADER + random.nextInt(history.end() - Segment.HEADER);
      flip(log, at);
      assertNothingIsWrong(history, log, history.wholeBatches(at), history.wholeBatches(at) + 1);
    }
  }

  @Property(tries = 4, shrinking = ShrinkingMode.OFF)
  void neverPassesOverLostSectors(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    History history = write(random, 8 + random.nextInt(40));
    for (int i = 0; i < 60; i++) {
      byte[] log = Arrays.copyOf(history.log(), history.log().length);
      int from = random.nextInt(history.end()) / 512 * 512;
      int to = Math.min(log.length, from + 512 * (1 + random.nextInt(4)));
      from = Math.max(from, Segment.HEADER);
      Arrays.fill(log, from, to, (byte) 0);
      assertNothingIsWrong(history, log, history.intactBatches(log), history.lastChanged(log) + 1);
    }
  }

  /**
   * Check a log in which some of the batches from one number to another (exclusive) are damaged.
   */
  private void assertNothingIsWrong(History history, byte[] log, int first, int end)
      throws IOException {
    int batches = history.boundaries().length - 1;
    if (end >= batches) {
      assertHoldsPrefix(history, log, first);
      return;
    }
    Set<String> touched = new HashSet<>();
    history.touched().subList(first, end).forEach(touched::addAll);
    Path place = damaged(history, log);
    try (Store store = FileStore.readOnly(place).open(time)) {
      OpenReport report = store.openReport();
      assertThat(report.damages()).hasSize(1);
      assertThat(report.tornBytes()).isZero();
      for (String name : RUNS) {
        String found = refusedOr(() -> texts(store, name).toString());
        boolean mayBeRefused = touched.contains(name) || report.newNamesRefused();
        assertThat(found)
            .as("run %s, %s", name, report)
            .isIn(history.last().runs().get(name).toString(), mayBeRefused ? null : "-");
        if (touched.contains(name)) {
          assertThat(found).isNull();
        }
      }
      for (String name : RECORDS) {
        String found = refusedOr(() -> String.valueOf(text(store, name)));
        boolean mayBeRefused = touched.contains("record " + name) || report.newNamesRefused();
        assertThat(found)
            .as("record %s, %s", name, report)
            .isIn(String.valueOf(history.last().records().get(name)), mayBeRefused ? null : "-");
        if (touched.contains("record " + name)) {
          assertThat(found).isNull();
        }
      }
    }
  }

  private interface Reading {
    String read();
  }

  private static String refusedOr(Reading reading) {
    try {
      return reading.read();
    } catch (StoreException e) {
      return null;
    }
  }

  /** Commit so many batches at random and take the log as a crash would leave it. */
  private History write(Random random, int batches) {
    Path place = directory.resolve("original");
    List<State> states = new ArrayList<>(List.of(State.empty()));
    List<Set<String>> touched = new ArrayList<>();
    try (Store store = FileStore.at(place).withPreallocation(4096).open(time)) {
      for (int i = 0; i < batches; i++) {
        State state = states.get(i).copy();
        Set<String> names = new HashSet<>();
        List<Commit> commits = new ArrayList<>();
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
          commits.add(commit(random, state, names));
        }
        assertThat(store.commit(commits)).hasOnlyElementsOfType(Committed.class);
        states.add(state);
        touched.add(names);
      }
      byte[] log = bytes(log(place));
      int[] boundaries = boundaries(log);
      assertThat(boundaries).hasSize(batches + 1);
      return new History(place, log, boundaries, touched, states);
    }
  }

  private static Commit commit(Random random, State state, Set<String> touched) {
    String name = RUNS.get(random.nextInt(RUNS.size()));
    List<String> before = state.runs().get(name);
    List<String> after = new ArrayList<>(before);
    List<Envelope> events = new ArrayList<>();
    for (int left = random.nextInt(4); left > 0; left--) {
      Envelope event =
          Fixtures.event("e".repeat(random.nextInt(random.nextInt(8) == 0 ? 600 : 40)));
      events.add(event);
      after.add(Fixtures.text(event.json()));
    }
    state.runs().put(name, after);
    touched.add(name);
    return new Commit(run(name), before.size(), 1, events, null, writes(random, state, touched));
  }

  private static List<RecordWrite> writes(Random random, State state, Set<String> touched) {
    if (random.nextInt(4) > 0) {
      return List.of();
    }
    String name = RECORDS.get(random.nextInt(RECORDS.size()));
    String before = state.records().get(name);
    long version = before == null ? 0 : Long.parseLong(before);
    String after = Long.toString(version + 1);
    state.records().put(name, after);
    touched.add("record " + name);
    return List.of(new RecordWrite(key(name), version, after.getBytes(StandardCharsets.US_ASCII)));
  }

  private static State read(Store store) {
    State state = State.empty();
    RUNS.forEach(name -> state.runs().put(name, texts(store, name)));
    for (String name : RECORDS) {
      String text = text(store, name);
      if (text != null) {
        state.records().put(name, text);
      }
    }
    return state;
  }

  private static List<String> texts(Store store, String name) {
    return Fixtures.texts(store, run(name));
  }

  private static String text(Store store, String name) {
    return store.record(key(name)).map(record -> Fixtures.text(record.json())).orElse(null);
  }
}
