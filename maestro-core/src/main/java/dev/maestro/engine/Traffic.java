package dev.maestro.engine;

import dev.maestro.policy.Judgment;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.ProviderLimits;
import dev.maestro.policy.Resume;
import dev.maestro.policy.Verdict;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether a provider may be launched just now, for each tenant by itself: quota windows, rate
 * limits, breakers, and how many launches are under way. Confined to the loop.
 *
 * <p>What it knows of a provider or a model is a record, written with the events of the run that
 * changed it first in a turn. Which launches are under way is known in memory: after a crash there
 * are none, and what then ends of those before was never among them.
 */
final class Traffic {

  /** The kind of record. */
  static final String NAMESPACE = "provider";

  /** How long a task waits that finds too many launches under way, unless one ends before. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  private final Store store;
  private final Map<String, ProviderLimits> limits;
  private final Waiters waiters;
  private final Map<RecordKey, Seen> known = new HashMap<>();
  private final Map<RecordKey, Set<Launch>> underWay = new HashMap<>();
  private final Set<RecordKey> changed = new HashSet<>();
  private final Turns turns = new Turns();

  /** A launch that has begun here and not ended. */
  private record Launch(RunKey run, String attempt) {}

  /** What is known of one provider or model. */
  private record Seen(ProviderState state, long version) {}

  /**
   * What the step of a launch says of quotas.
   *
   * @param resume when it goes on after one was used up, if it says so itself
   * @param since when its task began
   */
  record Own(Optional<Resume> resume, Instant since) {

    private boolean hasWaitedFor(Instant back) {
      return resume.isPresent() && since.isBefore(back);
    }
  }

  /**
   * Make one with these limits.
   *
   * @param limits by provider, or by {@code provider/model}
   */
  Traffic(Store store, Map<String, ProviderLimits> limits, Waiters waiters) {
    this.store = store;
    this.waiters = waiters;
    this.limits = Map.copyOf(limits);
  }

  // ------------------------------------------------------------------ before a launch

  /** See what other engines on the store have learned of the provider of this launch. */
  void heed(RunKey run, RunEvent.Intent launch) {
    for (RecordKey key : keys(run, launch)) {
      Seen seen = known.get(key);
      // what this turn has changed is not in the store yet
      if (seen != null && !changed.contains(key)) {
        store
            .record(key)
            .filter(record -> record.version() != seen.version())
            .map(Traffic::read)
            .ifPresent(
                read -> known.put(key, new Seen(read.state().after(seen.state()), read.version())));
      }
    }
  }

  /**
   * {@return why this launch has to wait; empty when it may go on}
   *
   * @param own what its step says of quotas
   */
  Optional<RunInput.Held> held(
      RunKey run, RunEvent.Intent launch, Own own, Predicate<String> approved, Instant now) {
    for (RecordKey key : keys(run, launch)) {
      Optional<RunInput.Held> held =
          closed(key, own, approved, now).or(() -> limited(key, run, launch, now));
      if (held.isPresent()) {
        return held;
      }
    }
    return Optional.empty();
  }

  private Optional<RunInput.Held> closed(
      RecordKey key, Own own, Predicate<String> approved, Instant now) {
    String name = key.key();
    ProviderState state = seen(key).state();
    Instant back = state.closedUntil();
    Reason why = state.why();
    if (back == null || why == null || state.opened() && !own.hasWaitedFor(back)) {
      return Optional.empty();
    }
    Resume resume = own.resume().orElse(limit(key).resume());
    Instant until = why.equals(Reason.QUOTA_EXHAUSTED) ? resume.notBefore(back) : back;
    if (now.isBefore(until)) {
      return wait(name, "quota", why, until, Numbers.NONE);
    }
    String question = "The quota of " + name + " was used up until " + back + ". Go on with it?";
    boolean asks = resume.asks() && why.equals(Reason.QUOTA_EXHAUSTED);
    return asks && !approved.test(question) ? ask(question) : Optional.empty();
  }

  private static Optional<RunInput.Held> ask(String question) {
    Verdict verdict = new Verdict.Ask(Reason.QUOTA_EXHAUSTED, question);
    return Optional.of(
        new RunInput.Held(verdict, List.of(Judgment.of("quota", Place.LIMITS, verdict))));
  }

  private Optional<RunInput.Held> limited(
      RecordKey key, RunKey run, RunEvent.Intent launch, Instant now) {
    String name = key.key();
    ProviderLimits limit = limit(key);
    ProviderState state = seen(key).state();
    Optional<Instant> broken = limit.circuit().flatMap(b -> b.holdsUntil(state.calls(), now));
    if (broken.isPresent()) {
      Numbers numbers =
          Numbers.of("calls", state.calls().calls().length())
              .with("failed", state.calls().failed());
      return wait(name, "breaker", Reason.CIRCUIT_OPEN, broken.get(), numbers);
    }
    Optional<Instant> fast =
        limit
            .rateLimit()
            .flatMap(r -> r.holdsUntil(state.begun(), turns.before(key, run, launch), now));
    if (fast.isPresent()) {
      Numbers numbers = Numbers.of("limit", limit.rateLimit().orElseThrow().launches());
      return wait(name, "rate", Reason.RATE_LIMITED, fast.get(), numbers);
    }
    int busy = underWay.getOrDefault(key, Set.of()).size();
    Integer most = limit.atOnce();
    return most != null && busy >= most
        ? wait(
            name,
            "at-once",
            Reason.WAITING,
            now.plus(LOOK_AGAIN),
            Numbers.of("limit", most).with("busy", busy))
        : Optional.empty();
  }

  /** The launch waits for its turn: whoever comes later waits longer. */
  void promise(RunKey run, RunInput.Intend launch, RunInput.Held held) {
    if (held.verdict() instanceof Verdict.Wait wait && wait.reason().equals(Reason.RATE_LIMITED)) {
      for (RecordKey key : keys(run, launch.intent())) {
        limit(key)
            .rateLimit()
            .ifPresent(
                rate ->
                    turns.promise(
                        key, run, launch.intent(), wait.until(), rate.period(), launch.at()));
      }
    }
  }

  /** Have the run told when a launch has ended beside which this one was too many. */
  void waits(RunKey run, RunEvent.Intent launch) {
    for (RecordKey key : keys(run, launch)) {
      if (limit(key).atOnce() != null) {
        waiters.add(run, key.toString());
      }
    }
  }

  private static Optional<RunInput.Held> wait(
      String name, String rule, Reason reason, Instant until, Numbers numbers) {
    Verdict verdict = new Verdict.Wait(reason, until);
    Judgment judgment = Judgment.of(rule, Place.LIMITS, verdict, numbers);
    return Optional.of(
        new RunInput.Held(verdict, List.of(judgment.detail(name + " until " + until))));
  }

  /** A provider comes before its model; nothing is launched on none. */
  private static List<RecordKey> keys(RunKey run, RunEvent.@Nullable Intent launch) {
    if (launch == null) {
      return List.of();
    }
    RecordKey provider = new RecordKey(run.tenant(), NAMESPACE, launch.provider());
    return launch.model() == null
        ? List.of(provider)
        : List.of(
            provider,
            new RecordKey(run.tenant(), NAMESPACE, launch.provider() + "/" + launch.model()));
  }

  // ------------------------------------------------------------------ what launches tell

  /** Take in what a decision has changed; written with the events of the run. */
  void take(RunKey run, Batch.Part part, List<LedgerLine> lines, Instant now) {
    for (LedgerLine line : lines) {
      for (RecordKey key : keys(run, line.launch())) {
        take(key, run, part, line, now);
      }
    }
  }

  /** A launch was not written, and is not under way. */
  void giveBack(RunKey run, List<LedgerLine> lines) {
    for (LedgerLine line : lines) {
      Launch one = new Launch(run, line.attempt());
      keys(run, line.launch()).forEach(key -> removeIf(key, one::equals));
    }
  }

  /** Take in once more what it has changed of these. */
  void takeAnew(
      Set<RecordKey> only, RunKey run, Batch.Part part, List<LedgerLine> lines, Instant now) {
    for (LedgerLine line : lines) {
      for (RecordKey key : keys(run, line.launch())) {
        if (only.contains(key)) {
          take(key, run, part, line, now);
        }
      }
    }
  }

  private void take(RecordKey key, RunKey run, Batch.Part part, LedgerLine line, Instant now) {
    Launch launch = new Launch(run, line.attempt());
    switch (line.kind()) {
      case RESERVED -> {
        turns.taken(key, run, Objects.requireNonNull(line.launch()));
        begins(key, launch, part, now);
      }
      case PRESUMED, GIVEN_BACK, SETTLED -> ends(key, launch, part, line, now);
      case CORRECTED, BROUGHT -> {
        // it was cut off long ago, or was none, and says nothing about now
      }
    }
  }

  private void begins(RecordKey key, Launch launch, Batch.Part part, Instant now) {
    underWay.computeIfAbsent(key, first -> new HashSet<>()).add(launch);
    change(key, part, seen(key).state().begun(limit(key), now));
  }

  /**
   * Forget until when providers of this tenant take nothing: a person says that they do. One that
   * does not says so once more, which costs no attempt.
   */
  void openAgain(Tenant tenant, Batch.Part part) {
    store.records(tenant, NAMESPACE).forEach(record -> seen(record.key()));
    for (RecordKey key : List.copyOf(known.keySet())) {
      if (key.tenant().equals(tenant)) {
        change(key, part, seen(key).state().openAgain());
      }
    }
  }

  private ProviderLimits limit(RecordKey key) {
    return limits.getOrDefault(key.key(), ProviderLimits.NONE);
  }

  private void ends(RecordKey key, Launch launch, Batch.Part part, LedgerLine line, Instant now) {
    removeIf(key, launch::equals);
    boolean isModel = key.key().contains("/");
    change(key, part, seen(key).state().ended(limit(key), isModel, line, now));
  }

  private void removeIf(RecordKey key, Predicate<Launch> ended) {
    Set<Launch> launches = underWay.get(key);
    if (launches != null && launches.removeIf(ended)) {
      waiters.madeRoom(key.toString());
      if (launches.isEmpty()) {
        underWay.remove(key);
      }
    }
  }

  private void change(RecordKey key, Batch.Part part, ProviderState state) {
    Seen before = seen(key);
    if (!state.equals(before.state())) {
      known.put(key, new Seen(state, before.version()));
      if (changed.add(key)) {
        part.writesTraffic(key);
      }
    }
  }

  private Seen seen(RecordKey key) {
    return known.computeIfAbsent(
        key, same -> store.record(key).map(Traffic::read).orElse(new Seen(ProviderState.NEW, 0)));
  }

  private static Seen read(VersionedRecord record) {
    return new Seen(ProviderState.read(record), record.version());
  }

  // ------------------------------------------------------------------ the commit

  /** {@return what is to be written of these} */
  List<RecordWrite> writes(Iterable<RecordKey> keys) {
    List<RecordWrite> writes = new ArrayList<>();
    for (RecordKey key : keys) {
      Seen seen = seen(key);
      writes.add(new RecordWrite(key, seen.version(), seen.state().write()));
    }
    return writes;
  }

  /** These are written. */
  void written(Iterable<RecordKey> keys) {
    for (RecordKey key : keys) {
      changed.remove(key);
      known.computeIfPresent(key, (same, seen) -> new Seen(seen.state(), seen.version() + 1));
    }
  }

  /** These were not written: what stands in the store counts, and the run is not ours any more. */
  void forget(RunKey run, Iterable<RecordKey> keys) {
    forget(keys);
    for (RecordKey key : List.copyOf(underWay.keySet())) {
      removeIf(key, launch -> launch.run().equals(run));
    }
  }

  /** These were not written: what stands in the store counts. */
  void forget(Iterable<RecordKey> keys) {
    for (RecordKey key : keys) {
      changed.remove(key);
      known.remove(key);
    }
  }
}
