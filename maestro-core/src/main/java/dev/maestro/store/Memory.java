package dev.maestro.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What all who have opened an {@link InMemoryStore} share; for any number of threads. */
final class Memory {

  final View view = new View();
  final Map<BlobId, byte[]> blobs = new ConcurrentHashMap<>();

  // guarded by this
  private final Contents contents = new Contents();
  // guarded by this; events lie at their places in this list
  private final List<Envelope> events = new ArrayList<>();

  Memory() {
    contents.restOn(view);
  }

  synchronized CommitOutcome commit(Commit commit) {
    Optional<CommitOutcome> refusal = contents.refusal(commit);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    contents.advance(commit);
    int position = events.size();
    events.addAll(commit.events());
    view.publish(change(commit), position);
    return new CommitOutcome.Committed(
        commit.run() == null ? 0 : contents.run(commit.run()).sequence);
  }

  synchronized List<StoredEvent> events(long[] positions, long firstSequence) {
    List<StoredEvent> found = new ArrayList<>(positions.length);
    for (long position : positions) {
      found.add(new StoredEvent(firstSequence + found.size(), events.get((int) position)));
    }
    return found;
  }

  synchronized Optional<Lease> acquire(String key, String owner, Instant now, Duration length) {
    return contents.leases.acquire(key, owner, now, length);
  }

  synchronized void release(Lease lease) {
    contents.leases.release(lease);
  }

  private Change change(Commit commit) {
    List<Change.OfRecord> records = commit.records().isEmpty() ? List.of() : records(commit);
    if (commit.run() == null) {
      return Change.of(null, records);
    }
    int[] offsets = new int[commit.events().size()];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i;
    }
    return Change.of(contents.run(commit.run()).change(commit, offsets), records);
  }

  private List<Change.OfRecord> records(Commit commit) {
    List<Change.OfRecord> records = new ArrayList<>(commit.records().size());
    for (RecordWrite write : commit.records()) {
      long version = contents.record(write.key()).revision;
      records.add(new Change.OfRecord(write.key(), version, write.json()));
    }
    return records;
  }
}
