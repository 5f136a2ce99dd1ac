package dev.maestro.attempt;

import dev.maestro.failure.PermanentException;

/** The run has moved on without this attempt: it must stop, and nobody waits for its outcome. */
public final class SupersededException extends PermanentException {

  private static final long serialVersionUID = 1L;

  /** Say what the run answered. */
  public SupersededException(String message) {
    super(message);
  }
}
