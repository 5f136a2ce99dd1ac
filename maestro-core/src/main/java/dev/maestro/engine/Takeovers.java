package dev.maestro.engine;

import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.Reaped;
import dev.maestro.process.Reaper;
import dev.maestro.store.StoreException;
import dev.maestro.task.RunKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * How runs are taken over that engines before this one left open: held by the loop, what they left
 * running ended by whoever asked, and gone on with by the loop.
 */
final class Takeovers {

  /** How often a run is read again because somebody else has just written to it. */
  private static final int MOST = 10;

  private final Desk desk;
  private final Roster roster;
  private final Recovery recovery;
  private final Sessions sessions;

  Takeovers(Desk desk, Roster roster, Recovery recovery, Sessions sessions) {
    this.desk = desk;
    this.roster = roster;
    this.recovery = recovery;
    this.sessions = sessions;
  }

  /** Take over those that this engine does not drive; see {@link Engine#recover}. */
  List<Engine.Recovered> recover(
      Collection<RunKey> keys, BiConsumer<RunKey, StoreException> refused) {
    List<Engine.Recovered> recovered = new ArrayList<>();
    Collection<RunKey> left = keys;
    for (int tries = 1; !left.isEmpty(); tries++) {
      List<RunKey> lost = new ArrayList<>();
      recovered.addAll(recover(left, refused, lost));
      if (tries == MOST) {
        lost.forEach(key -> refused.accept(key, Live.takenOver(key)));
        lost = List.of();
      }
      left = lost;
    }
    return recovered;
  }

  private List<Engine.Recovered> recover(
      Collection<RunKey> keys, BiConsumer<RunKey, StoreException> refused, List<RunKey> lost) {
    Map<RunKey, List<ProcessIdentity>> leftovers =
        desk.call((batch, answer) -> answer.complete(hold(batch, keys, refused)));
    if (leftovers.isEmpty()) {
      return List.of();
    }
    Map<RunKey, List<Reaped>> reaped = reap(leftovers);
    Map<RunKey, Integer> interrupted =
        desk.call(
            (batch, answer) -> {
              Map<RunKey, Integer> open = goOn(batch, leftovers.keySet(), refused);
              batch.afterCommit(null, () -> answer.complete(withoutLost(open, lost)));
            });
    List<Engine.Recovered> recovered = new ArrayList<>();
    interrupted.forEach(
        (key, open) ->
            recovered.add(new Engine.Recovered(key, reaped.getOrDefault(key, List.of()), open)));
    return recovered;
  }

  /** {@return what may have been left running, by the runs that are held now} */
  private Map<RunKey, List<ProcessIdentity>> hold(
      Batch batch, Collection<RunKey> keys, BiConsumer<RunKey, StoreException> refused) {
    Map<RunKey, List<ProcessIdentity>> held = new LinkedHashMap<>();
    for (RunKey key : keys) {
      try {
        recovery.hold(batch, key).ifPresent(leftovers -> held.put(key, leftovers));
      } catch (StoreException e) {
        refused.accept(key, e);
      }
    }
    return held;
  }

  private Map<RunKey, List<Reaped>> reap(Map<RunKey, List<ProcessIdentity>> leftovers) {
    Map<RunKey, List<Reaped>> reaped = new HashMap<>();
    reaped.put(leftovers.keySet().iterator().next(), new ArrayList<>(sessions.reap()));
    leftovers.forEach(
        (key, processes) -> {
          if (!processes.isEmpty()) {
            reaped
                .computeIfAbsent(key, first -> new ArrayList<>())
                .addAll(sessions.unreported(new Reaper().reap(processes)));
          }
        });
    return reaped;
  }

  private Map<RunKey, Integer> goOn(
      Batch batch, Collection<RunKey> keys, BiConsumer<RunKey, StoreException> refused) {
    Map<RunKey, Integer> open = new LinkedHashMap<>();
    for (RunKey key : keys) {
      try {
        open.put(key, recovery.goOn(batch, key));
      } catch (StoreException e) {
        refused.accept(key, e);
      }
    }
    return open;
  }

  private Map<RunKey, Integer> withoutLost(Map<RunKey, Integer> open, List<RunKey> lost) {
    Map<RunKey, Integer> kept = new LinkedHashMap<>(open);
    open.keySet().stream().filter(key -> !roster.isDriven(key)).forEach(lost::add);
    kept.keySet().removeAll(lost);
    return kept;
  }

  /** Hold a run, with nothing left running of it that a dead engine began. */
  void hold(RunKey key) {
    Map<RunKey, List<ProcessIdentity>> leftovers =
        desk.call((batch, answer) -> answer.complete(hold(batch, List.of(key), Takeovers::fail)));
    if (!leftovers.isEmpty()) {
      reap(leftovers);
    }
  }

  /** Have it fail for the one run that it is about. */
  static void fail(RunKey run, StoreException cause) {
    throw cause;
  }

  /** End what a dead engine left running of a run that nobody has taken over. */
  void endLeftovers(RunKey key) {
    List<ProcessIdentity> leftovers =
        desk.call((batch, answer) -> answer.complete(recovery.leftovers(batch, key)));
    sessions.reap();
    new Reaper().reap(leftovers);
  }
}
