package dev.maestro.store;

import dev.maestro.table.Table;
import dev.maestro.task.Priority;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What readers see: everything that is durable, a commit either whole or not at all.
 *
 * <p>Of events it knows only where they lie.
 */
final class View {

  /** Where an event lies of which only the number is known. */
  static final long NOWHERE = -1;

  private static final long[] NOTHING = {};
  // the least of all keys that are allowed: blank ones are not
  private static final String FIRST_KEY = "\0";

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  // guarded by lock
  private final Table<RunKey, OfRun> runs = new Table<>(run -> run.key);
  // guarded by lock; deleted ones too, because their versions go on
  private final NavigableMap<RecordKey, OfRecord> records = new TreeMap<>();
  // guarded by lock
  private RunFiles files = new RunFiles(true);
  // guarded by lock
  private LogScan.Tail tail = LogScan.Tail.before(1, 1);

  /** Show what a batch that lies at this position changed. */
  void publish(List<Change> changes, long position, LogScan.Tail after) {
    lock.writeLock().lock();
    try {
      for (Change change : changes) {
        apply(change, position);
      }
      tail = after;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Show what a commit changed whose events lie from this position on; for a store without log. */
  void publish(Change change, long position) {
    lock.writeLock().lock();
    try {
      apply(change, position);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Take in what a snapshot says. */
  void restore(State state) {
    lock.writeLock().lock();
    try {
      state.runs().forEach(runs::put);
      state.records().forEach(record -> records.put(record.key, record));
      files = state.files();
      tail = state.tail();
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Take in which runs lay in files where the log begins. */
  void restore(RunFiles known) {
    lock.writeLock().lock();
    try {
      files = known;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Take in which runs lie in files, where no list says so. */
  void adopt(List<RunKey> found) {
    lock.writeLock().lock();
    try {
      RunFiles all = new RunFiles(true);
      found.stream()
          .filter(run -> !runs.has(run))
          .map(Slot::hash)
          .forEach(hash -> all.put(hash, RunFiles.ANY));
      files.forEach(all::put);
      files = all;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** {@return the runs that lie in files, as they are now} */
  RunFiles files() {
    return reading(() -> files.copy());
  }

  /** {@return whether it is known of every run that lies in a file} */
  boolean listsFiles() {
    lock.readLock().lock();
    try {
      return files.isComplete();
    } finally {
      lock.readLock().unlock();
    }
  }

  /** {@return the checksum of the file that a run lies in, if it does} */
  OptionalInt file(RunKey run) {
    long hash = Slot.hash(run);
    lock.readLock().lock();
    try {
      return runs.has(run) ? OptionalInt.empty() : files.checksum(hash);
    } finally {
      lock.readLock().unlock();
    }
  }

  boolean knows(RunKey run) {
    lock.readLock().lock();
    try {
      return runs.has(run);
    } finally {
      lock.readLock().unlock();
    }
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
    return find(run, entry -> entry.from(fromSequence, limit)).orElse(NOTHING);
  }

  Optional<RunIndex> index(RunKey run) {
    return find(run, OfRun::index).flatMap(index -> index);
  }

  /**
   * Ask something of a run.
   *
   * <p>Whether it is known and what is known of it are one question: it may move into a file at any
   * time.
   *
   * @param question is asked under the lock
   * @return empty when the run is not known
   */
  <T> Optional<T> find(RunKey run, Function<OfRun, T> question) {
    lock.readLock().lock();
    try {
      OfRun found = runs.get(run);
      return found == null ? Optional.empty() : Optional.ofNullable(question.apply(found));
    } finally {
      lock.readLock().unlock();
    }
  }

  /** {@return how a run stands here, for commits to be checked against} */
  Optional<Slot.OfRun> slot(RunKey run) {
    return find(run, OfRun::slot);
  }

  /** {@return those that do not stand here as they stand there: something is on its way} */
  List<Slot.OfRun> unsettled(Table<RunKey, Slot.OfRun> slots) {
    lock.readLock().lock();
    try {
      List<Slot.OfRun> unsettled = new ArrayList<>();
      for (Slot.OfRun slot : slots) {
        OfRun run = runs.get(slot.key);
        boolean settled = slot.gone ? run == null : run != null && run.isAt(slot);
        if (!settled) {
          unsettled.add(slot);
        }
      }
      return unsettled;
    } finally {
      lock.readLock().unlock();
    }
  }

  List<RunIndex> find(RunQuery query) {
    return reading(() -> query.select(runs.stream().flatMap(run -> run.index().stream())));
  }

  Optional<VersionedRecord> record(RecordKey key) {
    lock.readLock().lock();
    try {
      OfRecord record = records.get(key);
      return record == null ? Optional.empty() : record.content();
    } finally {
      lock.readLock().unlock();
    }
  }

  List<VersionedRecord> records(Tenant tenant, String namespace) {
    return reading(
        () ->
            records.tailMap(new RecordKey(tenant, namespace, FIRST_KEY)).values().stream()
                .takeWhile(r -> r.key.tenant().equals(tenant))
                .takeWhile(r -> r.key.namespace().equals(namespace))
                .flatMap(r -> r.content().stream())
                .toList());
  }

  List<VersionedRecord> records() {
    return reading(
        () -> records.values().stream().flatMap(record -> record.content().stream()).toList());
  }

  /** {@return everything as it is now, for one who looks at it while it changes} */
  State state() {
    return reading(
        () -> {
          List<OfRun> copies = new ArrayList<>(runs.size());
          runs.forEach(run -> copies.add(new OfRun(run)));
          return new State(copies, List.copyOf(records.values()), files.copy(), tail);
        });
  }

  /** {@return the runs that have ended} */
  List<RunKey> ended() {
    return reading(() -> runs.stream().filter(OfRun::hasEnded).map(run -> run.key).toList());
  }

  /** {@return the runs of which some events lie nowhere} */
  List<RunKey> incomplete() {
    lock.readLock().lock();
    try {
      List<RunKey> incomplete = new ArrayList<>();
      for (OfRun run : runs) {
        if (run.isIncomplete()) {
          incomplete.add(run.key);
        }
      }
      return incomplete;
    } finally {
      lock.readLock().unlock();
    }
  }

  private void apply(Change change, long position) {
    if (change.run() != null) {
      OfRun run = runs.get(change.run().key());
      if (run == null) {
        run = begin(change.run().key());
        runs.put(run);
      }
      run.apply(change.run(), position);
    }
    if (change.dropped() != null) {
      drop(change.dropped(), change.file());
    }
    for (int i = 0; i < change.records().size(); i++) {
      Change.OfRecord record = change.records().get(i);
      records.put(
          record.key(), new OfRecord(record.key(), record.version(), record.json(), position));
    }
  }

  private OfRun begin(RunKey key) {
    files.remove(Slot.hash(key));
    return new OfRun(key);
  }

  private void drop(RunKey key, @Nullable Integer file) {
    runs.remove(key);
    if (file == null) {
      files.remove(Slot.hash(key));
    } else {
      files.put(Slot.hash(key), file);
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

  /** Everything at one moment, and where the log ended then. */
  record State(List<OfRun> runs, List<OfRecord> records, RunFiles files, LogScan.Tail tail) {

    Stream<OfRun> runsBefore(long position) {
      return runs.stream().filter(run -> run.reachesBelow(position));
    }

    Stream<OfRecord> recordsBefore(long position) {
      return records.stream().filter(record -> record.position < position);
    }
  }

  /** A record, and where in the log it was last written. */
  static final class OfRecord {
    final RecordKey key;
    final long version;
    final byte @Nullable [] json;
    final long position;

    OfRecord(RecordKey key, long version, byte @Nullable [] json, long position) {
      this.key = key;
      this.version = version;
      this.json = json;
      this.position = position;
    }

    Optional<VersionedRecord> content() {
      return json == null ? Optional.empty() : Optional.of(new VersionedRecord(key, version, json));
    }
  }

  /** The index entry of a run, in the least room: a hundred thousand may be open at once. */
  private abstract static class Indexed {
    // null when there is no entry yet; so are the others
    private @Nullable String pipeline;
    private @Nullable String state;
    private long startedSecond;
    private int startedNano;
    private long updatedSecond;
    // its complement, once the run has ended: a field for that would make the object 8 bytes larger
    private int updatedNano;
    private @Nullable Map<String, String> labels;
    private @Nullable Priority priority;

    final boolean hasIndex() {
      return pipeline != null;
    }

    final boolean hasEnded() {
      return updatedNano < 0;
    }

    final void set(RunIndex index) {
      pipeline = index.pipeline();
      state = index.state();
      startedSecond = index.startedAt().getEpochSecond();
      startedNano = index.startedAt().getNano();
      updatedSecond = index.updatedAt().getEpochSecond();
      int nano = index.updatedAt().getNano();
      updatedNano = index.open() ? nano : ~nano;
      labels = index.labels();
      priority = index.priority();
    }

    final void set(Indexed other) {
      pipeline = other.pipeline;
      state = other.state;
      startedSecond = other.startedSecond;
      startedNano = other.startedNano;
      updatedSecond = other.updatedSecond;
      updatedNano = other.updatedNano;
      labels = other.labels;
      priority = other.priority;
    }

    final @Nullable RunIndex index(RunKey run) {
      return pipeline == null || state == null || labels == null || priority == null
          ? null
          : new RunIndex(
              run,
              pipeline,
              state,
              !hasEnded(),
              Instant.ofEpochSecond(startedSecond, startedNano),
              Instant.ofEpochSecond(updatedSecond, hasEnded() ? ~updatedNano : updatedNano),
              labels,
              priority);
    }
  }

  /** A run, and where in the log everything of it lies. */
  static final class OfRun extends Indexed {
    final RunKey key;
    long revision;
    long token;
    // where it was last written, and its index entry
    long headAt;
    long indexAt;
    int count;
    long[] positions = NOTHING;

    OfRun(RunKey key) {
      this.key = key;
    }

    /** Copy it; where events lie is shared, because that is only added to. */
    private OfRun(OfRun other) {
      this(other.key);
      revision = other.revision;
      token = other.token;
      headAt = other.headAt;
      indexAt = other.indexAt;
      set(other);
      count = other.count;
      positions = other.positions;
    }

    /** {@return how it stands, for commits to be checked against} */
    Slot.OfRun slot() {
      Slot.OfRun slot = new Slot.OfRun(key);
      slot.revision = revision;
      slot.token = token;
      slot.sequence = count;
      slot.index = index(key);
      return slot;
    }

    /**
     * {@return whether it stands here as it stands there} Each commit counts the revision up; the
     * token tells it from a run that had its name before.
     */
    private boolean isAt(Slot.OfRun slot) {
      return revision == slot.revision && token == slot.token;
    }

    Optional<RunIndex> index() {
      return Optional.ofNullable(index(key));
    }

    private boolean isIncomplete() {
      for (int i = 0; i < count; i++) {
        if (positions[i] == NOWHERE) {
          return true;
        }
      }
      return false;
    }

    long[] positionsBefore(long position) {
      return Arrays.stream(positions, 0, count).filter(at -> at < position).toArray();
    }

    private boolean reachesBelow(long position) {
      boolean below = headAt < position || hasIndex() && indexAt < position;
      for (int i = 0; i < count && !below; i++) {
        below = positions[i] < position;
      }
      return below;
    }

    private void apply(Change.OfRun change, long base) {
      revision = change.revision();
      token = change.token();
      headAt = base;
      if (change.index() != null) {
        set(change.index());
        indexAt = base;
      }
      grow(Math.toIntExact(change.sequence()));
      place(change, base);
    }

    private void grow(int size) {
      if (size > positions.length) {
        positions = Arrays.copyOf(positions, Math.max(size, count + (count >> 1)));
      }
      if (size > count) {
        Arrays.fill(positions, count, size, NOWHERE);
        count = size;
      }
    }

    private void place(Change.OfRun change, long base) {
      int at = (int) (change.firstSequence() - 1);
      if (change.events().length > 0 && at + change.events().length < count) {
        // somebody may be looking at what was there
        positions = positions.clone();
      }
      for (int offset : change.events()) {
        positions[at++] = base + offset;
      }
    }

    long[] from(long sequence, int limit) {
      int start = (int) Math.min(count, Math.max(0, sequence - 1));
      return Arrays.copyOfRange(positions, start, start + Math.min(limit, count - start));
    }
  }
}
