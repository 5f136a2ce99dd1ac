package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that must become durable together.
 *
 * @param run the run, or null for a commit that only writes records
 * @param expectedSequence the sequence number of the run's last event, 0 for a run that does not
 *     exist
 * @param token the fencing token of the lease under which this is written; a lower one than was
 *     written with before is refused
 * @param events to append; they get the numbers from {@code expectedSequence + 1} on
 * @param index the run's new index entry, or null to keep the old one
 * @param records records to write along
 */
public record Commit(
    @Nullable RunKey run,
    long expectedSequence,
    long token,
    List<Envelope> events,
    @Nullable RunIndex index,
    List<RecordWrite> records) {

  /** How many bytes of events and records each store takes at once; what is longer is for blobs. */
  public static final int LARGEST = 64 * 1024 * 1024;

  /** Check the numbers and copy the lists. */
  public Commit {
    events = List.copyOf(events);
    records = List.copyOf(records);
    if (run == null && (expectedSequence != 0 || token != 0 || !events.isEmpty())) {
      throw new IllegalArgumentException("events, a sequence and a token need a run");
    }
    if (expectedSequence < 0 || token < 0) {
      throw new IllegalArgumentException("sequence and token cannot be negative");
    }
    if (index != null && !index.run().equals(run)) {
      throw new IllegalArgumentException(
          "the index entry is of run " + index.run() + ", not " + run);
    }
    requireDistinct(records);
  }

  /** {@return a commit that writes records which belong to no run} */
  public static Commit ofRecords(List<RecordWrite> records) {
    return new Commit(null, 0, 0, List.of(), null, records);
  }

  private static void requireDistinct(List<RecordWrite> records) {
    if (records.size() > 1
        && records.stream().map(RecordWrite::key).distinct().count() < records.size()) {
      throw new IllegalArgumentException("one commit writes a record once");
    }
  }
}
