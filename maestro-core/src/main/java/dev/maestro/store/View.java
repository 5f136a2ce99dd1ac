package dev.maestro.store;

import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What readers see: everything that is durable, a commit either whole or not at all.
 *
 * <p>Of events it knows only where they lie.
 */
final class View {

  private static final long[] NOTHING = {};
  // the least of all keys that are allowed: blank ones are not
  private static final String FIRST_KEY = "\0";

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  // guarded by lock
  private final Map<RunKey, Entry> runs = new HashMap<>();
  // guarded by lock
  private final NavigableMap<RecordKey, VersionedRecord> records = new TreeMap<>();

  /** Show what a batch that lies at this position changed. */
  void publish(List<Change> changes, long position) {
    lock.writeLock().lock();
    try {
      changes.forEach(change -> apply(change, position));
    } finally {
      lock.writeLock().unlock();
    }
  }

  boolean knows(RunKey run) {
    return reading(() -> runs.containsKey(run));
  }

  /** Stop showing a run. */
  void hide(RunKey run) {
    lock.writeLock().lock();
    try {
      runs.remove(run);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** {@return where the run's events from this sequence number on lie, at most so many} */
  long[] positions(RunKey run, long fromSequence, int limit) {
    return reading(
        () -> {
          Entry entry = runs.get(run);
          return entry == null ? NOTHING : entry.from(fromSequence, limit);
        });
  }

  Optional<RunIndex> index(RunKey run) {
    return reading(() -> Optional.ofNullable(runs.get(run)).map(entry -> entry.index));
  }

  List<RunIndex> find(RunQuery query) {
    return reading(
        () ->
            query.select(
                runs.values().stream().map(entry -> entry.index).filter(Objects::nonNull)));
  }

  Optional<VersionedRecord> record(RecordKey key) {
    return reading(() -> Optional.ofNullable(records.get(key)));
  }

  List<VersionedRecord> records(Tenant tenant, String namespace) {
    return reading(
        () ->
            records.tailMap(new RecordKey(tenant, namespace, FIRST_KEY)).values().stream()
                .takeWhile(r -> r.key().tenant().equals(tenant))
                .takeWhile(r -> r.key().namespace().equals(namespace))
                .toList());
  }

  private void apply(Change change, long position) {
    if (change.run() != null) {
      runs.computeIfAbsent(change.run(), run -> new Entry()).apply(change, position);
    }
    for (Change.RecordChange record : change.records()) {
      if (record.content() == null) {
        records.remove(record.key());
      } else {
        records.put(record.key(), record.content());
      }
    }
  }

  private <T> T reading(Supplier<T> work) {
    lock.readLock().lock();
    try {
      return work.get();
    } finally {
      lock.readLock().unlock();
    }
  }

  private static final class Entry {
    private long[] positions = NOTHING;
    private int count;
    private @Nullable RunIndex index;

    void apply(Change change, long base) {
      int more = change.events().length;
      if (positions.length - count < more) {
        positions = Arrays.copyOf(positions, Math.max(count + more, count + (count >> 1)));
      }
      for (int offset : change.events()) {
        positions[count++] = base + offset;
      }
      index = change.index() == null ? index : change.index();
    }

    long[] from(long sequence, int limit) {
      int start = (int) Math.min(count, Math.max(0, sequence - 1));
      return Arrays.copyOfRange(positions, start, start + Math.min(limit, count - start));
    }
  }
}
