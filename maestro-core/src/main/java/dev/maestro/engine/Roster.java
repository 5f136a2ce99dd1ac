package dev.maestro.engine;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.Decision;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.RunState;
import dev.maestro.store.Lease;
import dev.maestro.store.RunIndex;
import dev.maestro.store.StoreException;
import dev.maestro.table.Table;
import dev.maestro.task.RunKey;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
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

  /** How long it takes to notice that another engine has gone on with a run, once it may. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  private final EngineConfig config;
  private final Folds folds;
  private final Map<RunKey, Live> live = new LinkedHashMap<>();
  private final Parked parked = new Parked(Parked.MOST_TASKS, Parked.MOST_RUNS);
  private final Ended ended = new Ended(Ended.MOST_TASKS);
  // of runs that are not in memory, too
  private final Table<RunKey, Hold> holds = new Table<>(hold -> hold.run);

  Roster(EngineConfig config, Folds folds) {
    this.config = config;
    this.folds = folds;
  }

  // ------------------------------------------------------------------ who is there

  /** {@return whether the run is in memory, live or parked} */
  boolean has(RunKey key) {
    return live.containsKey(key) || parked.has(key);
  }

  /** {@return how a run has ended that is no longer here, if that is remembered} */
  Optional<RunSnapshot> ended(RunKey key) {
    return ended.find(key);
  }

  boolean isLive(RunKey key) {
    return live.containsKey(key);
  }

  /** {@return the live runs as they are now} */
  List<Live> live() {
    return List.copyOf(live.values());
  }

  /**
   * Do something with each live run, whoever waits for one among them: nobody waits for a parked
   * one. Takes no memory.
   */
  void forEachLive(Consumer<Live> what) {
    live.values().forEach(what);
  }

  /** {@return the runs that are in memory, live or parked} */
  Set<RunKey> keys() {
    Set<RunKey> keys = new LinkedHashSet<>(live.keySet());
    parked.all().forEach(run -> keys.add(run.key()));
    return keys;
  }

  boolean isDriven(RunKey key) {
    Hold hold = holds.get(key);
    return hold != null && hold.driven;
  }

  /** Note that this engine drives the run from now on. */
  void drive(RunKey key) {
    hold(key).driven = true;
  }

  /** {@return what the engine has to do with the run, if anything} */
  @Nullable Hold findHold(RunKey key) {
    return holds.get(key);
  }

  /** {@return what the engine has to do with the run from now on} */
  Hold hold(RunKey key) {
    Hold hold = holds.get(key);
    if (hold == null) {
      hold = new Hold(key);
      holds.put(hold);
    }
    return hold;
  }

  // ------------------------------------------------------------------ coming and going

  /** Take in a run that did not exist, unless its start is refused. */
  void begin(Batch batch, RunKey key, Pipeline pipeline, RunInput input, Promise<Decision> answer) {
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

  /** {@return how a run stands, whoever drives it; nothing is taken into memory for that} */
  Optional<RunState> look(RunKey key) {
    Live run = live.containsKey(key) ? live.get(key) : parked.look(key);
    return run != null && !isPassed(run)
        ? Optional.of(run.state)
        : config.store().index(key).filter(RunIndex::open).map(index -> folds.fold(key));
  }

  /**
   * {@return when to look whether another engine has gone on with the run: once its lease is over}
   */
  Optional<Instant> looksAgain(Live run) {
    return run.leaseUntil().map(until -> later(until, config.time().instant()));
  }

  private static Instant later(Instant until, Instant now) {
    return until.isAfter(now) ? until : now.plus(LOOK_AGAIN);
  }

  /** {@return whether another engine has gone on with the run, when its lease here was over} */
  boolean isPassed(Live run) {
    return run.isLeaseOver(config.time().instant())
        && !config.store().read(run.key(), run.state.sequence() + 1, 1).isEmpty();
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
    Hold hold = holds.remove(run.key());
    if (hold != null) {
      giveBack(hold);
    }
    ended.put(RunSnapshot.of(run.state));
  }

  /** Strike off a run that another engine has taken over, and its lease with it. */
  void strikeOffLost(Live run) {
    live.remove(run.key(), run);
    holds.remove(run.key());
  }

  // ------------------------------------------------------------------ loading

  private @Nullable Live load(RunKey key) {
    Optional<RunIndex> index = config.store().index(key);
    if (index.isEmpty()) {
      return null;
    }
    Lease lease = index.get().open() ? lease(key) : null;
    try {
      Live run = new Live(folds.fold(key), lease);
      boolean ours = run.state.status().isTerminal() || isDriven(key);
      run.held = !config.drives() || !ours && run.hasOpenWork();
      return run;
    } catch (RuntimeException e) {
      giveBack(key);
      throw Folds.unreadable(key, e);
    }
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
    hold(key).lease = lease;
    return lease;
  }

  /** Give the lease of a run back; whether it is driven here stays as it is. */
  private void giveBack(RunKey key) {
    Hold hold = holds.get(key);
    if (hold != null) {
      if (!hold.driven && !hold.isDueSomeTime()) {
        holds.remove(key);
      }
      giveBack(hold);
    }
  }

  private void giveBack(Hold hold) {
    Lease lease = hold.lease;
    hold.lease = null;
    if (lease != null) {
      config.store().release(lease);
    }
  }

  /** Give back every lease; for the end of the engine. */
  void giveBackAll() {
    try {
      holds.forEach(this::giveBack);
    } catch (RuntimeException | OutOfMemoryError e) {
      log().debug("Leases end by themselves when the store cannot take them back", e);
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Engine.class);
  }
}
