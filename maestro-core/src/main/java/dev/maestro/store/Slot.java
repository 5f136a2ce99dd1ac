package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a run or a record stands once everything queued is written; guarded by its store's lock.
 */
abstract class Slot {

  /** Stands for the name in a {@link Trail}. */
  final long hash;

  /** Counts the commits that touched it; a gap proves that one is lost. */
  long revision;

  Slot(long hash) {
    this.hash = hash;
  }

  static final class OfRun extends Slot {
    final RunKey key;
    long sequence;
    long token;
    @Nullable RunIndex index;
    // in the log no longer, though readers may see it a little longer
    boolean gone;

    OfRun(RunKey key) {
      super(hash(key));
      this.key = key;
    }

    /** {@return what readers are told of a commit that is counted already} */
    Change.OfRun change(Commit commit, int[] events) {
      return new Change.OfRun(
          key, revision, token, sequence, commit.expectedSequence() + 1, events, commit.index());
    }

    /** {@return what readers are told when events of it were written once more} */
    Change.OfRun moved(long firstSequence, int[] events) {
      return new Change.OfRun(key, revision, token, sequence, firstSequence, events, index);
    }

    @Override
    public String toString() {
      return "run " + key;
    }
  }

  static final class OfRecord extends Slot {
    final RecordKey key;
    boolean exists;

    OfRecord(RecordKey key) {
      super(hash(key));
      this.key = key;
    }

    /** {@return the version that a writer has to expect; the count goes on after a deletion} */
    long version() {
      return exists ? revision : 0;
    }

    @Override
    public String toString() {
      return "record " + key;
    }
  }

  static long hash(RunKey key) {
    return hash("run\0" + key.tenant().value() + "\0" + key.run().value());
  }

  /** {@return a hash whose upper half stands for the namespace} */
  static long hash(RecordKey key) {
    long name = hash("record\0" + key.tenant() + "\0" + key.namespace() + "\0" + key.key());
    return (long) namespaceHash(key.tenant().value(), key.namespace()) << 32 | name >>> 32;
  }

  static int namespaceHash(String tenant, String namespace) {
    return (int) (hash("namespace\0" + tenant + "\0" + namespace) >>> 32);
  }

  /** FNV-1a, with the bits mixed once more. */
  private static long hash(String name) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
    }
    hash = (hash ^ hash >>> 32) * 0x9E3779B97F4A7C15L;
    return hash ^ hash >>> 29;
  }
}
