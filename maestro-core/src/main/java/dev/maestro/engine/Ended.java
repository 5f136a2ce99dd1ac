package dev.maestro.engine;

import dev.maestro.run.RunSnapshot;
import dev.maestro.task.RunKey;
import java.lang.ref.SoftReference;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How the runs that ended here last have ended, so that nobody has one folded from the store who
 * only asks late; kept as long as there is memory to spare. Confined to the loop.
 */
final class Ended {

  /** So many tasks are kept, of all runs together. */
  static final int MOST_TASKS = 100_000;

  private record Kept(SoftReference<RunSnapshot> run, int tasks) {}

  // the first that ended comes first
  private final Map<RunKey, Kept> runs = new LinkedHashMap<>();
  private final int most;
  private int tasks;

  /** Make one that keeps so many tasks. */
  Ended(int most) {
    this.most = most;
  }

  void put(RunSnapshot run) {
    int more = run.tasks().size();
    Kept before = runs.put(run.key(), new Kept(new SoftReference<>(run), more));
    tasks += more - (before == null ? 0 : before.tasks());
    for (Iterator<Kept> all = runs.values().iterator(); tasks > most; all.remove()) {
      tasks -= all.next().tasks();
    }
  }

  Optional<RunSnapshot> find(RunKey key) {
    return Optional.ofNullable(runs.get(key)).map(kept -> kept.run().get());
  }
}
