package dev.maestro.engine;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.Decision;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunState;
import dev.maestro.store.BlobId;
import dev.maestro.store.Lease;
import dev.maestro.store.RunIndex;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoredEvent;
import dev.maestro.task.RunKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs that the engine knows, each with its lease. Confined to the loop.
 *
 * <p>A run that something may happen to is live. One that waits for long is parked, which is a
 * cache: what falls out of it is folded from the store again.
 */
final class Roster {

  private static final Duration LEASE = Duration.ofDays(1);

  /** So many pipelines are kept as they were read; all others are read again. */
  private static final int MOST_PIPELINES = 100;

  private final Logger log = LoggerFactory.getLogger(Engine.class);
  private final EngineConfig config;
  private final RunEventCodec codec;
  private final Map<RunKey, Live> live = new LinkedHashMap<>();
  private final Parked parked = new Parked();
  // those that were used last
  private final Map<BlobId, Pipeline> pipelines = new LinkedHashMap<>(16, 0.75f, true);
  // what this engine drives: begun here, or recovered here; what a dead engine left open is not
  private final Set<RunKey> driven = new HashSet<>();
  private final Map<RunKey, Lease> leases = new HashMap<>();

  Roster(EngineConfig config, RunEventCodec codec) {
    this.config = config;
    this.codec = codec;
  }

  // ------------------------------------------------------------------ who is there

  boolean isLive(RunKey key) {
    return live.containsKey(key);
  }

  /** {@return the live runs as they are now} */
  List<Live> live() {
    return List.copyOf(live.values());
  }

  List<Live> parked() {
    return parked.all();
  }

  /** {@return the runs that are in memory, live or parked} */
  Set<RunKey> keys() {
    Set<RunKey> keys = new LinkedHashSet<>(live.keySet());
    parked.all().forEach(run -> keys.add(run.key()));
    return keys;
  }

  boolean isDriven(RunKey key) {
    return driven.contains(key);
  }

  /** Note that this engine drives the run from now on. */
  void drive(RunKey key) {
    driven.add(key);
  }

  // ------------------------------------------------------------------ coming and going

  /** Take in a run that did not exist, unless its start is refused. */
  void begin(
      Batch batch,
      RunKey key,
      Pipeline pipeline,
      RunInput input,
      CompletableFuture<Decision> answer) {
    Live run = new Live(RunState.before(pipeline), lease(key));
    boolean begun = false;
    try {
      Decision decision = batch.decide(run, input);
      begun = decision instanceof Decision.Accepted;
      batch.reply(run, answer, decision);
    } finally {
      if (begun) {
        live.put(key, run);
        drive(key);
      } else {
        giveBack(key);
      }
    }
  }

  /** {@return the run, from memory or folded from the store; null when there is none} */
  @Nullable Live find(Batch batch, RunKey key) {
    Live run = live.get(key);
    if (run == null) {
      run = parked.take(key);
      if (run == null) {
        run = load(key);
      }
      if (run != null) {
        live.put(key, run);
      }
    }
    if (run != null) {
      // whoever is looked at is tidied away again
      batch.touch(run);
    }
    return run;
  }

  /** Park a run that is live; {@return whether it was} */
  boolean park(Live run) {
    boolean wasLive = live.remove(run.key()) != null;
    if (wasLive) {
      parked.put(run);
    }
    return wasLive;
  }

  /** Strike off a run that has ended. */
  void strikeOff(Live run) {
    live.remove(run.key(), run);
    driven.remove(run.key());
    giveBack(run.key());
  }

  /** Strike off a run that another engine has taken over, and its lease with it. */
  void strikeOffLost(Live run) {
    live.remove(run.key(), run);
    driven.remove(run.key());
    leases.remove(run.key());
  }

  // ------------------------------------------------------------------ loading

  private @Nullable Live load(RunKey key) {
    Optional<RunIndex> index = config.store().index(key);
    if (index.isEmpty()) {
      return null;
    }
    Lease lease = index.get().open() ? lease(key) : null;
    try {
      Live run = new Live(fold(key), lease);
      boolean ours = run.state.status().isTerminal() || isDriven(key);
      run.held = !ours && run.hasOpenWork();
      return run;
    } catch (RuntimeException e) {
      giveBack(key);
      throw e instanceof StoreException known
          ? known
          : new StoreException("run " + key + " cannot be read: " + e.getMessage(), e);
    }
  }

  private RunState fold(RunKey key) {
    List<StoredEvent> events = config.store().read(key, 1);
    if (events.isEmpty()) {
      throw new StoreException("run " + key + " has no events");
    }
    RunEvent.RunStarted first = (RunEvent.RunStarted) codec.decode(events.get(0).envelope());
    RunState state = RunState.before(pipeline(first.definition()));
    events.forEach(stored -> apply(state, codec.decode(stored.envelope())));
    return state;
  }

  private void apply(RunState state, RunEvent event) {
    if (event instanceof RunEvent.Redefined redefined) {
      state.learn(pipeline(redefined.definition().pipeline()));
    }
    state.apply(event);
  }

  private Pipeline pipeline(BlobId definition) {
    Pipeline pipeline = pipelines.computeIfAbsent(definition, this::restore);
    if (pipelines.size() > MOST_PIPELINES) {
      pipelines.remove(pipelines.keySet().iterator().next());
    }
    return pipeline;
  }

  private Pipeline restore(BlobId definition) {
    return Pipeline.restore(
        config
            .store()
            .blob(definition)
            .orElseThrow(
                () -> new StoreException("the pipeline definition " + definition + " is missing")));
  }

  // ------------------------------------------------------------------ leases

  private Lease lease(RunKey key) {
    Lease lease =
        config
            .store()
            .acquire("run/" + key, config.owner(), LEASE)
            .orElseThrow(
                () ->
                    new StoreException(
                        "run " + key + " is driven by another engine; close that one first"));
    leases.put(key, lease);
    return lease;
  }

  private void giveBack(RunKey key) {
    Lease lease = leases.remove(key);
    if (lease != null) {
      config.store().release(lease);
    }
  }

  /** Give back every lease; for the end of the engine. */
  void giveBackAll() {
    try {
      Set.copyOf(leases.keySet()).forEach(this::giveBack);
    } catch (RuntimeException e) {
      log.debug("Leases end by themselves when the store cannot take them back", e);
    }
  }
}
