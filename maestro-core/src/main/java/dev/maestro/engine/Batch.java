package dev.maestro.engine;

import dev.maestro.run.Decision;
import dev.maestro.run.EventEncoder;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.RunCommand;
import dev.maestro.run.RunEvent;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
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

  // what a turn holds of runs, and of one run, when little is going on
  private static final int FEW = 2;

  private final EventEncoder encoder;
  private final Shared shared;
  private final List<Part> parts = new ArrayList<>(FEW);
  // mostly none, as all that follow
  private List<Reply> replies = List.of();
  private List<Aside> asides = List.of();
  private List<Mailbox.Message> last = List.of();
  // the decision at hand, as it is written
  private List<Envelope> written = List.of();
  private final Function<List<RunEvent>, Optional<Decision.Refused>> admission = this::writeOut;
  private long bytes;
  private boolean torn;

  Batch(EventEncoder encoder, Shared shared) {
    this.encoder = encoder;
    this.shared = shared;
  }

  /**
   * What one decision has told about what runs share.
   *
   * @param scored what was scored
   * @param lines what launches have put aside and used up
   * @param at when it was decided
   */
  record Taken(List<RunEvent.Scored> scored, List<LedgerLine> lines, Instant at) {

    /** {@return nothing, at this moment} */
    static Taken nothing(Instant at) {
      return new Taken(List.of(), List.of(), at);
    }
  }

  /**
   * Records that belong to no run, in a commit of their own.
   *
   * @param writes all of them or none are written; made when everything else has been decided
   * @param then is told what became of them
   */
  record Aside(Supplier<List<RecordWrite>> writes, Consumer<CommitOutcome> then) {}

  /**
   * What an input would come to that nothing has come of.
   *
   * @param decision with its events, where it is accepted
   * @param written the same as they are written
   * @param index what there would be to find the run by, where that changes; null where it does not
   */
  record Weighed(Decision decision, List<Envelope> written, @Nullable RunIndex index) {

    private Decision.Accepted accepted() {
      return (Decision.Accepted) decision;
    }
  }

  /**
   * What another engine may come before: a launch that puts something aside above its run, or the
   * claim of a place. It is decided on last, and happens when it is written: where another engine
   * has changed meanwhile what it depends on, it is decided on anew.
   *
   * @param weighed what it comes to, which is accepted
   * @param taken what it puts aside
   * @param place who works in a place that is shared, if it changes that
   * @param again has it decided on anew
   */
  record Contested(Weighed weighed, Taken taken, @Nullable RecordWrite place, Runnable again) {}

  /** What the batch holds of one run. */
  static final class Part {

    private final Batch batch;
    private final Live run;
    private final long sequenceBefore;
    private final RunStatus statusBefore;
    private final List<RunEvent> events = new ArrayList<>(FEW);
    // the same as they are written
    private final List<Envelope> envelopes = new ArrayList<>(FEW);
    private List<RunCommand> commands = List.of();
    // records above the run that it has changed; mostly none
    private Set<RecordKey> budgets = Set.of();
    private Set<RecordKey> traffic = Set.of();
    private Set<RecordKey> scores = Set.of();
    private List<Taken> taken = List.of();
    private @Nullable Contested contested;
    private boolean happened;

    private Part(Batch batch, Live run) {
      this.batch = batch;
      this.run = run;
      this.sequenceBefore = run.state.sequence();
      this.statusBefore = run.state.status();
    }

    Live run() {
      return run;
    }

    boolean isOf(Batch other) {
      return batch == other;
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

    /** Note what is recorded, as it is written, and which commands are open from then on. */
    private void add(Decision.Accepted accepted, List<Envelope> written) {
      for (int i = 0; i < written.size(); i++) {
        RunEvent event = accepted.events().get(i);
        events.add(event);
        envelopes.add(written.get(i));
        run.noteValues(event);
      }
      if (!accepted.commands().isEmpty()) {
        commands = commands.isEmpty() ? new ArrayList<>(FEW) : commands;
        commands.addAll(accepted.commands());
      }
    }

    /** Note what has changed those records, for when they are to be written anew. */
    void takes(Taken change) {
      taken = taken.isEmpty() ? new ArrayList<>() : taken;
      taken.add(change);
    }

    /** {@return all that has changed those records, in order} */
    List<Taken> taken() {
      return contested == null
          ? taken
          : Stream.concat(taken.stream(), Stream.of(contested.taken())).toList();
    }

    /** {@return what is decided on, contested and not written yet, which is nothing any more} */
    @Nullable Contested takeContested() {
      Contested before = contested;
      contested = null;
      return before;
    }

    boolean isWriting() {
      return !events.isEmpty() || contested != null;
    }

    private List<Envelope> all() {
      return contested == null
          ? envelopes
          : Stream.concat(envelopes.stream(), contested.weighed().written().stream()).toList();
    }

    /** {@return the records of the ledger that were to be written, which are none any more} */
    Set<RecordKey> takeBudgets() {
      Set<RecordKey> before = budgets;
      budgets = Set.of();
      return before;
    }

    /** {@return the records of providers that were to be written, which are none any more} */
    Set<RecordKey> takeTraffic() {
      Set<RecordKey> before = traffic;
      traffic = Set.of();
      return before;
    }

    /** {@return the baselines that were to be written, which are none any more} */
    Set<RecordKey> takeScores() {
      Set<RecordKey> before = scores;
      scores = Set.of();
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

    /** {@return who works in a place that is shared, where this is to be written} */
    Optional<RecordWrite> place() {
      return Optional.ofNullable(contested).map(Contested::place);
    }

    /** {@return whether records are written with its events} */
    boolean writesRecords() {
      return !budgets.isEmpty() || !traffic.isEmpty() || !scores.isEmpty() || contested != null;
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
    // as the run was before the decision
    Part part = run.part(this);
    if (part == null) {
      part = new Part(this, run);
    }
    Decision decision = RunRules.advance(run.state, input, admission);
    if (decision instanceof Decision.Accepted accepted) {
      // thrown in between, the state would be ahead of what is written
      torn = true;
      hold(part);
      part.add(accepted, written);
      shared.take(run, part, accepted.events(), input.at());
      torn = false;
    }
    return decision;
  }

  private void hold(Part part) {
    if (part.run.part(this) == null) {
      part.run.part = part;
      parts.add(part);
    }
  }

  /** Write out what a decision comes to; {@return why it cannot be recorded, if it is too large} */
  private Optional<Decision.Refused> writeOut(List<RunEvent> events) {
    written = encoder.encode(events);
    long size = 0;
    for (int i = 0; i < written.size(); i++) {
      size += written.get(i).json().length;
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

  /** Decide on an input, and leave the run as it is; see {@link #contest}. */
  Weighed weigh(Live run, RunInput input) {
    RunStatus before = run.state.status();
    written = List.of();
    List<RunIndex> index = new ArrayList<>();
    Decision decision =
        RunRules.decide(
            run.state,
            input,
            events -> {
              if (run.state.status() != before) {
                index.add(index(run.state));
              }
              return writeOut(events);
            });
    return new Weighed(decision, written, index.isEmpty() ? null : index.get(0));
  }

  /** {@return whether something of the run is contested already} */
  boolean isContesting(Live run) {
    Part part = run.part(this);
    return part != null && part.contested != null;
  }

  /** {@return whether it is to be written already who works in a place that is shared} */
  boolean writesPlace() {
    return parts.stream().anyMatch(part -> part.place().isPresent());
  }

  /**
   * Have something written that the rules have accepted and another engine may come before, which
   * is the last of its run in this turn; the answer is given once it is durable.
   */
  <T> void contest(Live run, Contested what, Supplier<T> told, Promise<T> answer) {
    Part part = touch(run);
    part.contested = what;
    shared.reserve(run, part, what.taken());
    Runnable reply =
        () -> {
          if (part.happened) {
            answer.complete(told.get());
          }
        };
    reply(new Reply(run, reply, answer));
  }

  /** What was contested of the run is written, if anything was: now it has happened. */
  void happened(Live run, Part part) {
    Contested contested = part.takeContested();
    if (contested != null) {
      torn = true;
      Decision.Accepted accepted = contested.weighed().accepted();
      accepted.events().forEach(run.state::apply);
      part.add(accepted, contested.weighed().written());
      part.takes(contested.taken());
      part.happened = true;
      torn = false;
    }
  }

  /** {@return whether a state was left half changed; nothing can be done with it any more} */
  boolean isTorn() {
    return torn;
  }

  /** Have the answer given once everything decided so far is durable. */
  <T> void reply(Live run, Promise<T> answer, T value) {
    reply(new Reply(run, () -> answer.complete(value), answer));
  }

  /** Have the action run once everything decided so far is durable. */
  void afterCommit(@Nullable Live run, Runnable action) {
    reply(new Reply(run, action, null));
  }

  private void reply(Reply reply) {
    replies = replies.isEmpty() ? new ArrayList<>() : replies;
    replies.add(reply);
  }

  /** Note that the run was looked at, so that it is tidied up with the others. */
  Part touch(Live run) {
    Part part = run.part(this);
    if (part == null) {
      part = new Part(this, run);
      hold(part);
    }
    return part;
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
    asides = asides.isEmpty() ? new ArrayList<>() : asides;
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
    parts.forEach(part -> all.addAll(part.budgets));
    return all;
  }

  /** {@return what it holds of each run, in the order in which it came to hold some} */
  List<Part> parts() {
    return parts;
  }

  /** Let go of the runs; it is not to be used afterwards. */
  void letGo() {
    for (int i = 0; i < parts.size(); i++) {
      Live run = parts.get(i).run;
      run.part = run.part(this) == null ? run.part : null;
    }
  }

  List<Reply> replies() {
    return replies;
  }

  /** {@return one commit a run that has something to write, in the order of {@link #writers}} */
  List<Commit> commits() {
    List<Commit> commits = new ArrayList<>(parts.size() + asides.size());
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      if (part.isWriting()) {
        commits.add(commit(part.run, part));
      }
    }
    // one commit each: a refusal of one must not hinder the others
    for (int i = 0; i < asides.size(); i++) {
      commits.add(Commit.ofRecords(asides.get(i).writes().get()));
    }
    return commits;
  }

  /** {@return what it holds of the runs that have something to write} */
  List<Part> writers() {
    if (writesAll()) {
      return parts;
    }
    List<Part> writers = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).isWriting()) {
        writers.add(parts.get(i));
      }
    }
    return writers;
  }

  private boolean writesAll() {
    for (int i = 0; i < parts.size(); i++) {
      if (!parts.get(i).isWriting()) {
        return false;
      }
    }
    return true;
  }

  /** {@return what is to be written of one run, with the records as they are now} */
  Commit commit(Live run, Part part) {
    if (!part.isWriting()) {
      // all that there was of the run is decided on anew; what others have changed is not
      return Commit.ofRecords(shared.writes(part));
    }
    boolean ends = run.state.status().isTerminal() && !part.statusBefore.isTerminal();
    return new Commit(
        run.key(),
        part.sequenceBefore,
        run.token(),
        part.all(),
        indexed(run, part),
        records(run, part, ends));
  }

  private static @Nullable RunIndex indexed(Live run, Part part) {
    RunIndex contested = part.contested == null ? null : part.contested.weighed().index();
    if (contested != null) {
      return contested;
    }
    return part.sequenceBefore == 0 || part.statusBefore != run.state.status() || isRedefined(part)
        ? index(run.state)
        : null;
  }

  private static boolean isRedefined(Part part) {
    for (int i = 0; i < part.events.size(); i++) {
      if (part.events.get(i) instanceof RunEvent.Redefined) {
        return true;
      }
    }
    return false;
  }

  private List<RecordWrite> records(Live run, Part part, boolean ends) {
    List<RecordWrite> records = shared.writes(part);
    if (!ends) {
      return records;
    }
    List<RecordWrite> all = new ArrayList<>(records);
    all.add(Unreleased.mark(run.key()));
    return all;
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
