package dev.maestro.run;

import dev.maestro.task.Actor;
import java.util.Objects;

/**
 * What somebody wants to be different about work that is done already.
 *
 * @param text what
 * @param actor who
 * @param elsewhere whether that work is another run's, which this one is a fork of, and not here
 */
public record Feedback(String text, Actor actor, boolean elsewhere) {

  /** Ask for something different about work that is here. */
  public Feedback(String text, Actor actor) {
    this(text, actor, false);
  }

  /** Check that nothing is missing. */
  public Feedback {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(actor, "actor");
  }
}
