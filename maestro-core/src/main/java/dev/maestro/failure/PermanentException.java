package dev.maestro.failure;

import org.jspecify.annotations.Nullable;

/** A failure that stays until somebody changes something. */
public non-sealed class PermanentException extends MaestroException {

  private static final long serialVersionUID = 1L;

  /** Describe the failure: name the thing, the limit and the way out. */
  public PermanentException(String message) {
    this(message, null);
  }

  /** Describe the failure and keep what caused it. */
  public PermanentException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
