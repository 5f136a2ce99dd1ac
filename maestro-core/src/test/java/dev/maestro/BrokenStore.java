package dev.maestro;

import dev.maestro.store.BlobId;
import dev.maestro.store.Commit;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.Lease;
import dev.maestro.store.OpenReport;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RunIndex;
import dev.maestro.store.RunQuery;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.store.StoredEvent;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A store whose commits can go wrong, as disks do: once broken, it stays so until it is opened
 * anew.
 */
final class BrokenStore implements Store {

  private final Store store;
  private final Function<List<Commit>, Optional<List<CommitOutcome>>> fault;
  private RuntimeException poison;
  private volatile boolean closed;

  private BrokenStore(Store store, Function<List<Commit>, Optional<List<CommitOutcome>>> fault) {
    this.store = store;
    this.fault = fault;
  }

  /** {@return a source of stores that ask {@code fault} before each commit} */
  static StoreSource of(
      StoreSource source, Function<List<Commit>, Optional<List<CommitOutcome>>> fault) {
    return (InstantSource time) -> new BrokenStore(source.open(time), fault);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public List<CommitOutcome> commit(List<Commit> commits) {
    requireSound();
    try {
      return fault.apply(commits).orElseGet(() -> store.commit(commits));
    } catch (StoreException e) {
      poison(e);
      throw e;
    }
  }

  private synchronized void poison(RuntimeException e) {
    poison = e;
  }

  private synchronized void requireSound() {
    if (poison != null) {
      throw new StoreException("the store is poisoned", poison);
    }
  }

  @Override
  public List<StoredEvent> read(RunKey run, long fromSequence, int limit) {
    return store.read(run, fromSequence, limit);
  }

  @Override
  public Optional<RunIndex> index(RunKey run) {
    return store.index(run);
  }

  @Override
  public List<RunIndex> find(RunQuery query) {
    return store.find(query);
  }

  @Override
  public Optional<VersionedRecord> record(RecordKey key) {
    return store.record(key);
  }

  @Override
  public List<VersionedRecord> records(Tenant tenant, String namespace) {
    return store.records(tenant, namespace);
  }

  @Override
  public BlobId put(byte[] bytes) {
    requireSound();
    return store.put(bytes);
  }

  @Override
  public Optional<byte[]> blob(BlobId id) {
    return store.blob(id);
  }

  @Override
  public Optional<Lease> acquire(String key, String owner, Duration length) {
    requireSound();
    return store.acquire(key, owner, length);
  }

  @Override
  public void release(Lease lease) {
    requireSound();
    store.release(lease);
  }

  @Override
  public OpenReport openReport() {
    return store.openReport();
  }

  @Override
  public void close() {
    closed = true;
    store.close();
  }
}
