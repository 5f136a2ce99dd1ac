package dev.maestro.pipeline;

import dev.maestro.failure.PermanentException;

/** A template of a step that cannot be filled in. */
public class RenderingException extends PermanentException {

  private static final long serialVersionUID = 1L;

  private final String step;

  RenderingException(String step, String message) {
    super(message);
    this.step = step;
  }

  /** {@return the step whose template it is} */
  public String step() {
    return step;
  }
}
