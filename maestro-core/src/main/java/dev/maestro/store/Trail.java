package dev.maestro.store;

import java.util.HashMap;
import java.util.Map;

/**
 * What the latest stretch of the log touched: names, as hashes, and how often each was written.
 *
 * <p>It is written into the log now and then. When a batch cannot be read any more, a later trail
 * tells which runs and records it touched, so that all the others can be proved untouched. Each
 * trail reaches back over the last {@link #STRETCH} bytes at least, so that it tells of batches
 * that were lost together with the trails in them.
 *
 * <p>Used by one thread at a time.
 */
final class Trail {

  /** What a trail reaches back over at least; it forgets what is twice as far away. */
  static final int STRETCH = 256 * 1024;

  /** A trail is written when the log has grown by this many times its size ... */
  private static final int COST = 16;

  /** ... less this, so that a trail of a few names is in every batch. */
  private static final int FREE = 1024;

  private static final int BYTES_PER_NAME = 11;

  private Map<Long, Long> older = new HashMap<>();
  private Map<Long, Long> newer = new HashMap<>();
  private long olderSince;
  private long newerSince;
  private long newerBytes;
  private long bytesSinceWritten;

  Trail(long firstBatch) {
    restart(firstBatch);
  }

  /** Forget everything: nothing is known of batches before this one. */
  void restart(long firstBatch) {
    older.clear();
    newer.clear();
    olderSince = firstBatch;
    newerSince = firstBatch;
    newerBytes = 0;
    bytesSinceWritten = 0;
  }

  /** Note that the batch at hand brings the thing with this hash to this revision. */
  void touch(long hash, long revision) {
    newer.put(hash, revision);
  }

  /** {@return whether the batch at hand, with so many bytes, should carry the trail} */
  boolean isDue(int batchBytes) {
    return bytesSinceWritten + batchBytes + FREE >= (long) COST * BYTES_PER_NAME * size();
  }

  void written() {
    bytesSinceWritten = 0;
  }

  /** Note that the batch at hand is complete. */
  void endBatch(long number, int batchBytes) {
    bytesSinceWritten += batchBytes;
    newerBytes += batchBytes;
    if (newerBytes >= STRETCH) {
      Map<Long, Long> forgotten = older;
      older = newer;
      olderSince = newerSince;
      forgotten.clear();
      newer = forgotten;
      newerSince = number + 1;
      newerBytes = 0;
    }
  }

  /** {@return the first batch it tells of} */
  long since() {
    return olderSince;
  }

  /** {@return revisions by hash} */
  Map<Long, Long> revisions() {
    Map<Long, Long> all = new HashMap<>(older);
    all.putAll(newer);
    return all;
  }

  private int size() {
    return older.size() + newer.size();
  }
}
