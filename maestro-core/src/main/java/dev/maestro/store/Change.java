package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one commit changes for readers once it is durable.
 *
 * @param run the run, if the commit has one
 * @param events where its events lie, counted from the start of their batch
 * @param index the run's new index entry, if it has one
 * @param records the records written
 */
@SuppressWarnings("ArrayRecordComponent")
record Change(
    @Nullable RunKey run, int[] events, @Nullable RunIndex index, List<RecordChange> records) {

  /**
   * A record as it is from now on.
   *
   * @param key which
   * @param content what it holds, or null when it was deleted
   */
  record RecordChange(RecordKey key, @Nullable VersionedRecord content) {}
}
