package dev.maestro.store;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One record to write if nobody else wrote it meanwhile.
 *
 * @param key the record
 * @param expectedVersion the version it has, 0 when it must not exist
 * @param json the new content, one JSON value in UTF-8, or null to delete it
 */
@SuppressWarnings("ArrayRecordComponent")
public record RecordWrite(RecordKey key, long expectedVersion, byte @Nullable [] json) {

  /** Check that nothing required is missing. */
  public RecordWrite {
    Objects.requireNonNull(key, "key");
    if (expectedVersion < 0) {
      throw new IllegalArgumentException("a version cannot be negative: " + expectedVersion);
    }
  }

  /** {@return a write that deletes the record at this version} */
  @SuppressWarnings("NullAway") // takes the array for one that cannot be null
  public static RecordWrite delete(RecordKey key, long expectedVersion) {
    return new RecordWrite(key, expectedVersion, null);
  }
}
