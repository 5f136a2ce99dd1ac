package dev.maestro.engine;

import dev.maestro.run.LedgerLine;
import dev.maestro.run.RunInput;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.task.Cap;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What runs share: budgets above them, and the providers. Decided in the turn of the input that
 * needs it, and written with the events of the run. Confined to the loop.
 */
final class Shared {

  private final Ledger ledger;
  private final Traffic traffic;

  Shared(Store store, SharedLimits limits) {
    this.ledger = new Ledger(store, limits.budgets());
    this.traffic = new Traffic(store, limits.providers());
  }

  /** {@return the launch with what is above its run, as it stands} */
  RunInput.Intend under(Live run, RunInput.Intend launch) {
    return launch.under(
        ledger.above(run.key().tenant(), launch.at()), heldUp(run, launch).orElse(null));
  }

  /**
   * {@return what keeps the provider of this launch from being launched just now, if it is kept}
   */
  Optional<RunInput.Held> heldUp(Live run, RunInput.Intend launch) {
    Predicate<String> approved = question -> isApproved(run, launch, question);
    return traffic.held(run.key().tenant(), launch.intent(), approved, launch.at());
  }

  private static boolean isApproved(Live run, RunInput.Intend launch, String question) {
    return run.state
        .task(launch.intent().task())
        .map(task -> task.approvedQuestions().contains(question))
        .orElse(false);
  }

  /** Note that a task of the run waits for something above it. */
  void waits(RunKey run) {
    ledger.waits(run);
  }

  /** Take in what the last decision on a run has changed. */
  void take(Live run, Batch.Part part, Instant now) {
    List<LedgerLine> lines = run.state.ledger();
    if (!lines.isEmpty()) {
      ledger.take(run.key(), part, lines);
      traffic.take(run.key(), part, lines, now);
    }
  }

  /** {@return the runs that may try again, when something was given back; each is told once} */
  List<RunKey> takeWaiting() {
    return ledger.takeWaiting(traffic.takeMadeRoom());
  }

  /** {@return the records to be written with the events of a run; more may be added} */
  List<RecordWrite> writes(Batch.Part part) {
    List<RecordWrite> writes = new ArrayList<>(ledger.writes(part.budgets()));
    writes.addAll(traffic.writes(part.traffic()));
    return writes;
  }

  /** The events of a run are written, and what belongs to them. */
  void written(Batch.Part part) {
    ledger.written(part.budgets());
    traffic.written(part.traffic());
  }

  /** The events of a run were refused, and nothing of it was written. */
  void forget(Batch.Part part) {
    ledger.forget(part.budgets());
    traffic.forget(part.traffic());
  }

  /** {@return what writes down that more is granted to all runs together} */
  RecordWrite grantApplication(Cap more) {
    return ledger.grant(Tenant.DEFAULT, Ledger.APPLICATION, more);
  }

  /** {@return what writes down that more is granted to a tenant for the day} */
  RecordWrite grantDay(Tenant tenant, Instant now, Cap more) {
    return ledger.grant(tenant, Ledger.day(now), more);
  }
}
