package dev.maestro.engine;

import dev.maestro.attempt.Attempts;
import dev.maestro.process.Session;
import dev.maestro.process.Time;
import dev.maestro.store.Store;
import dev.maestro.workspace.Workspaces;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * What an engine works with; whoever made these closes them after it.
 *
 * @param store where runs are kept
 * @param attempts carries out what is decided
 * @param workspaces where tasks work
 * @param time for everything that needs one
 * @param slots how many tasks may be at work at once
 * @param owner names this engine in leases
 * @param session what the markers of all processes that it starts begin with
 * @param random draws from 0 (inclusive) to 1 (exclusive), for jitter
 * @param patience how long closing waits for what was told to stop
 * @param drives whether anything is started; otherwise runs are only looked at, answered and
 *     stopped
 * @param limits what is limited above runs
 */
public record EngineConfig(
    Store store,
    Attempts attempts,
    Workspaces workspaces,
    Time time,
    int slots,
    String owner,
    Session session,
    DoubleSupplier random,
    Duration patience,
    boolean drives,
    SharedLimits limits) {

  /** Check the number of slots. */
  public EngineConfig {
    if (slots < 1) {
      throw new IllegalArgumentException("an engine needs at least one slot, not " + slots);
    }
  }
}
