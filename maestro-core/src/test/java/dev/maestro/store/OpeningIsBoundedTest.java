package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read to open a store is bounded by what is alive, and not by what has ended. */
final class OpeningIsBoundedTest {

  private static final int FEW = 10;
  private static final int MANY = 500;
  private static final int AT_ONCE = 20;
  private static final int SEGMENT = 16 * 1024;
  // a hash and a checksum for each run that lies in a file
  private static final int LISTED = 12;

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();

  /**
   * What it took.
   *
   * @param segments files of the log that were ever begun
   * @param log what was read of it, in bytes
   * @param snapshot how long that is
   */
  private record Opened(long segments, long log, long snapshot) {}

  @Test
  void runsThatHaveEndedAddNothingToWhatIsReadOfTheLog() throws IOException {
    Opened few = opened(FEW);
    Opened many = opened(MANY);

    assertThat(many.segments()).isGreaterThanOrEqualTo(4);
    assertThat(List.of(few.log(), many.log())).allMatch(read -> read <= SEGMENT);
    assertThat(many.snapshot() - few.snapshot())
        .isLessThanOrEqualTo((MANY - FEW) * LISTED + Frame.HEADER);
  }

  /** Fill a store with so many runs that have ended, and three that have not, and open it again. */
  private Opened opened(int ended) throws IOException {
    Path store = directory.resolve("store-" + ended);
    FileStore files = FileStore.at(store).withSegments(SEGMENT).withPreallocation(4096);
    try (Store open = files.open(time)) {
      List<Commit> commits = new ArrayList<>();
      for (int i = 0; i < ended; i++) {
        commits.add(commit("ended-" + i, false));
      }
      List.of("a", "b", "c").forEach(name -> commits.add(commit(name, true)));
      for (int from = 0; from < commits.size(); from += AT_ONCE) {
        int to = Math.min(commits.size(), from + AT_ONCE);
        assertThat(open.commit(commits.subList(from, to)))
            .allMatch(CommitOutcome.Committed.class::isInstance);
      }
      assertThat(open.maintain().archivedRuns()).isLessThanOrEqualTo(ended);
    }
    // so that nobody can look at them
    Files.move(store.resolve("runs/default"), store.resolve("elsewhere"));
    AtomicLong read = new AtomicLong();
    try (Store open =
        files.withFiles((path, writable) -> counted(path, writable, read)).open(time)) {
      long atOpening = read.get();
      assertThat(open.openReport().isClean()).isTrue();
      Files.move(store.resolve("elsewhere"), store.resolve("runs/default"));
      assertThat(open.find(RunQuery.all())).hasSize(ended + 3);
      assertThat(open.read(run("a"), 1)).hasSize(1);
      Path log = store.resolve("log");
      return new Opened(Log.list(log).last(), atOpening, Files.size(Snapshot.path(log)));
    }
  }

  private static Commit commit(String name, boolean alive) {
    String state = alive ? "WAITING" : "SUCCEEDED";
    RunIndex index = new RunIndex(run(name), "p", state, alive, NOW, NOW, Map.of());
    return new Commit(run(name), 0, 1, Fixtures.events(0, 1), index, List.of());
  }

  private static LogFile counted(Path path, boolean writable, AtomicLong read) throws IOException {
    LogFile file = ChannelFile.open(path, writable);
    return new LogFile() {
      @Override
      public int read(ByteBuffer buffer, long position) throws IOException {
        int count = file.read(buffer, position);
        read.addAndGet(count);
        return count;
      }

      @Override
      public void write(ByteBuffer buffer, long position) throws IOException {
        file.write(buffer, position);
      }

      @Override
      public void force() throws IOException {
        file.force();
      }

      @Override
      public long size() throws IOException {
        return file.size();
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }
}
