package dev.maestro.engine;

import dev.maestro.run.RunSnapshot;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What somebody who waits for a run is told: how it has settled, or why it will not settle here.
 *
 * <p>Both are values, so that there is nothing to be made when they are told.
 */
public final class Settled {

  private final @Nullable RunSnapshot run;
  private final @Nullable RuntimeException reason;

  private Settled(@Nullable RunSnapshot run, @Nullable RuntimeException reason) {
    this.run = run;
    this.reason = reason;
  }

  static Settled as(RunSnapshot run) {
    return new Settled(run, null);
  }

  static Settled never(RuntimeException reason) {
    return new Settled(null, reason);
  }

  /** {@return why it will not settle here} */
  RuntimeException reason() {
    return Objects.requireNonNull(reason);
  }

  /**
   * {@return how the run has settled}
   *
   * @throws RuntimeException the reason, when it will not settle here
   */
  public RunSnapshot run() {
    if (reason != null) {
      throw reason;
    }
    return Objects.requireNonNull(run);
  }
}
