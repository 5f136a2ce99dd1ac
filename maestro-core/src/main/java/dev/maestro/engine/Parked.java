package dev.maestro.engine;

import dev.maestro.task.RunKey;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs that wait for long, as far as they are worth their room: a cache. What falls out of it is
 * folded from the store again; those go first that were parked first. Confined to the loop.
 */
final class Parked {

  /** So many tasks are kept, of all runs together. */
  static final long MOST_TASKS = 5_000;

  /** So many runs are kept: one takes as much as five tasks, however few it has. */
  static final long MOST_RUNS = 1_000;

  private record Kept(Live run, long weight) {}

  private final long most;
  private final long leastWeight;
  // the first that was parked comes first; whoever is looked for to go on is taken out
  private final Map<RunKey, Kept> runs = new LinkedHashMap<>();
  private long weight;

  /** Make one that keeps so many tasks, and so many runs. */
  Parked(long mostTasks, long mostRuns) {
    this.most = mostTasks;
    this.leastWeight = Math.max(1, mostTasks / mostRuns);
  }

  void put(Live run) {
    take(run.key());
    // a run may grow, but not while it is parked
    long its = Math.max(leastWeight, run.state.tasks().size());
    if (its > most) {
      return;
    }
    runs.put(run.key(), new Kept(run, its));
    weight += its;
    for (Iterator<Kept> all = runs.values().iterator(); weight > most; all.remove()) {
      weight -= all.next().weight();
    }
  }

  /** Take a run out, if it is there. */
  @Nullable Live take(RunKey key) {
    Kept kept = runs.remove(key);
    if (kept == null) {
      return null;
    }
    weight -= kept.weight();
    return kept.run();
  }

  /** {@return a run that stays where it is, if it is there} */
  @Nullable Live look(RunKey key) {
    Kept kept = runs.get(key);
    return kept == null ? null : kept.run();
  }

  boolean has(RunKey key) {
    return runs.containsKey(key);
  }

  List<Live> all() {
    return runs.values().stream().map(Kept::run).toList();
  }
}
