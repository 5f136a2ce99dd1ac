package dev.maestro.store;

import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An {@link InMemoryStore} as one who has opened it sees it. */
final class OpenMemoryStore implements Store {

  private final Memory memory;
  private final InstantSource time;
  private volatile boolean closed;

  OpenMemoryStore(Memory memory, InstantSource time) {
    this.memory = memory;
    this.time = time;
  }

  @Override
  public List<CommitOutcome> commit(List<Commit> commits) {
    Memory open = open();
    List<CommitOutcome> outcomes = new ArrayList<>(commits.size());
    for (int i = 0; i < commits.size(); i++) {
      outcomes.add(open.commit(commits.get(i)));
    }
    return outcomes;
  }

  @Override
  public List<StoredEvent> read(RunKey run, long fromSequence, int limit) {
    Memory open = open();
    return open.events(open.view.positions(run, fromSequence, limit), Math.max(1, fromSequence));
  }

  @Override
  public Optional<RunIndex> index(RunKey run) {
    return open().view.index(run);
  }

  @Override
  public List<RunIndex> find(RunQuery query) {
    return open().view.find(query);
  }

  @Override
  public Optional<VersionedRecord> record(RecordKey key) {
    return open().view.record(key);
  }

  @Override
  public List<VersionedRecord> records(Tenant tenant, String namespace) {
    return open().view.records(tenant, namespace);
  }

  @Override
  public List<VersionedRecord> records() {
    return open().view.records();
  }

  @Override
  public BlobId put(byte[] bytes) {
    BlobId id = BlobId.of(bytes);
    open().blobs.computeIfAbsent(id, absent -> bytes.clone());
    return id;
  }

  @Override
  public Optional<byte[]> blob(BlobId id) {
    return Optional.ofNullable(open().blobs.get(id)).map(byte[]::clone);
  }

  @Override
  public Optional<Lease> acquire(String key, String owner, Duration length) {
    Leases.requireLength(length);
    return open().acquire(key, owner, time.instant(), length);
  }

  @Override
  public void release(Lease lease) {
    open().release(lease);
  }

  @Override
  public OpenReport openReport() {
    return OpenReport.clean();
  }

  @Override
  public void close() {
    closed = true;
  }

  private Memory open() {
    if (closed) {
      throw new StoreException("the store in memory is closed");
    }
    return memory;
  }
}
