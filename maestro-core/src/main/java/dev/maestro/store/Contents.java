package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What commits are checked against: the store as it will be when everything queued is written.
 *
 * <p>Guarded by its store's lock. What readers may see is in {@link View}.
 */
final class Contents {

  private final Map<RunKey, Slot.OfRun> runs = new HashMap<>();
  private final Map<RecordKey, Slot.OfRecord> records = new HashMap<>();

  final Leases leases = new Leases();

  Slot.OfRun run(RunKey key) {
    return runs.computeIfAbsent(key, Slot.OfRun::new);
  }

  /** {@return the run, if it is in the log} */
  Optional<Slot.OfRun> find(RunKey key) {
    return Optional.ofNullable(runs.get(key));
  }

  /** Forget a run, which is no longer in the log. */
  Optional<Slot.OfRun> drop(RunKey key) {
    return Optional.ofNullable(runs.remove(key));
  }

  Slot.OfRecord record(RecordKey key) {
    return records.computeIfAbsent(key, Slot.OfRecord::new);
  }

  Collection<Slot.OfRun> runs() {
    return runs.values();
  }

  Collection<Slot.OfRecord> records() {
    return records.values();
  }

  /** {@return why the commit cannot be written, or empty when it can} */
  Optional<CommitOutcome> refusal(Commit commit) {
    Optional<CommitOutcome> refusal = runRefusal(commit);
    return refusal.isPresent() ? refusal : recordRefusal(commit);
  }

  /** Count a commit that was not refused. */
  void advance(Commit commit) {
    if (commit.run() != null) {
      Slot.OfRun run = run(commit.run());
      run.revision++;
      run.sequence += commit.events().size();
      run.token = Math.max(run.token, commit.token());
      run.index = commit.index() == null ? run.index : commit.index();
    }
    List<RecordWrite> writes = commit.records();
    for (int i = 0; i < writes.size(); i++) {
      RecordWrite write = writes.get(i);
      Slot.OfRecord record = record(write.key());
      record.revision++;
      record.exists = write.json() != null;
    }
  }

  /** Take in what a snapshot says. */
  void restore(View.State state) {
    for (View.OfRun known : state.runs()) {
      Slot.OfRun run = run(known.key);
      run.revision = known.revision;
      run.token = known.token;
      run.sequence = known.count;
      run.index = known.index;
    }
    for (View.OfRecord known : state.records()) {
      Slot.OfRecord record = record(known.key);
      record.revision = known.version;
      record.exists = known.json != null;
    }
  }

  private Optional<CommitOutcome> runRefusal(Commit commit) {
    Slot.@Nullable OfRun run = commit.run() == null ? null : runs.get(commit.run());
    long token = run == null ? 0 : run.token;
    long sequence = run == null ? 0 : run.sequence;
    if (commit.token() < token) {
      return Optional.of(new CommitOutcome.Fenced(token));
    }
    if (commit.expectedSequence() != sequence) {
      return Optional.of(new CommitOutcome.SequenceConflict(sequence));
    }
    return Optional.empty();
  }

  private Optional<CommitOutcome> recordRefusal(Commit commit) {
    List<RecordWrite> writes = commit.records();
    for (int i = 0; i < writes.size(); i++) {
      RecordWrite write = writes.get(i);
      Slot.OfRecord record = records.get(write.key());
      long version = record == null ? 0 : record.version();
      if (version != write.expectedVersion()) {
        return Optional.of(new CommitOutcome.RecordConflict(write.key(), version));
      }
    }
    return Optional.empty();
  }
}
