package dev.maestro.store;

import static dev.maestro.store.Fixtures.bytes;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.event;
import static dev.maestro.store.Fixtures.log;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.store.CommitOutcome.Committed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log of many small files. */
final class SegmentsTest {

  private static final int SEGMENT = 1024;

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();

  private Path place() {
    return directory.resolve("store");
  }

  private Path segment(long number) {
    return Segment.path(place().resolve("log"), number);
  }

  private static FileStore files(Path place) {
    return FileStore.at(place).withSegments(SEGMENT).withPreallocation(256).withoutUpkeep();
  }

  private Store open() {
    return files(place()).open(time);
  }

  /**
   * Commit one event at a time to each of some runs in turn, and leave the store as a crash would.
   */
  private void write(int commits, String... runs) throws IOException {
    Path original = directory.resolve("original");
    try (Store store = files(original).open(time)) {
      for (int i = 0; i < commits; i++) {
        commit(store, commit(run(runs[i % runs.length]), i / runs.length, 1));
      }
      copy(original);
    }
  }

  private void copy(Path original) throws IOException {
    Files.createDirectories(place().resolve("log"));
    Files.createDirectories(place().resolve("blobs"));
    Files.copy(original.resolve("format"), place().resolve("format"));
    for (long number : Log.list(original.resolve("log"))) {
      Files.copy(Segment.path(original.resolve("log"), number), segment(number));
    }
  }

  private long last() throws IOException {
    return Log.list(place().resolve("log")).last();
  }

  @Test
  void goesOnInANewFileWhenOneIsFull() throws IOException {
    write(60, "a");

    assertThat(last()).isGreaterThan(3);
    for (long number = 1; number <= last(); number++) {
      assertThat(segment(number).toFile().length()).isLessThanOrEqualTo(2 * SEGMENT);
    }
    for (int opening = 0; opening < 3; opening++) {
      try (Store store = open()) {
        assertThat(store.openReport().isClean()).isTrue();
        assertThat(texts(store, run("a"))).hasSize(60 + opening);
        assertThat(commit(store, commit(run("a"), 60 + opening, 1)))
            .isEqualTo(new Committed(61 + opening));
      }
    }
  }

  @Test
  void keepsABatchThatIsLongerThanASegment() {
    List<Envelope> events = List.of(event("x".repeat(10 * SEGMENT)));
    for (int i = 0; i < 4; i++) {
      try (Store store = open()) {
        assertThat(commit(store, new Commit(run("a"), i, 1, events, null, List.of())))
            .isEqualTo(new Committed(i + 1));
      }
    }
    try (Store store = FileStore.readOnly(place()).open(time)) {
      assertThat(store.openReport().isClean()).isTrue();
      assertThat(store.read(run("a"), 1)).hasSize(4);
    }
  }

  /**
   * What is longer than this is written in pieces, and into a file that is not made longer first.
   */
  private static final int LONG = 256 * 1024;

  @Test
  void keepsLongBatchesOfAnyLengthAndCutsOffOneThatIsTorn() throws IOException {
    Path original = directory.resolve("original");
    List<Integer> lengths = List.of(LONG - 200, LONG, LONG + 1, 2 * LONG, 3 * LONG + 7, 10);
    for (boolean small : new boolean[] {true, false}) {
      FileStore files = small ? files(original) : FileStore.at(original);
      try (Store store = files.open(time)) {
        for (int i = 0; i < lengths.size(); i++) {
          List<Envelope> events = List.of(event("x".repeat(lengths.get(i))));
          commit(store, new Commit(run("a"), i, 1, events, null, List.of()));
        }
        if (!small) {
          Path torn = Fixtures.copy(original, place(), cutInTheLongest(bytes(log(original))));
          try (Store cut = FileStore.at(torn).open(time)) {
            assertThat(cut.openReport().tornBytes()).isPositive();
            assertThat(cut.openReport().damages()).isEmpty();
            assertThat(lengthsOf(cut)).isEqualTo(lengths.subList(0, 4));
          }
        }
      }
      try (Store store = files.open(time)) {
        assertThat(store.openReport().isClean()).isTrue();
        assertThat(lengthsOf(store)).isEqualTo(lengths);
      }
      Fixtures.delete(original);
    }
  }

  /** Leave off after the first two pieces of the longest batch, as a crash in the middle would. */
  private static byte[] cutInTheLongest(byte[] log) {
    int start = Fixtures.boundaries(log)[4];
    return Arrays.copyOf(Arrays.copyOf(log, start + 2 * LONG), log.length);
  }

  private static List<Integer> lengthsOf(Store store) {
    int frame = event("").json().length;
    return store.read(run("a"), 1).stream().map(e -> e.envelope().json().length - frame).toList();
  }

  @Test
  void reportsAMissingSegmentByItsBatchesAndRefusesWhatItTouched() throws IOException {
    write(60, "a", "b");
    try (Store store = open()) {
      commit(store, commit(run("c"), 0, 1));
    }
    Files.delete(segment(2));

    try (Store store = open()) {
      assertThat(store.openReport().damages()).hasSize(1);
      Damage damage = store.openReport().damages().get(0);
      assertThat(damage.file()).isEqualTo(segment(2));
      assertThat(damage.firstBatch()).isGreaterThan(1).isLessThan(damage.lastBatch());
      assertThatThrownBy(() -> store.read(run("a"), 1))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("000002.log");
      assertThatThrownBy(() -> store.read(run("b"), 1)).isInstanceOf(StoreException.class);
      assertThat(store.read(run("c"), 1)).hasSize(1);
    }
  }

  @Test
  void noticesThatTheFirstSegmentIsMissing() throws IOException {
    write(60, "a");
    Files.delete(segment(1));

    try (Store store = open()) {
      assertThat(store.openReport().damages()).extracting(Damage::file).containsExactly(segment(1));
      assertThatThrownBy(() -> store.read(run("a"), 1)).isInstanceOf(StoreException.class);
    }
  }

  @Test
  void noticesThatTheLastSegmentIsMissing() throws IOException {
    write(60, "a");
    Files.delete(segment(last()));
    long missing = last() + 1;

    for (int opening = 0; opening < 3; opening++) {
      try (Store store = open()) {
        assertThat(store.openReport().damages())
            .extracting(Damage::file)
            .containsExactly(segment(missing));
        assertThatThrownBy(() -> store.read(run("a"), 1)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> commit(store, commit(run("new"), 0, 1)))
            .isInstanceOf(StoreException.class);
      }
    }
  }

  @Test
  void removesASegmentThatWasBegunAndNeverWrittenTo() throws IOException {
    write(60, "a");
    long next = last() + 1;
    Segment.create(segment(next), next, 1_000);

    try (Store store = open()) {
      assertThat(store.openReport().isClean()).isTrue();
      assertThat(segment(next)).doesNotExist();
      assertThat(store.read(run("a"), 1)).hasSize(60);
    }
  }

  @Test
  void reportsTheDamagedEndOfASegmentThatTheNextOneProves() throws IOException {
    write(60, "a");
    byte[] log = bytes(segment(2));
    int end = log.length;
    while (log[end - 1] == 0) {
      end--;
    }
    Files.write(segment(2), Fixtures.flipped(log, end - 1));

    try (Store store = open()) {
      assertThat(store.openReport().damages()).extracting(Damage::file).containsExactly(segment(2));
      assertThat(store.openReport().tornBytes()).isZero();
      assertThat(store.read(run("a"), 1)).as("the last batch holds no commit").hasSize(60);
    }
  }

  @Test
  void showsToOneWhoOnlyReadsWhatIsWrittenToSeveralFiles() {
    try (Store store = open()) {
      for (int i = 0; i < 60; i++) {
        commit(store, commit(run("a"), i, 1));
        if (i % 7 == 0) {
          try (Store reader = FileStore.readOnly(place()).open(time)) {
            assertThat(reader.openReport().isClean()).isTrue();
            assertThat(reader.read(run("a"), 1)).hasSize(i + 1);
          }
        }
      }
    }
  }
}
