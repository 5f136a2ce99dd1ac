package dev.maestro.policy;

import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import java.time.Instant;
import java.util.Objects;

/**
 * What somebody has added to a budget that runs share.
 *
 * @param at when
 * @param actor who
 * @param more what was added to its limits
 */
public record SharedGrant(Instant at, Actor actor, Cap more) {

  /** Check that nothing is missing. */
  public SharedGrant {
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(actor, "actor");
    Objects.requireNonNull(more, "more");
  }
}
