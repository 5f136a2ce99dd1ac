package dev.maestro.testing.crash;

import dev.maestro.store.Commit;
import dev.maestro.store.Envelope;
import dev.maestro.store.FileStore;
import dev.maestro.store.OpenReport;
import dev.maestro.store.RunIndex;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.store.StoredEvent;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a store says it holds.
 *
 * @param refusal why it cannot be opened, or null when it can
 * @param report what was found when it was opened, or null when it was not
 * @param run the records of the run
 * @param bystander the records of another run, which nothing was done to
 */
record Content(
    @Nullable String refusal, @Nullable OpenReport report, Journal run, Journal bystander) {

  private static final int SEGMENT = 4 * 1024;
  private static final RunKey BYSTANDER = new RunKey(Tenant.DEFAULT, RunId.of("bystander"));

  /**
   * The records of a run.
   *
   * @param refusal why they cannot be read, or null when they can
   * @param records in order
   * @param index what queries see of the run
   */
  record Journal(@Nullable String refusal, List<Envelope> records, String index) {

    static Journal read(Store store, RunKey key) {
      try {
        String index = store.index(key).map(RunIndex::toString).orElse("");
        return new Journal(
            null, store.read(key, 1).stream().map(StoredEvent::envelope).toList(), index);
      } catch (StoreException e) {
        return refused(String.valueOf(e.getMessage()));
      }
    }

    static Journal refused(String why) {
      return new Journal(why, List.of(), "");
    }

    boolean isRefused() {
      return refusal != null;
    }

    boolean isSameAs(Journal other) {
      return !isRefused()
          && records.size() == other.records.size()
          && index.equals(other.index)
          && isBeginningOf(other);
    }

    boolean isBeginningOf(Journal other) {
      return !isRefused() && History.beginsWith(other.records, records);
    }
  }

  /** {@return a store whose files are so small that a run fills several} */
  static FileStore store(Path directory) {
    return FileStore.at(directory).withSegments(SEGMENT);
  }

  /** Write a run into a store that the runs of the matrix have nothing to do with. */
  static void addBystander(Path store) {
    byte[] json = "{\"text\":\"I was here before\"}".getBytes(StandardCharsets.UTF_8);
    Envelope event = new Envelope("bystander", 1, Instant.EPOCH, json);
    try (Store open = store(store).open(InstantSource.system())) {
      open.commit(List.of(new Commit(BYSTANDER, 0, 0, List.of(event), null, List.of())));
    }
  }

  /** Look at what is in a store, and change nothing. */
  static Content seenIn(Path directory) {
    return of(FileStore.readOnly(directory));
  }

  /** Open a store for writing, as an application would, and look at what is in it. */
  static Content of(Path directory) {
    return of(store(directory));
  }

  private static Content of(StoreSource source) {
    try (Store store = source.open(InstantSource.system())) {
      return new Content(
          null, store.openReport(), Journal.read(store, Play.RUN), Journal.read(store, BYSTANDER));
    } catch (StoreException e) {
      Journal none = Journal.refused("the store is not open");
      return new Content(String.valueOf(e.getMessage()), null, none, none);
    }
  }

  boolean isOpen() {
    return refusal == null;
  }
}
