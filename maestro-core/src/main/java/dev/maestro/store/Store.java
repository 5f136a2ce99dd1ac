package dev.maestro.store;

import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Keeps runs, records and blobs durably.
 *
 * <p>Methods may be called from any thread. What a method reports as done is on disk and survives a
 * kill of the process. A store whose disk failed while writing is poisoned: every later write
 * throws {@link StoreException} until it is opened again.
 */
public interface Store extends AutoCloseable {

  /**
   * Write commits, each all or nothing, in their order, and durable when this returns.
   *
   * <p>A commit that is refused changes nothing and does not hinder the others. Many commits in one
   * call, or many threads calling at once, share one force of the disk.
   *
   * @return one outcome for each commit, in the same order
   */
  List<CommitOutcome> commit(List<Commit> commits);

  /** {@return the run's events from this sequence number on, in order; empty for an unknown run} */
  List<StoredEvent> read(RunKey run, long fromSequence);

  /** {@return the index entry of a run, if there is such a run} */
  Optional<RunIndex> index(RunKey run);

  /** {@return the index entries that match, ordered by when they started and then by name} */
  List<RunIndex> find(RunQuery query);

  /** {@return a record, if there is such a record} */
  Optional<VersionedRecord> record(RecordKey key);

  /** {@return all records of a namespace, ordered by key} */
  List<VersionedRecord> records(Tenant tenant, String namespace);

  /** Keep bytes under their SHA-256; keeping the same bytes again is cheap. */
  BlobId put(byte[] bytes);

  /** {@return the bytes, if they are kept; checked against their id} */
  Optional<byte[]> blob(BlobId id);

  /**
   * Take or renew a lease.
   *
   * @return the lease, with a token higher than any given out for this key before, unless the owner
   *     holds it already; empty while another owner holds it
   */
  Optional<Lease> acquire(String key, String owner, Duration length);

  /** Give a lease back; does nothing when it is no longer held. */
  void release(Lease lease);

  /** Let go of every handle, thread and lock; does nothing the second time. */
  @Override
  void close();
}
