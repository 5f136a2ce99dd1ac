package dev.maestro.run;

import dev.maestro.task.Actor;
import java.util.Objects;

/**
 * What somebody wants to be different about work that is done already.
 *
 * @param text what
 * @param actor who
 */
public record Feedback(String text, Actor actor) {

  /** Check that nothing is missing. */
  public Feedback {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(actor, "actor");
  }
}
