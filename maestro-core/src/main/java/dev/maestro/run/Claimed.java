package dev.maestro.run;

import dev.maestro.task.Actor;
import java.time.Instant;
import java.util.Objects;

/**
 * That a task is somebody's for a while: nobody else begins it.
 *
 * @param number counts the claims of the task; what an earlier one brings is refused
 * @param actor whose
 * @param until when it goes back, unless it is renewed or over by then
 */
public record Claimed(int number, Actor actor, Instant until) {

  /** Check that nothing is missing. */
  public Claimed {
    Objects.requireNonNull(actor, "actor");
    Objects.requireNonNull(until, "until");
  }

  /** {@return whether it has gone back} */
  public boolean isLapsed(Instant now) {
    return !now.isBefore(until);
  }
}
