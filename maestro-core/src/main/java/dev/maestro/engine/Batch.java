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
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.Envelope;
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
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything the loop decides before it goes to the store once.
 *
 * <p>Each accepted decision is applied to the run's private state at once, so that the next one
 * sees it; nobody else sees anything before the commit.
 */
final class Batch {

  /** How many bytes one decision records at most; the store has to take what a turn holds. */
  static final int LARGEST = 24 * 1024 * 1024;

  /** From how many bytes on a batch is written before more is decided. */
  static final int FULL = 8 * 1024 * 1024;

  private final RunEventCodec codec;
  private final Shared shared;
  private final Map<Live, Part> parts = new LinkedHashMap<>();
  private final List<Reply> replies = new ArrayList<>();
  private final List<Aside> asides = new ArrayList<>();
  private List<Mailbox.Message> last = List.of();
  private long bytes;
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

  /**
   * Records that belong to no run, in a commit of their own.
   *
   * @param writes all of them or none are written; made when everything else has been decided
   * @param then is told what became of them
   */
  record Aside(Supplier<List<RecordWrite>> writes, Consumer<CommitOutcome> then) {}

  /**
   * A launch that puts something aside above its run. It is decided on last, and happens when it is
   * written: where another engine has changed a budget meanwhile, it is decided on anew.
   *
   * @param events what it comes to
   * @param written the same as it is written
   * @param taken what it puts aside
   * @param again has it decided on anew
   */
  record Launch(List<RunEvent> events, List<Envelope> written, Taken taken, Runnable again) {}

  /** What the batch holds of one run. */
  static final class Part {

    private final long sequenceBefore;
    private final RunStatus statusBefore;
    private final List<RunEvent> events = new ArrayList<>();
    // the same as they are written
    private final List<Envelope> envelopes = new ArrayList<>();
    private final List<RunCommand> commands = new ArrayList<>();
    // records above the run that it has changed; mostly none
    private Set<RecordKey> budgets = Set.of();
    private Set<RecordKey> traffic = Set.of();
    private Set<RecordKey> scores = Set.of();
    private List<Taken> taken = List.of();
    private @Nullable Launch launch;
    private boolean launched;
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

    /** {@return all that has changed those records, in order} */
    List<Taken> taken() {
      return launch == null
          ? taken
          : Stream.concat(taken.stream(), Stream.of(launch.taken())).toList();
    }

    /** {@return the launch that is decided on and not written yet, which is none any more} */
    @Nullable Launch takeLaunch() {
      Launch before = launch;
      launch = null;
      return before;
    }

    boolean isWriting() {
      return !events.isEmpty() || launch != null;
    }

    private List<Envelope> all() {
      return launch == null
          ? envelopes
          : Stream.concat(envelopes.stream(), launch.written().stream()).toList();
    }

    /** {@return the records of the ledger that were to be written, which are none any more} */
    Set<RecordKey> takeBudgets() {
      Set<RecordKey> before = budgets;
      budgets = Set.of();
      return before;
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

  /** Decide on an input; what is too large to be recorded is refused, and changes nothing. */
  Decision decide(Live run, RunInput input) {
    long sequence = run.state.sequence();
    RunStatus status = run.state.status();
    List<Envelope> written = new ArrayList<>();
    Decision decision = RunRules.advance(run.state, input, events -> write(events, written));
    if (decision instanceof Decision.Accepted accepted) {
      // thrown in between, the state would be ahead of what is written
      torn = true;
      Part part = parts.computeIfAbsent(run, first -> new Part(sequence, status));
      part.events.addAll(accepted.events());
      part.envelopes.addAll(written);
      part.commands.addAll(accepted.commands());
      accepted.events().forEach(run::noteValues);
      shared.take(run, part, accepted.events(), input.at());
      torn = false;
    }
    return decision;
  }

  /**
   * Write out what a decision comes to.
   *
   * @param written where to
   * @return why it cannot be recorded, if it is too large
   */
  Optional<Decision.Refused> write(List<RunEvent> events, List<Envelope> written) {
    written.addAll(codec.encode(events));
    long size = 0;
    for (Envelope one : written) {
      size += one.json().length;
    }
    if (size > LARGEST) {
      return Optional.of(
          new Decision.Refused(
              Decision.Refused.TOO_LARGE,
              "what would be recorded comes to "
                  + size
                  + " bytes, and at most "
                  + LARGEST
                  + " are recorded at once; say less, and put what is long into files or into an"
                  + " output"));
    }
    bytes += size;
    return Optional.empty();
  }

  /** {@return whether it is to be written before more is decided} */
  boolean isFull() {
    return bytes > FULL;
  }

  /** Have it done when everything else of the turn has been decided. */
  void atLast(Mailbox.Message message) {
    last = last.isEmpty() ? new ArrayList<>() : last;
    last.add(message);
  }

  /** {@return what is to be done now that everything else has been decided} */
  List<Mailbox.Message> atLast() {
    return last;
  }

  /** {@return whether a launch of the run is decided on already} */
  boolean isLaunching(Live run) {
    Part part = parts.get(run);
    return part != null && part.launch != null;
  }

  /**
   * Have a launch written that the rules have accepted, which is the last of its run in this turn;
   * the answer is given once it is durable.
   */
  <T> void launch(Live run, Launch launch, Supplier<T> told, Promise<T> answer) {
    Part part = touch(run);
    part.launch = launch;
    shared.reserve(run, part, launch.taken());
    Runnable reply =
        () -> {
          if (part.launched) {
            answer.complete(told.get());
          }
        };
    replies.add(new Reply(run, reply, answer));
  }

  /** The launch of the run is written, if it had one: now it has happened. */
  void launched(Live run, Part part) {
    Launch launch = part.takeLaunch();
    if (launch != null) {
      torn = true;
      launch.events().forEach(run.state::apply);
      part.events.addAll(launch.events());
      part.envelopes.addAll(launch.written());
      part.launched = true;
      torn = false;
    }
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
    write(List.of(record));
  }

  /** Write records that belong to no run along, all of them or none. */
  void write(List<RecordWrite> together) {
    write(() -> together, outcome -> {});
  }

  /** Write records that belong to no run along, all of them or none, and hear of the outcome. */
  void write(Supplier<List<RecordWrite>> together, Consumer<CommitOutcome> then) {
    asides.add(new Aside(together, then));
  }

  /**
   * {@return what is written that belongs to no run, in the order of the commits after the runs'}
   */
  List<Aside> asides() {
    return asides;
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
    List<Commit> commits = new ArrayList<>(parts.size() + asides.size());
    parts.forEach(
        (run, part) -> {
          if (part.isWriting()) {
            commits.add(commit(run, part));
          }
        });
    // one commit each: a refusal of one must not hinder the others
    asides.forEach(aside -> commits.add(Commit.ofRecords(aside.writes().get())));
    return commits;
  }

  /** {@return the runs that have something to write} */
  List<Live> writers() {
    List<Live> writers = new ArrayList<>(parts.size());
    parts.forEach(
        (run, part) -> {
          if (part.isWriting()) {
            writers.add(run);
          }
        });
    return writers;
  }

  /** {@return what is to be written of one run, with the records as they are now} */
  Commit commit(Live run, Part part) {
    if (!part.isWriting()) {
      // all that there was of the run is decided on anew; what others have changed is not
      return Commit.ofRecords(shared.writes(part));
    }
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
        part.all(),
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
