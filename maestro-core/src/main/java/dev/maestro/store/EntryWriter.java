package dev.maestro.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes the entries of a batch: a byte that tells the kind, the length, the content.
 *
 * <p>Later formats may append fields to the content of a kind and may add kinds; they never rename
 * or reorder. Used by one thread at a time.
 */
final class EntryWriter {

  static final int END = 0;
  static final int COMMIT = 1;
  static final int EVENT = 2;
  static final int INDEX = 3;
  static final int RECORD = 4;
  static final int LEASE = 5;
  static final int RELEASE = 6;
  static final int TRAIL = 7;

  private static final int CHECKSUM_LENGTH = 4;

  private final Bytes content = new Bytes(1024);

  /**
   * Write a commit that {@code contents} counts already.
   *
   * @return what it changes
   */
  Change commit(Commit commit, Contents contents, Bytes out) {
    if (commit.run() != null) {
      head(commit, contents.run(commit.run()), out);
    }
    int[] events = new int[commit.events().size()];
    for (int i = 0; i < events.length; i++) {
      events[i] = out.length();
      event(commit.events().get(i), out);
    }
    if (commit.index() != null) {
      index(commit.index(), out);
    }
    return new Change(commit.run(), events, commit.index(), records(commit, contents, out));
  }

  void lease(Lease lease, Bytes out) {
    start().string(lease.key()).string(lease.owner()).varint(lease.token()).instant(lease.until());
    end(LEASE, out);
  }

  void release(Lease lease, Bytes out) {
    start().string(lease.key()).varint(lease.token());
    end(RELEASE, out);
  }

  void trail(long since, Map<Long, Long> revisions, Bytes out) {
    start().varint(since).varint(revisions.size());
    revisions.forEach((hash, revision) -> content.u64(hash).varint(revision));
    end(TRAIL, out);
  }

  private void head(Commit commit, Slot.OfRun run, Bytes out) {
    start()
        .string(run.key.tenant().value())
        .string(run.key.run().value())
        .varint(run.revision)
        .varint(commit.token())
        .varint(commit.expectedSequence());
    end(COMMIT, out);
  }

  private void event(Envelope event, Bytes out) {
    start().u32(0);
    content.string(event.type()).varint(event.version()).instant(event.at()).block(event.json());
    content.setU32(0, checksum(content.array(), CHECKSUM_LENGTH, content.length()));
    end(EVENT, out);
  }

  private void index(RunIndex index, Bytes out) {
    start().string(index.pipeline()).string(index.state()).u8(index.open() ? 1 : 0);
    content.instant(index.startedAt()).instant(index.updatedAt()).varint(index.labels().size());
    index.labels().forEach((name, value) -> content.string(name).string(value));
    content.u32(index.priority().value());
    end(INDEX, out);
  }

  private List<Change.RecordChange> records(Commit commit, Contents contents, Bytes out) {
    List<Change.RecordChange> changes = new ArrayList<>(commit.records().size());
    for (RecordWrite write : commit.records()) {
      long version = contents.record(write.key()).revision;
      record(write, version, out);
      changes.add(change(write.key(), version, write.json()));
    }
    return changes;
  }

  private void record(RecordWrite write, long version, Bytes out) {
    RecordKey key = write.key();
    start().string(key.tenant().value()).string(key.namespace()).string(key.key()).varint(version);
    if (write.json() == null) {
      content.u8(0);
    } else {
      content.u8(1).block(write.json());
    }
    end(RECORD, out);
  }

  static Change.RecordChange change(RecordKey key, long version, byte @Nullable [] json) {
    return new Change.RecordChange(
        key, json == null ? null : new VersionedRecord(key, version, json));
  }

  /**
   * Read an event's content.
   *
   * @return null when its checksum is wrong
   */
  static @Nullable Envelope readEvent(byte[] array, int from, int end) {
    Cursor cursor = new Cursor(array, from, end);
    if (cursor.u32() != checksum(array, from + CHECKSUM_LENGTH, end)) {
      return null;
    }
    String type = cursor.string();
    int version = cursor.count();
    Instant at = cursor.instant();
    return new Envelope(type, version, at, cursor.block());
  }

  private Bytes start() {
    content.truncate(0);
    return content;
  }

  private void end(int kind, Bytes out) {
    out.u8(kind).varint(content.length()).raw(content.array(), content.length());
  }

  private static int checksum(byte[] array, int from, int end) {
    CRC32C crc = new CRC32C();
    crc.update(array, from, end - from);
    return (int) crc.getValue();
  }
}
