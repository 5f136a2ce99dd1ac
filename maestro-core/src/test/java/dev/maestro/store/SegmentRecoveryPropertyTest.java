package dev.maestro.store;

import static dev.maestro.store.Fixtures.bytes;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.texts;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** Nothing is passed over, whichever file of a log of many small ones is damaged or missing. */
class SegmentRecoveryPropertyTest {

  private static final List<String> RUNS = List.of("a", "b", "c", "d", "e");

  private final SettableTime time = new SettableTime();
  private Path directory;

  @BeforeTry
  void createDirectory() throws IOException {
    directory = Files.createTempDirectory("maestro-segments");
  }

  @AfterTry
  void deleteDirectory() throws IOException {
    Fixtures.delete(directory);
  }

  /**
   * What was written.
   *
   * @param segments the files, as a crash would leave them
   * @param states the texts of each run after each commit
   * @param before how many commits lie before each segment
   */
  private record History(
      Path store, List<byte[]> segments, List<Map<String, List<String>>> states, int[] before) {

    Map<String, List<String>> last() {
      return states.get(states.size() - 1);
    }
  }

  @Property(tries = 6, shrinking = ShrinkingMode.OFF)
  void readsWhatWasAcknowledgedOrRefuses(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    History history = write(random, 20 + random.nextInt(60));
    for (int i = 0; i < 40; i++) {
      List<byte[]> damaged = new ArrayList<>(history.segments());
      int segment = random.nextInt(damaged.size());
      damaged.set(segment, damage(random, damaged.get(segment)));
      assertNothingIsWrong(history, damaged, segment);
    }
  }

  /** {@return these bytes with something wrong, or null for none at all} */
  private static byte[] damage(Random random, byte[] log) {
    int at = random.nextInt(log.length);
    byte[] copy = Arrays.copyOf(log, log.length);
    switch (random.nextInt(4)) {
      case 0 -> Fixtures.flip(copy, at);
      case 1 -> Arrays.fill(copy, at, Math.min(log.length, at + 512), (byte) 0);
      case 2 -> copy = Arrays.copyOf(log, at);
      default -> copy = null;
    }
    return copy;
  }

  private void assertNothingIsWrong(History history, List<byte[]> segments, int damaged)
      throws IOException {
    Path place = directory.resolve("damaged");
    copy(history.store(), place, segments);
    if (segments.size() == 1 && segments.get(0) == null) {
      Fixtures.delete(place);
      return;
    }
    try (Store store = FileStore.readOnly(place).open(time)) {
      Map<String, List<String>> found = new HashMap<>();
      boolean refused = false;
      for (String name : RUNS) {
        try {
          found.put(name, texts(store, run(name)));
        } catch (StoreException e) {
          refused = true;
        }
      }
      boolean noBatchMissed =
          store.openReport().damages().stream().allMatch(damage -> damage.firstBatch() == 0);
      if (noBatchMissed && !refused) {
        // a torn end: what is left is a state from after everything before the damaged file
        int least = history.before()[damaged];
        assertThat(history.states().subList(least, history.states().size())).contains(found);
      } else {
        found.forEach((name, texts) -> assertThat(texts).isEqualTo(history.last().get(name)));
      }
    } catch (StoreException e) {
      assertThat(e).hasMessageContaining("restore the store from a copy");
    }
    Fixtures.delete(place);
  }

  private History write(Random random, int commits) throws IOException {
    Path place = directory.resolve("original");
    Map<String, List<String>> state = new HashMap<>();
    RUNS.forEach(name -> state.put(name, List.of()));
    List<Map<String, List<String>>> states = new ArrayList<>(List.of(new HashMap<>(state)));
    FileStore source = FileStore.at(place).withSegments(700 + random.nextInt(900));
    try (Store store = source.withPreallocation(128).withoutUpkeep().open(time)) {
      for (int i = 0; i < commits; i++) {
        String name = RUNS.get(random.nextInt(RUNS.size()));
        int sequence = state.get(name).size();
        Commit commit = Fixtures.commit(run(name), sequence, 1 + random.nextInt(3));
        commit(store, commit);
        state.put(
            name,
            Fixtures.events(0, sequence + commit.events().size()).stream()
                .map(event -> Fixtures.text(event.json()))
                .toList());
        states.add(new HashMap<>(state));
      }
      List<byte[]> segments = new ArrayList<>();
      for (long number : Log.list(place.resolve("log"))) {
        segments.add(bytes(Segment.path(place.resolve("log"), number)));
      }
      return new History(place, segments, states, commitsBefore(segments));
    }
  }

  private static int[] commitsBefore(List<byte[]> segments) {
    int[] before = new int[segments.size()];
    int commits = 0;
    for (int i = 0; i < before.length; i++) {
      before[i] = commits;
      int[] starts = Fixtures.boundaries(segments.get(i));
      for (int j = 0; j + 1 < starts.length; j++) {
        commits += Frame.read(segments.get(i), starts[j], 0).isLast() ? 0 : 1;
      }
    }
    return before;
  }

  private static void copy(Path store, Path to, List<byte[]> segments) throws IOException {
    Files.createDirectories(to.resolve("log"));
    Files.createDirectories(to.resolve("blobs"));
    Files.copy(store.resolve("format"), to.resolve("format"));
    for (int i = 0; i < segments.size(); i++) {
      if (segments.get(i) != null) {
        Files.write(Segment.path(to.resolve("log"), i + 1), segments.get(i));
      }
    }
  }
}
