package dev.maestro.store;

import dev.maestro.task.Priority;
import dev.maestro.task.RunKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
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
  static final int MOVED = 8;
  static final int MOVED_RECORD = 9;
  static final int ARCHIVED = 10;
  static final int REMOVED = 11;

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
    int[] events = events(commit.events(), out);
    if (commit.index() != null) {
      index(commit.index(), out);
    }
    List<Change.OfRecord> records = records(commit, contents, out);
    return commit.run() == null
        ? Change.of(null, records)
        : Change.of(contents.run(commit.run()).change(commit, events), records);
  }

  /**
   * Write once more how a run stands, and some of its events.
   *
   * @return what that changes
   */
  Change moved(Slot.OfRun run, long firstSequence, List<Envelope> envelopes, Bytes out) {
    name(run.key).varint(run.revision).varint(run.token).varint(run.sequence).varint(firstSequence);
    end(MOVED, out);
    int[] events = events(envelopes, out);
    if (run.index != null) {
      index(run.index, out);
    }
    return Change.of(run.moved(firstSequence, events));
  }

  /**
   * Write a record once more.
   *
   * @return what that changes
   */
  Change moved(View.OfRecord record, Bytes out) {
    record(MOVED_RECORD, record.key, record.version, record.json, out);
    return Change.of(new Change.OfRecord(record.key, record.version, record.json));
  }

  /** Write that a run lies in a file of its own from now on, whose first line has this checksum. */
  Change archived(Slot.OfRun run, int file, Bytes out) {
    name(run.key).varint(run.revision).u32(file);
    end(ARCHIVED, out);
    return Change.archived(run.key, file);
  }

  /** Write that a run which lay in a file of its own is gone. */
  Change removed(RunKey run, Bytes out) {
    name(run);
    end(REMOVED, out);
    return Change.removed(run);
  }

  void lease(Lease lease, Bytes out) {
    start().string(lease.key()).string(lease.owner()).varint(lease.token()).instant(lease.until());
    end(LEASE, out);
  }

  void release(Lease lease, Bytes out) {
    start().string(lease.key()).varint(lease.token());
    end(RELEASE, out);
  }

  void trail(Trail.Stretch stretch, Bytes out) {
    start().varint(stretch.since()).varint(stretch.touched().size());
    for (Map.Entry<Long, Trail.Touch> each : stretch.touched().entrySet()) {
      content.u64(each.getKey()).varint(each.getValue().revision());
    }
    filed(stretch.touched().values());
    end(TRAIL, out);
  }

  /** Write how many stood so in a file, and before each how many others come. */
  private void filed(Collection<Trail.Touch> touched) {
    int count = 0;
    for (Trail.Touch touch : touched) {
      count += touch.filed() ? 1 : 0;
    }
    content.varint(count);
    int others = 0;
    for (Trail.Touch touch : touched) {
      if (touch.filed()) {
        content.varint(others);
        others = 0;
      } else {
        others++;
      }
    }
  }

  private void head(Commit commit, Slot.OfRun run, Bytes out) {
    name(run.key).varint(run.revision).varint(commit.token()).varint(commit.expectedSequence());
    end(COMMIT, out);
  }

  private int[] events(List<Envelope> envelopes, Bytes out) {
    int[] events = new int[envelopes.size()];
    for (int i = 0; i < events.length; i++) {
      events[i] = out.length();
      event(envelopes.get(i), out);
    }
    return events;
  }

  private void event(Envelope event, Bytes out) {
    start().u32(0);
    content.string(event.type()).varint(event.version()).instant(event.at()).block(event.json());
    content.setU32(0, checksum(content.array(), CHECKSUM_LENGTH, content.length()));
    end(EVENT, out);
  }

  private void index(RunIndex index, Bytes out) {
    write(index, start());
    end(INDEX, out);
  }

  static void write(RunIndex index, Bytes to) {
    to.string(index.pipeline()).string(index.state()).u8(index.open() ? 1 : 0);
    to.instant(index.startedAt()).instant(index.updatedAt()).varint(index.labels().size());
    for (Map.Entry<String, String> label : index.labels().entrySet()) {
      to.string(label.getKey()).string(label.getValue());
    }
    to.u32(index.priority().value());
  }

  /** Read what {@link #write} wrote; {@code words} finds equal strings that are there already. */
  static RunIndex readIndex(RunKey run, Cursor content, UnaryOperator<String> words) {
    String pipeline = words.apply(content.string());
    String state = words.apply(content.string());
    boolean open = content.u8() == 1;
    Instant startedAt = content.instant();
    Instant updatedAt = content.instant();
    Map<String, String> labels = new HashMap<>();
    for (int left = content.count(); left > 0; left--) {
      labels.put(words.apply(content.string()), words.apply(content.string()));
    }
    Priority priority = content.hasMore() ? Priority.of(content.u32()) : Priority.DEFAULT;
    return new RunIndex(run, pipeline, state, open, startedAt, updatedAt, labels, priority);
  }

  private List<Change.OfRecord> records(Commit commit, Contents contents, Bytes out) {
    if (commit.records().isEmpty()) {
      return List.of();
    }
    List<Change.OfRecord> changes = new ArrayList<>(commit.records().size());
    for (RecordWrite write : commit.records()) {
      long version = contents.record(write.key()).revision;
      record(RECORD, write.key(), version, write.json(), out);
      changes.add(new Change.OfRecord(write.key(), version, write.json()));
    }
    return changes;
  }

  private void record(int kind, RecordKey key, long version, byte @Nullable [] json, Bytes out) {
    start().string(key.tenant().value()).string(key.namespace()).string(key.key()).varint(version);
    if (json == null) {
      content.u8(0);
    } else {
      content.u8(1).block(json);
    }
    end(kind, out);
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

  private Bytes name(RunKey run) {
    return start().string(run.tenant().value()).string(run.run().value());
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
