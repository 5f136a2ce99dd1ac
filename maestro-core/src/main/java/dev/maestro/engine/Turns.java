package dev.maestro.engine;

import dev.maestro.run.RunEvent;
import dev.maestro.store.RecordKey;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who has been told when its turn comes where launches are limited to so many in a time: whoever
 * comes later waits longer, so that those who wait do not all come at once. Confined to the loop,
 * and not kept beyond this engine.
 */
final class Turns {

  private final Map<RecordKey, Map<Waiting, Instant>> promised = new HashMap<>();

  /** A task that waits for its turn. */
  private record Waiting(RunKey run, TaskId task) {

    static Waiting of(RunKey run, RunEvent.Intent launch) {
      return new Waiting(run, launch.task());
    }
  }

  /** {@return when the turns come that come before this launch's own} */
  List<Instant> before(RecordKey key, RunKey run, RunEvent.Intent launch) {
    Map<Waiting, Instant> all = promised.getOrDefault(key, Map.of());
    Instant own = all.getOrDefault(Waiting.of(run, launch), Instant.MAX);
    return all.values().stream().filter(other -> other.isBefore(own)).toList();
  }

  /**
   * The launch has been told that its turn comes then.
   *
   * @param period who has not come so long after its turn does not come any more
   */
  void promise(
      RecordKey key,
      RunKey run,
      RunEvent.Intent launch,
      Instant turn,
      Duration period,
      Instant now) {
    Map<Waiting, Instant> all = promised.computeIfAbsent(key, first -> new HashMap<>());
    all.values().removeIf(other -> other.plus(period).isBefore(now));
    all.put(Waiting.of(run, launch), turn);
  }

  /** The launch has begun. */
  void taken(RecordKey key, RunKey run, RunEvent.Intent launch) {
    Map<Waiting, Instant> all = promised.get(key);
    if (all != null && all.remove(Waiting.of(run, launch)) != null && all.isEmpty()) {
      promised.remove(key);
    }
  }
}
