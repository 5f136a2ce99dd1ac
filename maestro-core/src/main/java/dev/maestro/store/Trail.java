package dev.maestro.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the latest stretch of the log touched: names, as hashes, and how often each was written.
 *
 * <p>It is written into the log. When a batch cannot be read any more, a later trail tells which
 * runs and records it touched, so that all the others can be proved untouched. Now and then a batch
 * carries all of it, which reaches back over the last {@link #STRETCH} bytes at least, and so tells
 * of batches that were lost together with the trails in them. Every other batch carries what the
 * {@link #NEAR} before it touched: without it, nobody could tell what was lost near the end of the
 * log.
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

  /** How many batches each tells of, at least: those before it. */
  static final int NEAR = 3;

  /** It tells of more as long as they touched no more than this. */
  private static final int FEW = 8;

  private Map<Long, Touch> older = new HashMap<>();
  private Map<Long, Touch> newer = new HashMap<>();
  private long olderSince;
  private long newerSince;
  private long newerBytes;
  private long bytesSinceWritten;
  // batches that touched something; one that touched nothing takes no room
  private final Deque<Recent> recent = new ArrayDeque<>();
  private long recentSince;
  private int recentTouches;
  private List<Touch> atHand = new ArrayList<>(4);

  /**
   * That the thing with this hash came to this revision.
   *
   * @param filed whether it is a run that stood so in a file of its own
   */
  record Touch(long hash, long revision, boolean filed) {}

  private record Recent(long batch, List<Touch> touched) {}

  /**
   * What some batches before the one at hand touched.
   *
   * @param since the first of them
   * @param touched the last touch of each, by hash
   */
  record Stretch(long since, Map<Long, Touch> touched) {}

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
    recent.clear();
    recentSince = firstBatch;
    recentTouches = 0;
    atHand = new ArrayList<>(4);
  }

  /** Note that the batch at hand does this. */
  void touch(Touch touch) {
    newer.put(touch.hash(), touch);
    atHand.add(touch);
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
    if (!atHand.isEmpty()) {
      remember(new Recent(number, atHand));
      atHand = new ArrayList<>(4);
    }
    bytesSinceWritten += batchBytes;
    newerBytes += batchBytes;
    if (newerBytes >= STRETCH) {
      Map<Long, Touch> forgotten = older;
      older = newer;
      olderSince = newerSince;
      forgotten.clear();
      newer = forgotten;
      newerSince = number + 1;
      newerBytes = 0;
    }
  }

  private void remember(Recent batch) {
    recent.add(batch);
    recentTouches += batch.touched().size();
    while (recent.size() > NEAR && recentTouches > FEW) {
      Recent first = recent.remove();
      recentSince = first.batch() + 1;
      recentTouches -= first.touched().size();
    }
  }

  /** {@return the first batch that all of it tells of} */
  long since() {
    return olderSince;
  }

  /** {@return all that it tells, the batch at hand included} */
  Stretch all() {
    Map<Long, Touch> all = new HashMap<>(older);
    all.putAll(newer);
    return new Stretch(olderSince, all);
  }

  /** {@return what the few batches before the one at hand touched; may be nothing} */
  Stretch near() {
    Map<Long, Touch> touched = new HashMap<>();
    recent.forEach(batch -> batch.touched().forEach(touch -> touched.put(touch.hash(), touch)));
    // it tells of these itself
    atHand.forEach(touch -> touched.remove(touch.hash()));
    return new Stretch(recentSince, touched);
  }

  private int size() {
    return older.size() + newer.size();
  }
}
