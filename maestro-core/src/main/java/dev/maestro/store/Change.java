package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one entry of the log changes for readers once it is durable.
 *
 * @param run how a run is from now on, if the change has one
 * @param dropped a run that is no longer in the log, if there is one
 * @param file the checksum of the file that the dropped run lies in; null when it is gone
 * @param records the records written
 */
record Change(
    @Nullable OfRun run, @Nullable RunKey dropped, @Nullable Integer file, List<OfRecord> records) {

  static Change of(OfRun run) {
    return new Change(run, null, null, List.of());
  }

  static Change of(@Nullable OfRun run, List<OfRecord> records) {
    return new Change(run, null, null, records);
  }

  static Change of(OfRecord record) {
    return of(null, List.of(record));
  }

  static Change archived(RunKey run, int file) {
    return new Change(null, run, file, List.of());
  }

  static Change removed(RunKey run) {
    return new Change(null, run, null, List.of());
  }

  /**
   * A run as it is from now on.
   *
   * @param key which
   * @param revision how often it was written
   * @param token the highest token it was written with
   * @param sequence how many events it has
   * @param firstSequence the number of the first of these events
   * @param events where some of its events lie, counted from the start of their batch
   * @param index its index entry; null when that is as it was
   */
  @SuppressWarnings("ArrayRecordComponent")
  record OfRun(
      RunKey key,
      long revision,
      long token,
      long sequence,
      long firstSequence,
      int[] events,
      @Nullable RunIndex index) {}

  /**
   * A record as it is from now on.
   *
   * @param key which
   * @param version how often it was written
   * @param json what it holds, or null when it was deleted
   */
  @SuppressWarnings("ArrayRecordComponent")
  record OfRecord(RecordKey key, long version, byte @Nullable [] json) {}
}
