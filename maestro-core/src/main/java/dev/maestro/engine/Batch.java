package dev.maestro.engine;

import dev.maestro.run.Decision;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.RunCommand;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunRules;
import dev.maestro.run.RunState;
import dev.maestro.store.Commit;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.RunIndex;
import dev.maestro.task.RunStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything the loop decides before it goes to the store once.
 *
 * <p>Each accepted decision is applied to the run's private state at once, so that the next one
 * sees it; nobody else sees anything before the commit.
 */
final class Batch {

  private final RunEventCodec codec;
  private final Shared shared;
  private final Map<Live, Part> parts = new LinkedHashMap<>();
  private final List<Reply> replies = new ArrayList<>();
  private final List<List<RecordWrite>> records = new ArrayList<>();
  private boolean torn;

  Batch(RunEventCodec codec, Shared shared) {
    this.codec = codec;
    this.shared = shared;
  }

  /**
   * What one decision has told about what runs share.
   *
   * @param scored what was scored
   * @param lines what launches have put aside and used up
   * @param at when it was decided
   */
  record Taken(List<RunEvent.Scored> scored, List<LedgerLine> lines, Instant at) {}

  /** What the batch holds of one run. */
  static final class Part {

    private final long sequenceBefore;
    private final RunStatus statusBefore;
    private final List<RunEvent> events = new ArrayList<>();
    private final List<RunCommand> commands = new ArrayList<>();
    // records above the run that it has changed; mostly none
    private Set<RecordKey> budgets = Set.of();
    private Set<RecordKey> traffic = Set.of();
    private Set<RecordKey> scores = Set.of();
    private List<Taken> taken = List.of();
    private boolean place;

    Part(long sequenceBefore, RunStatus statusBefore) {
      this.sequenceBefore = sequenceBefore;
      this.statusBefore = statusBefore;
    }

    long sequenceBefore() {
      return sequenceBefore;
    }

    List<RunEvent> events() {
      return events;
    }

    List<RunCommand> commands() {
      return commands;
    }

    /** Note what has changed those records, for when they are to be written anew. */
    void takes(Taken change) {
      taken = taken.isEmpty() ? new ArrayList<>() : taken;
      taken.add(change);
    }

    List<Taken> taken() {
      return taken;
    }

    /** Have a record of the ledger written along. */
    void writes(RecordKey budget) {
      budgets = budgets.isEmpty() ? new LinkedHashSet<>() : budgets;
      budgets.add(budget);
    }

    /** Have a record of a provider written along. */
    void writesTraffic(RecordKey provider) {
      traffic = traffic.isEmpty() ? new LinkedHashSet<>() : traffic;
      traffic.add(provider);
    }

    /** Have a baseline written along. */
    void writesScores(RecordKey baseline) {
      scores = scores.isEmpty() ? new LinkedHashSet<>() : scores;
      scores.add(baseline);
    }

    /** Have it written along who works in a place that is shared. */
    void writesPlace() {
      place = true;
    }

    boolean place() {
      return place;
    }

    Set<RecordKey> budgets() {
      return budgets;
    }

    Set<RecordKey> traffic() {
      return traffic;
    }

    Set<RecordKey> scores() {
      return scores;
    }
  }

  /**
   * Something to do once the batch is durable.
   *
   * @param run what it is about, or null when it is about no single run
   * @param answer what fails instead when the run is lost, or null when nobody waits
   */
  record Reply(@Nullable Live run, Runnable action, @Nullable Promise<?> answer) {}

  Decision decide(Live run, RunInput input) {
    long sequence = run.state.sequence();
    RunStatus status = run.state.status();
    Decision decision = RunRules.advance(run.state, input);
    if (decision instanceof Decision.Accepted accepted) {
      // thrown in between, the state would be ahead of what is written
      torn = true;
      Part part = parts.computeIfAbsent(run, first -> new Part(sequence, status));
      part.events.addAll(accepted.events());
      part.commands.addAll(accepted.commands());
      accepted.events().forEach(run::noteValues);
      shared.take(run, part, accepted.events(), input.at());
      torn = false;
    }
    return decision;
  }

  /** {@return whether a state was left half changed; nothing can be done with it any more} */
  boolean isTorn() {
    return torn;
  }

  /** Have the answer given once everything decided so far is durable. */
  <T> void reply(Live run, Promise<T> answer, T value) {
    replies.add(new Reply(run, () -> answer.complete(value), answer));
  }

  /** Have the action run once everything decided so far is durable. */
  void afterCommit(@Nullable Live run, Runnable action) {
    replies.add(new Reply(run, action, null));
  }

  /** Note that the run was looked at, so that it is tidied up with the others. */
  Part touch(Live run) {
    return parts.computeIfAbsent(run, live -> new Part(live.state.sequence(), live.state.status()));
  }

  /** Write a record that belongs to no run along. */
  void write(RecordWrite record) {
    records.add(List.of(record));
  }

  /** Write records that belong to no run along, all of them or none. */
  void write(List<RecordWrite> together) {
    records.add(together);
  }

  /** {@return the records of the ledger that runs have changed} */
  Set<RecordKey> budgets() {
    Set<RecordKey> all = new HashSet<>();
    parts.values().forEach(part -> all.addAll(part.budgets));
    return all;
  }

  Map<Live, Part> parts() {
    return parts;
  }

  List<Reply> replies() {
    return replies;
  }

  /** {@return one commit a run that has something to write, in the order of {@link #writers}} */
  List<Commit> commits() {
    List<Commit> commits = new ArrayList<>(parts.size() + records.size());
    parts.forEach(
        (run, part) -> {
          if (!part.events.isEmpty()) {
            commits.add(commit(run, part));
          }
        });
    // one commit each: a refusal of one must not hinder the others
    records.forEach(together -> commits.add(Commit.ofRecords(together)));
    return commits;
  }

  /** {@return the runs that have something to write} */
  List<Live> writers() {
    List<Live> writers = new ArrayList<>(parts.size());
    parts.forEach(
        (run, part) -> {
          if (!part.events.isEmpty()) {
            writers.add(run);
          }
        });
    return writers;
  }

  /** {@return what is to be written of one run, with the records as they are now} */
  Commit commit(Live run, Part part) {
    RunStatus status = run.state.status();
    boolean redefined = false;
    for (RunEvent event : part.events) {
      redefined |= event instanceof RunEvent.Redefined;
    }
    boolean indexed = part.sequenceBefore == 0 || part.statusBefore != status || redefined;
    boolean ends = status.isTerminal() && !part.statusBefore.isTerminal();
    return new Commit(
        run.key(),
        part.sequenceBefore,
        run.token(),
        codec.encode(part.events),
        indexed ? index(run.state) : null,
        records(run, part, ends));
  }

  private List<RecordWrite> records(Live run, Part part, boolean ends) {
    List<RecordWrite> records = shared.writes(part);
    if (ends) {
      records.add(Unreleased.mark(run.key()));
    }
    return records;
  }

  private static RunIndex index(RunState state) {
    return new RunIndex(
        state.key(),
        state.pipeline().name(),
        state.status().name(),
        !state.status().isTerminal(),
        state.started().at(),
        state.updatedAt(),
        state.started().labels(),
        state.started().terms().priority());
  }
}
