package dev.maestro.store;

import dev.maestro.table.Table;
import dev.maestro.task.RunKey;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What commits are checked against: the store as it will be when everything queued is written.
 *
 * <p>Guarded by its store's lock. What readers may see is in {@link View}, and once nothing of a
 * run is on its way, that is how it stands: of runs that were not written to lately nothing is kept
 * here.
 */
final class Contents {

  /** So many runs are kept at least. */
  static final int LATEST = 4_096;

  private Table<RunKey, Slot.OfRun> runs = noRuns();
  private int most = LATEST;
  // where all other runs stand; null while a log is read
  private @Nullable View view;
  private final Table<RecordKey, Slot.OfRecord> records = new Table<>(record -> record.key);

  final Leases leases = new Leases();

  private static Table<RunKey, Slot.OfRun> noRuns() {
    return new Table<>(run -> run.key);
  }

  /** Keep only what the view does not show; for the time when all that is here is shown there. */
  void restOn(View shown) {
    view = shown;
    forgetSettled();
  }

  Slot.OfRun run(RunKey key) {
    Slot.OfRun run = slot(key);
    if (run == null || run.gone) {
      run = new Slot.OfRun(key);
      keep(run);
    }
    return run;
  }

  /** {@return the run, if it is in the log} */
  Optional<Slot.OfRun> find(RunKey key) {
    Slot.OfRun run = slot(key);
    return run == null || run.gone ? Optional.empty() : Optional.of(run);
  }

  /** Forget a run, which is no longer in the log. */
  Optional<Slot.OfRun> drop(RunKey key) {
    Optional<Slot.OfRun> run = find(key);
    if (view == null) {
      runs.remove(key);
    } else {
      // readers see it until that is written
      run.ifPresent(slot -> slot.gone = true);
    }
    return run;
  }

  private Slot.@Nullable OfRun slot(RunKey key) {
    Slot.OfRun run = runs.get(key);
    if (run == null && view != null) {
      run = view.slot(key).orElse(null);
      if (run != null) {
        keep(run);
      }
    }
    return run;
  }

  private void keep(Slot.OfRun run) {
    if (view != null && runs.size() >= most) {
      forgetSettled();
    }
    runs.put(run);
  }

  private void forgetSettled() {
    List<Slot.OfRun> others = Objects.requireNonNull(view).unsettled(runs);
    runs = noRuns();
    for (Slot.OfRun run : others) {
      runs.put(run);
    }
    // so that what is on its way is not looked through for each run that comes
    most = Math.max(LATEST, 2 * others.size());
  }

  Slot.OfRecord record(RecordKey key) {
    Slot.OfRecord record = records.get(key);
    if (record == null) {
      record = new Slot.OfRecord(key);
      records.put(record);
    }
    return record;
  }

  /** {@return of how many runs something is kept here} */
  int kept() {
    return runs.size();
  }

  /** {@return all runs; only while a log is read} */
  Stream<Slot.OfRun> runs() {
    return runs.stream();
  }

  Stream<Slot.OfRecord> records() {
    return records.stream();
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
    state.runs().forEach(run -> runs.put(run.slot()));
    for (View.OfRecord known : state.records()) {
      Slot.OfRecord record = record(known.key);
      record.revision = known.version;
      record.exists = known.json != null;
    }
  }

  private Optional<CommitOutcome> runRefusal(Commit commit) {
    Slot.@Nullable OfRun slot = commit.run() == null ? null : slot(commit.run());
    Slot.@Nullable OfRun run = slot == null || slot.gone ? null : slot;
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
