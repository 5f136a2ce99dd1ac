package dev.maestro.store;

import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link FileStore} that is open. */
final class OpenFileStore implements Store {

  // what an event or a record takes besides its JSON, roughly
  private static final int OVERHEAD = 64;

  private final Path directory;
  private final InstantSource time;
  private final Retention retention;
  private final Parts parts;
  private final GroupCommit group;
  private final EventReader events;
  private final Housekeeper housekeeper;
  // guarded by the lock of the group
  private final EntryWriter entries = new EntryWriter();
  // A lease ends with this opening and need not outlive a crash. Only its token must not be given
  // out again: once one of this opening is on disk, the next opening begins far above all of it.
  private volatile boolean hasLeased;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * What a store is made of.
   *
   * @param lock null when it was opened to be read only
   */
  record Parts(
      @Nullable DirectoryLock lock,
      Log log,
      LogWriter writer,
      Contents contents,
      View view,
      Blobs blobs,
      Archive archive,
      Refusals refusals,
      OpenReport report) {}

  OpenFileStore(Path directory, InstantSource time, Parts parts, Retention retention) {
    this.retention = retention;
    this.directory = directory;
    this.time = time;
    this.parts = parts;
    this.group = new GroupCommit(parts.writer());
    this.events = new EventReader(parts.log());
    this.housekeeper = new Housekeeper(directory, parts, group, new Upkeep(parts, group, events));
    if (parts.lock() == null) {
      group.refuse(new StoreException("the store in " + directory + " was opened to be read only"));
    }
  }

  @Override
  public List<CommitOutcome> commit(List<Commit> commits) {
    for (Commit commit : commits) {
      requireWritable(commit);
    }
    List<CommitOutcome> outcomes = new ArrayList<>(commits.size());
    while (outcomes.size() < commits.size()) {
      List<CommitOutcome> more =
          group.write(batch -> fill(batch, commits.subList(outcomes.size(), commits.size())));
      outcomes.addAll(more);
      if (more.isEmpty()) {
        revive(commits.get(outcomes.size()).run());
      }
    }
    return outcomes;
  }

  private void revive(@Nullable RunKey run) {
    if (run != null) {
      reading(
          () -> {
            housekeeper.upkeep().revive(run);
            return run;
          });
    }
  }

  private void requireWritable(Commit commit) {
    RunKey run = commit.run();
    if (run != null) {
      requireUsable(run);
    }
    List<RecordWrite> records = commit.records();
    for (int i = 0; i < records.size(); i++) {
      requireUsable(records.get(i).key());
    }
    requireSize(commit);
  }

  private void requireUsable(RecordKey key) {
    parts.refusals().check(key, parts.view().record(key).isPresent());
  }

  private static void requireSize(Commit commit) {
    long size = 0;
    List<Envelope> events = commit.events();
    for (int i = 0; i < events.size(); i++) {
      Envelope event = events.get(i);
      size += event.json().length + event.type().length() + OVERHEAD;
    }
    List<RecordWrite> records = commit.records();
    for (int i = 0; i < records.size(); i++) {
      byte[] json = records.get(i).json();
      size += (json == null ? 0 : json.length) + OVERHEAD;
    }
    if (size > Commit.LARGEST) {
      throw new IllegalArgumentException(
          "a commit of "
              + size
              + " bytes; put what is longer than "
              + Commit.LARGEST
              + " into blobs");
    }
  }

  /**
   * Fill in commits until the batch is long enough, or until one is of a run that is archived.
   *
   * @return what became of those
   */
  private List<CommitOutcome> fill(Batch batch, List<Commit> commits) {
    List<CommitOutcome> outcomes = new ArrayList<>(commits.size());
    for (Commit commit : commits) {
      if (isArchived(commit.run())) {
        break;
      }
      outcomes.add(fill(batch, commit));
      if (batch.bytes.length() > GroupCommit.ROOMY) {
        break;
      }
    }
    return outcomes;
  }

  private boolean isArchived(@Nullable RunKey run) {
    return run != null && parts.contents().find(run).isEmpty() && parts.archive().has(run);
  }

  private CommitOutcome fill(Batch batch, Commit commit) {
    Contents contents = parts.contents();
    Optional<CommitOutcome> refusal = contents.refusal(commit);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    contents.advance(commit);
    batch.changes.add(entries.commit(commit, contents, batch.bytes));
    List<RecordWrite> records = commit.records();
    for (int i = 0; i < records.size(); i++) {
      batch.touch(contents.record(records.get(i).key()));
    }
    if (commit.run() == null) {
      return new CommitOutcome.Committed(0);
    }
    batch.touch(contents.run(commit.run()));
    return new CommitOutcome.Committed(contents.run(commit.run()).sequence);
  }

  @Override
  public List<StoredEvent> read(RunKey run, long fromSequence, int limit) {
    requireOpen();
    requireUsable(run);
    return reading(
        () -> {
          Optional<List<StoredEvent>> found = readLog(run, fromSequence, limit);
          return found.isPresent() ? found.get() : parts.archive().read(run, fromSequence, limit);
        });
  }

  /** {@return what was asked for, unless the run is not in the log} */
  private Optional<List<StoredEvent>> readLog(RunKey run, long fromSequence, int limit)
      throws IOException {
    return parts
        .log()
        .reading(
            () -> {
              Optional<long[]> positions =
                  parts.view().find(run, entry -> entry.from(fromSequence, limit));
              return positions.isPresent()
                  ? Optional.of(events.read(positions.get(), Math.max(1, fromSequence)))
                  : Optional.empty();
            });
  }

  @Override
  public Optional<RunIndex> index(RunKey run) {
    requireOpen();
    requireUsable(run);
    Optional<Optional<RunIndex>> inLog = parts.view().find(run, View.OfRun::index);
    return inLog.isPresent()
        ? inLog.get()
        : reading(() -> parts.archive().head(run)).map(RunFile.Head::index);
  }

  private void requireUsable(RunKey run) {
    boolean known = parts.view().knows(run) || parts.archive().requireFile(run);
    parts.refusals().check(run, known);
  }

  @Override
  public List<RunIndex> find(RunQuery query) {
    requireOpen();
    // In this order none is missed that is archived meanwhile.
    List<RunIndex> found = parts.view().find(query);
    List<RunIndex> archived = reading(() -> parts.archive().find(query));
    return archived.isEmpty() ? found : merged(query, found, archived);
  }

  private List<RunIndex> merged(RunQuery query, List<RunIndex> found, List<RunIndex> archived) {
    Map<RunKey, RunIndex> all = new HashMap<>();
    found.forEach(index -> all.put(index.run(), index));
    for (RunIndex index : archived) {
      // What is in the log counts.
      Optional<Optional<RunIndex>> inLog = parts.view().find(index.run(), View.OfRun::index);
      if (inLog.isPresent()) {
        inLog.get().filter(query::matches).ifPresent(i -> all.put(i.run(), i));
      } else {
        all.putIfAbsent(index.run(), index);
      }
    }
    return query.select(all.values().stream());
  }

  @Override
  public Optional<VersionedRecord> record(RecordKey key) {
    requireOpen();
    requireUsable(key);
    return parts.view().record(key);
  }

  @Override
  public List<VersionedRecord> records(Tenant tenant, String namespace) {
    requireOpen();
    parts.refusals().check(tenant, namespace);
    return parts.view().records(tenant, namespace);
  }

  @Override
  public List<VersionedRecord> records() {
    requireOpen();
    parts.refusals().checkRecords();
    return parts.view().records();
  }

  @Override
  public Maintenance maintain() {
    requireOpen();
    return reading(() -> housekeeper.maintain(retention, time.instant()));
  }

  /** Forget a run whose file is lost; somebody has said so. */
  void forget(RunKey run, String why) {
    group.requireWritable();
    reading(
        () ->
            housekeeper.alone(
                () -> {
                  new Removal(parts, group, new Audit(directory)).forget(run, why, time.instant());
                  return run;
                }));
  }

  /** Take the file of a run as it is; somebody has said so. */
  void vouch(RunKey run, String why) {
    group.requireWritable();
    reading(
        () ->
            housekeeper.alone(
                () -> {
                  new Removal(parts, group, new Audit(directory)).vouch(run, why, time.instant());
                  return run;
                }));
  }

  @Override
  public BlobId put(byte[] bytes) {
    group.requireWritable();
    BlobId id = BlobId.of(bytes);
    try {
      parts.blobs().put(id, bytes);
    } catch (IOException e) {
      throw group.poison(e);
    }
    return id;
  }

  @Override
  public Optional<byte[]> blob(BlobId id) {
    requireOpen();
    return reading(() -> parts.blobs().get(id));
  }

  @Override
  public Optional<Lease> acquire(String key, String owner, Duration length) {
    Leases.requireLength(length);
    Instant now = time.instant();
    Function<Batch, Optional<Lease>> filler =
        batch -> {
          Optional<Lease> lease = parts.contents().leases.acquire(key, owner, now, length);
          lease.ifPresent(granted -> entries.lease(granted, batch.bytes));
          return lease;
        };
    if (hasLeased) {
      return group.note(filler);
    }
    Optional<Lease> lease = group.write(filler);
    hasLeased = true;
    return lease;
  }

  @Override
  public void release(Lease lease) {
    group.note(
        batch -> {
          boolean held = parts.contents().leases.release(lease);
          if (held) {
            entries.release(lease, batch.bytes);
          }
          return held;
        });
  }

  @Override
  public OpenReport openReport() {
    return parts.report();
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    housekeeper.beforeClosing();
    boolean healthy = group.drain(closedException());
    try {
      if (healthy) {
        parts.writer().finish();
        housekeeper.afterClosing();
      }
      parts.log().close();
    } catch (IOException e) {
      // All that was acknowledged is on disk already.
      log().warn("the log of the store in {} was not closed properly", directory, e);
    } finally {
      release(parts.lock());
    }
  }

  Housekeeper housekeeper() {
    return housekeeper;
  }

  private void release(@Nullable DirectoryLock lock) {
    try {
      if (lock != null) {
        lock.close();
      }
    } catch (IOException e) {
      // The lock ends with its channel, whether the owner's file could be removed or not.
      log().warn("the lock of the store in {} was not released properly", directory, e);
    }
  }

  private <T> T reading(Uninterrupted.Work<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      requireOpen();
      throw new StoreException("the store in " + directory + " cannot be read: " + e, e);
    }
  }

  private void requireOpen() {
    if (closed.get()) {
      throw closedException();
    }
  }

  private StoreException closedException() {
    return new StoreException("the store in " + directory + " is closed");
  }

  @Override
  public String toString() {
    return "store in " + directory;
  }

  private static Logger log() {
    return LoggerFactory.getLogger(FileStore.class);
  }
}
