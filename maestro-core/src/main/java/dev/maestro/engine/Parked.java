package dev.maestro.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.maestro.task.RunKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs that wait for long, as far as they are worth their room: a cache. What falls out of it is
 * folded from the store again. Confined to the loop.
 */
final class Parked {

  /** So many tasks are kept, of all runs together. */
  static final long MOST_TASKS = 5_000;

  /** So many runs are kept: one takes as much as five tasks, however few it has. */
  static final long MOST_RUNS = 1_000;

  private final long mostTasks;
  private final long leastWeight;
  // made when a run is parked first, because many engines never see one
  private @Nullable Cache<RunKey, Live> runs;

  /** Make one that keeps so many tasks, and so many runs. */
  Parked(long mostTasks, long mostRuns) {
    this.mostTasks = mostTasks;
    this.leastWeight = Math.max(1, mostTasks / mostRuns);
  }

  void put(Live run) {
    if (runs == null) {
      runs =
          Caffeine.newBuilder()
              .maximumWeight(mostTasks)
              .weigher((RunKey key, Live one) -> weight(one))
              .executor(Runnable::run)
              .build();
    }
    runs.put(run.key(), run);
  }

  private int weight(Live run) {
    return Math.toIntExact(Math.max(leastWeight, run.state.tasks().size()));
  }

  /** Take a run out, if it is there. */
  @Nullable Live take(RunKey key) {
    return runs == null ? null : runs.asMap().remove(key);
  }

  /** {@return a run that stays where it is, if it is there} */
  @Nullable Live look(RunKey key) {
    return runs == null ? null : runs.asMap().get(key);
  }

  boolean has(RunKey key) {
    return runs != null && runs.asMap().containsKey(key);
  }

  List<Live> all() {
    return runs == null ? List.of() : List.copyOf(runs.asMap().values());
  }
}
