package dev.maestro.engine;

import dev.maestro.policy.Baseline;
import dev.maestro.policy.SharedGrant;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunState;
import dev.maestro.run.Task;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.Workspaces;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What runs share: budgets above them, the providers, what is usual for a step, and a place without
 * walls. Decided in the turn of the input that needs it, and written with the events of the run.
 * Confined to the loop.
 */
final class Shared {

  private final Waiters waiters = new Waiters();
  private final Ledger ledger;
  private final Traffic traffic;
  private final Baselines baselines;
  private final Places places;

  Shared(Store store, SharedLimits limits, Workspaces workspaces) {
    this.ledger = new Ledger(store, limits.budgets(), waiters);
    this.traffic = new Traffic(store, limits.providers(), waiters);
    this.baselines = new Baselines(store);
    this.places = new Places(store, workspaces);
  }

  /** {@return who works where all see each other's files} */
  Places places() {
    return places;
  }

  /** Have it told in this turn what other engines have done to budgets above runs. */
  void heed(Batch batch) {
    // what this turn has changed is not in the store yet
    if (batch.budgets().isEmpty()) {
      ledger.heed();
    }
  }

  /** {@return the launch with what is above its run, as it stands} */
  RunInput.Intend under(Live run, RunInput.Intend launch) {
    Optional<RunInput.Held> held = heldUp(run, launch);
    held.ifPresent(why -> traffic.promise(run.key(), launch, why));
    return launch.under(ledger.above(run.key().tenant(), launch.at()), held.orElse(null));
  }

  /** {@return the end of a launch with what is above its run, as it stands} */
  RunInput.ActEnded under(Live run, RunInput.ActEnded ended) {
    return ended.under(ledger.above(run.key().tenant(), ended.at()));
  }

  /** {@return the claim with what is above the run, as it stands} */
  RunInput.Claim under(Live run, RunInput.Claim claim) {
    return claim.under(ledger.above(run.key().tenant(), claim.at()));
  }

  /** {@return that there may be more above the run, with what there is} */
  RunInput.MadeRoom madeRoom(Live run, Instant now) {
    return new RunInput.MadeRoom(now, ledger.above(run.key().tenant(), now));
  }

  /**
   * {@return what keeps the provider of this launch from being launched just now, if it is kept}
   */
  Optional<RunInput.Held> heldUp(Live run, RunInput.Intend launch) {
    traffic.heed(run.key(), launch.intent());
    Predicate<String> approved = question -> isApproved(run, launch, question);
    return traffic.held(run.key(), launch.intent(), own(run, launch), approved, launch.at());
  }

  /** A person lets a task be tried before a quota is back: what is closed of the tenant is open. */
  void openAgain(Live run, Batch.Part part) {
    traffic.openAgain(run.key().tenant(), part);
  }

  private static Traffic.Own own(Live run, RunInput.Intend launch) {
    TaskId id = launch.intent().task();
    Optional<Task> task = run.state.task(id);
    return new Traffic.Own(
        task.flatMap(same -> run.state.policies(id).resumeRule()),
        task.flatMap(Task::startedAt).orElse(launch.at()));
  }

  private static boolean isApproved(Live run, RunInput.Intend launch, String question) {
    return run.state
        .task(launch.intent().task())
        .map(task -> task.approvedQuestions().contains(question))
        .orElse(false);
  }

  /** Have the run told when there may be more of what its tasks wait for. */
  void noteWaiting(Live run, Instant now) {
    if (run.state.waitsForBudget()) {
      ledger.waits(run.key(), run.state.waitsFor(ledger.above(run.key().tenant(), now)));
    }
  }

  /** Have the run told when there may be more of what the task waits for, if it does. */
  void noteWaiting(Live run, TaskId task, Instant now) {
    ledger.waits(run.key(), run.state.waitsFor(task, ledger.above(run.key().tenant(), now)));
  }

  /** Have the run told when there may be room for a launch that does not go on. */
  void noteWaiting(Live run, RunInput.Intend launch) {
    if (launch.held() != null) {
      traffic.waits(run.key(), launch.intent());
    }
    noteWaiting(run, launch.intent().task(), launch.at());
  }

  /**
   * {@return whether the score has to wait for the next turn, because another has come before it}
   */
  boolean isBeingWritten(Live run, RunInput.Score score) {
    return baselines.isBeingWritten(baseline(run, score.task(), score.scoredBy()));
  }

  /** {@return the score with those that it is compared with} */
  RunInput.Score against(Live run, RunInput.Score score) {
    Baseline which = baseline(run, score.task(), score.scoredBy());
    return score.against(baselines.earlier(which, run.key()));
  }

  private static Baseline baseline(Live run, TaskId task, String scoredBy) {
    RunState state = run.state;
    return Baseline.of(run.key().tenant(), state.pipeline().name(), state.stepPath(task), scoredBy);
  }

  /** Have a baseline begin anew, when that is written; nothing is written when there is none. */
  Optional<RecordWrite> beginAnew(Baseline which, Baseline.Begun begun) {
    return baselines.beginAnew(which, begun);
  }

  /** {@return whether this turn has changed the baseline already} */
  boolean isBeingWritten(Baseline which) {
    return baselines.isBeingWritten(which);
  }

  /** A baseline begins anew, or could not: what stands in the store counts. */
  void begun(Baseline which) {
    baselines.begun(which);
  }

  /** Take in what the last decision on a run has changed. */
  void take(Live run, Batch.Part part, List<RunEvent> events, Instant now) {
    List<RunEvent.Scored> scored = List.of();
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof RunEvent.Scored one) {
        scored = Stream.concat(scored.stream(), Stream.of(one)).toList();
      }
    }
    List<LedgerLine> lines = run.state.ledger();
    if (!scored.isEmpty() || !lines.isEmpty()) {
      part.takes(new Batch.Taken(scored, List.copyOf(lines), now));
      take(run, part, scored);
      ledger.take(run.key(), part, lines, now);
      traffic.take(run.key(), part, lines, now);
    }
  }

  /** Take in what is put aside by what is about to be written. */
  void reserve(Live run, Batch.Part part, Batch.Taken taken) {
    ledger.take(run.key(), part, taken.lines(), taken.at());
    traffic.take(run.key(), part, taken.lines(), taken.at());
  }

  /** It was not written, and puts nothing aside; to be followed by {@link #takeAnew}. */
  void giveBack(Live run, Batch.Taken taken) {
    traffic.giveBack(run.key(), taken.lines());
  }

  private void take(Live run, Batch.Part part, List<RunEvent.Scored> scored) {
    for (RunEvent.Scored one : scored) {
      baselines.take(baseline(run, one.task(), one.scoredBy()), run.key(), part, one);
    }
  }

  /**
   * Another engine has written what runs share since it was read: read it again, and take in once
   * more what this turn has told. A provider's record is written with the run that changed it
   * first, for all of them.
   */
  void takeAnew(Live run, Batch.Part part, List<Batch.Part> all) {
    Set<RecordKey> providers = Set.copyOf(part.traffic());
    ledger.forget(part.takeBudgets());
    traffic.forget(providers);
    baselines.forget(part.takeScores());
    for (Batch.Taken taken : part.taken()) {
      take(run, part, taken.scored());
      ledger.take(run.key(), part, taken.lines(), taken.at());
    }
    for (Batch.Part its : all) {
      for (Batch.Taken taken : its.taken()) {
        traffic.takeAnew(providers, its.run().key(), part, taken.lines(), taken.at());
      }
    }
  }

  /** {@return the runs that may try again, when something was given back; each is told once} */
  List<RunKey> takeWaiting() {
    return waiters.take();
  }

  /** {@return the records to be written with the events of a run} */
  List<RecordWrite> writes(Batch.Part part) {
    if (!part.writesRecords()) {
      return List.of();
    }
    List<RecordWrite> writes = new ArrayList<>(ledger.writes(part.budgets()));
    writes.addAll(traffic.writes(part.traffic()));
    writes.addAll(baselines.writes(part.scores()));
    part.place().ifPresent(writes::add);
    return writes;
  }

  /** The events of a run are written, and what belongs to them. */
  void written(Batch.Part part) {
    if (!part.writesRecords()) {
      return;
    }
    ledger.written(part.budgets());
    traffic.written(part.traffic());
    baselines.forget(part.scores());
  }

  /** The events of a run were refused, and nothing of it was written; others drive it now. */
  void forget(RunKey run, Batch.Part part) {
    ledger.forget(part.budgets());
    traffic.forget(run, part.traffic());
    baselines.forget(part.scores());
  }

  /**
   * {@return the records of providers that were to be written with the events of a run that is
   * lost, to be written by themselves: what its own launches came to, for that has happened, and
   * all that the other runs of the turn have told}
   */
  List<RecordWrite> ofProviders(Batch.Part lost, List<Batch.Part> all) {
    Set<RecordKey> providers = lost.takeTraffic();
    traffic.forget(providers);
    for (Batch.Part its : all) {
      for (Batch.Taken taken : its.taken()) {
        List<LedgerLine> lines = its.run().lost ? ends(taken.lines()) : taken.lines();
        traffic.takeAnew(providers, its.run().key(), lost, lines, taken.at());
      }
    }
    return traffic.writes(lost.traffic());
  }

  private static List<LedgerLine> ends(List<LedgerLine> lines) {
    return lines.stream().filter(line -> line.kind() == LedgerLine.Kind.SETTLED).toList();
  }

  /** They are written. */
  void writtenOfProviders(Batch.Part lost) {
    traffic.written(lost.takeTraffic());
  }

  /** {@return what adds up the lines of ended runs; each list is one commit} */
  List<List<RecordWrite>> foldLedger(Set<RecordKey> beingWritten) {
    return ledger.fold(beingWritten);
  }

  /** The ledger may have changed in the store. */
  void forgetLedger(List<RecordWrite> written) {
    ledger.forget(written.stream().map(RecordWrite::key).toList());
  }

  /** {@return what writes down that more is granted on an account} */
  List<RecordWrite> grant(Tenant tenant, String account, SharedGrant more) {
    return ledger.grant(tenant, account, more);
  }

  /** More may be granted on the account: what stands in the store counts, and those may try. */
  void granted(Tenant tenant, String account) {
    ledger.granted(tenant, account);
  }
}
