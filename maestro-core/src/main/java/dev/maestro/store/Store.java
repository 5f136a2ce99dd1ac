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
   * <p>A commit that is refused changes nothing and does not hinder the others; a later commit sees
   * what an earlier one of the same call wrote. Many commits in one call, or many threads calling
   * at once, share one force of the disk. An interrupt does not break off the call; it stays set.
   *
   * @return one outcome for each commit, in the same order
   * @throws IllegalArgumentException when a commit is larger than this store takes, which is {@link
   *     Commit#LARGEST} at least; nothing of the call was written
   * @throws StoreException when the disk fails, or when a commit names a run or a record that
   *     damage has touched; in the second case nothing of the call was written
   */
  List<CommitOutcome> commit(List<Commit> commits);

  /**
   * Read a run's events in order, from a sequence number on and at most so many.
   *
   * @return the events; empty for an unknown run
   */
  List<StoredEvent> read(RunKey run, long fromSequence, int limit);

  /** {@return the run's events from this sequence number on, in order; empty for an unknown run} */
  default List<StoredEvent> read(RunKey run, long fromSequence) {
    return read(run, fromSequence, Integer.MAX_VALUE);
  }

  /** {@return the index entry of a run, if there is such a run and it has one} */
  Optional<RunIndex> index(RunKey run);

  /** {@return the index entries that are asked for, in the query's order and within its limit} */
  List<RunIndex> find(RunQuery query);

  /** {@return a record, if there is such a record} */
  Optional<VersionedRecord> record(RecordKey key);

  /** {@return all records of a namespace, ordered by key} */
  List<VersionedRecord> records(Tenant tenant, String namespace);

  /**
   * {@return all records of all tenants, ordered by tenant, namespace and key}
   *
   * @throws StoreException when this store cannot tell
   */
  default List<VersionedRecord> records() {
    throw new StoreException("this store cannot list its records; list them by namespace");
  }

  /** Keep bytes under their SHA-256; keeping the same bytes again is cheap. */
  BlobId put(byte[] bytes);

  /** {@return the bytes, if they are kept; checked against their id} */
  Optional<byte[]> blob(BlobId id);

  /**
   * Take a lease, or take it once more.
   *
   * <p>The token is higher than any this store ever gave out, for whatever key. That holds for an
   * owner too who takes what it holds already: it may be the successor of one that died under the
   * same name, who must neither write any more nor give back what is no longer its own. Keys are
   * shared by all tenants: put the tenant into the key where it matters.
   *
   * @return the lease; empty while another owner holds it
   */
  Optional<Lease> acquire(String key, String owner, Duration length);

  /** Give a lease back; does nothing when it has ended, or was taken once more since. */
  void release(Lease lease);

  /**
   * Tidy up, as far as this store has anything to tidy up: move away what has ended, remove what is
   * not to be kept, free what nothing is needed of.
   *
   * <p>Others may go on reading and writing meanwhile. This may take long; call it on a thread that
   * may wait.
   */
  default Maintenance maintain() {
    return Maintenance.nothing();
  }

  /** {@return what was found when this store was opened} */
  OpenReport openReport();

  /** Let go of every handle, thread and lock; does nothing the second time. */
  @Override
  void close();
}
