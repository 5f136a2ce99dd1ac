package dev.maestro.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.failure.ErrorClass;
import dev.maestro.json.Json;
import dev.maestro.policy.Breaker;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.ProviderLimits;
import dev.maestro.policy.RateLimit;
import dev.maestro.policy.Resume;
import dev.maestro.policy.Verdict;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.Trouble;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.time.DateTimeException;
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
  private final Map<RecordKey, Map<Waiting, Instant>> promised = new HashMap<>();

  /** A task that waits because there were too many launches. */
  private record Waiting(RunKey run, TaskId task) {}

  /** A launch that has begun here and not ended. */
  private record Launch(RunKey run, String attempt) {}

  /** What is known of one provider or model. */
  private record Seen(State state, long version) {}

  /**
   * What is kept of it.
   *
   * @param closedUntil until when its quota is used up, or it wants no more requests; or null
   * @param why the code of that, or null
   * @param opened whether somebody has been launched since: then it is open, but for those who have
   *     waited for it and whose step says for itself when it goes on
   * @param begun when the latest launches began, as far as they still count
   * @param calls what its breaker has seen
   */
  private record State(
      @Nullable Instant closedUntil,
      @Nullable Reason why,
      boolean opened,
      List<Instant> begun,
      Breaker.Seen calls) {

    static final State NEW = new State(null, null, false, List.of(), Breaker.Seen.NOTHING);
  }

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

  /**
   * {@return why this launch has to wait; empty when it may go on}
   *
   * @param own what its step says of quotas
   */
  Optional<RunInput.Held> held(
      RunKey run, RunEvent.Intent launch, Own own, Predicate<String> approved, Instant now) {
    for (String name : names(launch)) {
      RecordKey key = new RecordKey(run.tenant(), NAMESPACE, name);
      Waiting one = new Waiting(run, launch.task());
      Optional<RunInput.Held> held =
          closed(key, name, own, approved, now).or(() -> held(key, name, one, now));
      if (held.isPresent()) {
        return held;
      }
    }
    return Optional.empty();
  }

  private Optional<RunInput.Held> closed(
      RecordKey key, String name, Own own, Predicate<String> approved, Instant now) {
    State state = seen(key).state();
    Instant back = state.closedUntil();
    Reason why = state.why();
    if (back == null || why == null || state.opened() && !own.hasWaitedFor(back)) {
      return Optional.empty();
    }
    Resume resume = own.resume().orElse(limits.getOrDefault(name, ProviderLimits.NONE).resume());
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

  private Optional<RunInput.Held> held(RecordKey key, String name, Waiting one, Instant now) {
    ProviderLimits limit = limits.getOrDefault(name, ProviderLimits.NONE);
    State state = seen(key).state();
    Optional<Instant> broken = limit.circuit().flatMap(b -> b.holdsUntil(state.calls(), now));
    if (broken.isPresent()) {
      Numbers numbers =
          Numbers.of("calls", state.calls().calls().length())
              .with("failed", state.calls().failed());
      return wait(name, "breaker", Reason.CIRCUIT_OPEN, broken.get(), numbers);
    }
    Optional<Instant> fast =
        limit.rateLimit().flatMap(r -> r.holdsUntil(state.begun(), before(key, one), now));
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

  /** {@return until when those wait for their turn that come before this one} */
  private List<Instant> before(RecordKey key, Waiting one) {
    Map<Waiting, Instant> all = promised.getOrDefault(key, Map.of());
    Instant own = all.getOrDefault(one, Instant.MAX);
    return all.values().stream().filter(other -> other.isBefore(own)).toList();
  }

  /**
   * The launch waits for its turn: whoever comes later waits longer. Not kept beyond this engine.
   */
  void promise(RunKey run, RunInput.Intend launch, RunInput.Held held) {
    if (!(held.verdict() instanceof Verdict.Wait wait)
        || !wait.reason().equals(Reason.RATE_LIMITED)) {
      return;
    }
    for (String name : names(launch.intent())) {
      RateLimit limit = limits.getOrDefault(name, ProviderLimits.NONE).rateLimit().orElse(null);
      if (limit != null) {
        RecordKey key = new RecordKey(run.tenant(), NAMESPACE, name);
        Map<Waiting, Instant> all = promised.computeIfAbsent(key, first -> new HashMap<>());
        // who has not come by then does not come any more
        all.values().removeIf(other -> other.plus(limit.period()).isBefore(launch.at()));
        all.put(new Waiting(run, launch.intent().task()), wait.until());
      }
    }
  }

  /** Have the run told when a launch has ended beside which this one was too many. */
  void waits(RunKey run, RunEvent.Intent launch) {
    for (String name : names(launch)) {
      if (limits.getOrDefault(name, ProviderLimits.NONE).atOnce() != null) {
        waiters.add(run, new RecordKey(run.tenant(), NAMESPACE, name).toString());
      }
    }
  }

  private void keepPromise(RecordKey key, RunKey run, TaskId task) {
    Map<Waiting, Instant> all = promised.get(key);
    if (all != null && all.remove(new Waiting(run, task)) != null && all.isEmpty()) {
      promised.remove(key);
    }
  }

  private static Optional<RunInput.Held> wait(
      String name, String rule, Reason reason, Instant until, Numbers numbers) {
    Verdict verdict = new Verdict.Wait(reason, until);
    Judgment judgment = Judgment.of(rule, Place.LIMITS, verdict, numbers);
    return Optional.of(
        new RunInput.Held(verdict, List.of(judgment.detail(name + " until " + until))));
  }

  /** A provider comes before its model. */
  private static List<String> names(RunEvent.Intent launch) {
    return launch.model() == null
        ? List.of(launch.provider())
        : List.of(launch.provider(), launch.provider() + "/" + launch.model());
  }

  // ------------------------------------------------------------------ what launches tell

  /** Take in what a decision has changed; written with the events of the run. */
  void take(RunKey run, Batch.Part part, List<LedgerLine> lines, Instant now) {
    for (LedgerLine line : lines) {
      RunEvent.Intent launch = line.launch();
      for (String name : launch == null ? List.<String>of() : names(launch)) {
        take(new RecordKey(run.tenant(), NAMESPACE, name), run, part, line, now);
      }
    }
  }

  /** A launch was not written, and is not under way. */
  void giveBack(RunKey run, List<LedgerLine> lines) {
    for (LedgerLine line : lines) {
      RunEvent.Intent launch = line.launch();
      for (String name : launch == null ? List.<String>of() : names(launch)) {
        Launch one = new Launch(run, line.attempt());
        removeIf(new RecordKey(run.tenant(), NAMESPACE, name), one::equals);
      }
    }
  }

  /** Take in once more what it has changed of these. */
  void takeAnew(
      Set<RecordKey> only, RunKey run, Batch.Part part, List<LedgerLine> lines, Instant now) {
    for (LedgerLine line : lines) {
      RunEvent.Intent launch = line.launch();
      for (String name : launch == null ? List.<String>of() : names(launch)) {
        RecordKey key = new RecordKey(run.tenant(), NAMESPACE, name);
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
        keepPromise(key, run, Objects.requireNonNull(line.launch()).task());
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
    ProviderLimits limit = limit(key);
    State state = seen(key).state();
    List<Instant> begun =
        limit.rateLimit().map(rate -> rate.begun(state.begun(), now)).orElse(state.begun());
    Breaker.Seen calls =
        limit.circuit().map(b -> b.begun(state.calls(), now)).orElse(state.calls());
    // whoever is launched now was let through: it is open again
    boolean opened = state.closedUntil() != null;
    change(key, part, new State(state.closedUntil(), state.why(), opened, begun, calls));
  }

  /**
   * Forget until when providers of this tenant take nothing: a person says that they do. One that
   * does not says so once more, which costs no attempt.
   */
  void openAgain(Tenant tenant, Batch.Part part) {
    store.records(tenant, NAMESPACE).forEach(record -> seen(record.key()));
    for (RecordKey key : List.copyOf(known.keySet())) {
      State state = seen(key).state();
      if (key.tenant().equals(tenant) && state.closedUntil() != null) {
        change(key, part, new State(null, null, false, state.begun(), state.calls()));
      }
    }
  }

  private ProviderLimits limit(RecordKey key) {
    return limits.getOrDefault(key.key(), ProviderLimits.NONE);
  }

  private void ends(RecordKey key, Launch launch, Batch.Part part, LedgerLine line, Instant now) {
    ProviderLimits limit = limit(key);
    removeIf(key, launch::equals);
    State state = seen(key).state();
    Trouble trouble = line.trouble();
    ErrorClass error = trouble == null ? null : trouble.errorClass();
    boolean cutOff = line.kind() != LedgerLine.Kind.SETTLED;
    Breaker.Seen calls =
        limit
            .circuit()
            .map(b -> b.ended(state.calls(), now, cutOff ? ErrorClass.CANCELLED : error))
            .orElse(state.calls());
    State next = new State(state.closedUntil(), state.why(), state.opened(), state.begun(), calls);
    change(key, part, closed(next, key.key(), limit, trouble, now));
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

  /** What a provider says holds for all of its models. */
  private static State closed(
      State state, String name, ProviderLimits limit, @Nullable Trouble trouble, Instant now) {
    if (trouble == null || trouble.until() == null || !trouble.until().isAfter(now)) {
      return state;
    }
    boolean quota = trouble.reason().equals(Reason.QUOTA_EXHAUSTED) && !name.contains("/");
    boolean tooFast = trouble.reason().equals(Reason.RATE_LIMITED) && limit.rate() != null;
    boolean longer = state.closedUntil() == null || state.closedUntil().isBefore(trouble.until());
    return (quota || tooFast) && longer
        ? new State(trouble.until(), trouble.reason(), false, state.begun(), state.calls())
        : state;
  }

  private void change(RecordKey key, Batch.Part part, State state) {
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
        key,
        same ->
            store
                .record(key)
                .map(record -> new Seen(read(record), record.version()))
                .orElse(new Seen(State.NEW, 0)));
  }

  // ------------------------------------------------------------------ the commit

  /** {@return what is to be written of these} */
  List<RecordWrite> writes(Iterable<RecordKey> keys) {
    List<RecordWrite> writes = new ArrayList<>();
    for (RecordKey key : keys) {
      Seen seen = seen(key);
      writes.add(new RecordWrite(key, seen.version(), write(seen.state())));
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

  // ------------------------------------------------------------------ JSON

  private static byte[] write(State state) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (state.closedUntil() != null && state.why() != null) {
      json.put("closedUntil", state.closedUntil().toString()).put("why", state.why().code());
      if (state.opened()) {
        json.put("opened", true);
      }
    }
    if (!state.begun().isEmpty()) {
      ArrayNode begun = json.putArray("begun");
      state.begun().forEach(at -> begun.add(at.toString()));
    }
    if (!state.calls().calls().isEmpty()) {
      json.put("calls", state.calls().calls());
    }
    if (state.calls().openUntil() != null) {
      json.put("openUntil", state.calls().openUntil().toString());
    }
    return Json.bytes(json);
  }

  /** Trials that were under way when an engine ended are none any more. */
  private static State read(VersionedRecord record) {
    JsonNode json = LedgerJson.read(record);
    try {
      List<Instant> begun = new ArrayList<>();
      json.path("begun").forEach(at -> begun.add(Instant.parse(at.asText())));
      Breaker.Seen calls =
          new Breaker.Seen(json.path("calls").asText(""), instant(json, "openUntil"), 0);
      String why = json.path("why").asText("");
      return new State(
          instant(json, "closedUntil"),
          why.isEmpty() ? null : Reason.of(why),
          json.path("opened").asBoolean(false),
          begun,
          calls);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw LedgerJson.unreadable(record, e);
    }
  }

  private static @Nullable Instant instant(JsonNode json, String name) {
    return json.hasNonNull(name) ? Instant.parse(json.get(name).asText()) : null;
  }
}
