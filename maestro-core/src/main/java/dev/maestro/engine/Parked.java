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

  private final long most;
  // made when a run is parked first, because many engines never see one
  private @Nullable Cache<RunKey, Live> runs;

  /** Make one that keeps so many tasks. */
  Parked(long most) {
    this.most = most;
  }

  void put(Live run) {
    if (runs == null) {
      runs =
          Caffeine.newBuilder()
              .maximumWeight(most)
              .weigher((RunKey key, Live one) -> Math.max(1, one.state.tasks().size()))
              .executor(Runnable::run)
              .build();
    }
    runs.put(run.key(), run);
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
