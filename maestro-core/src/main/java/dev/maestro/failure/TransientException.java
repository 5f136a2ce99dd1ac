package dev.maestro.failure;

import org.jspecify.annotations.Nullable;

/** A failure that may be gone when the same call is made again. */
public non-sealed class TransientException extends MaestroException {

  private static final long serialVersionUID = 1L;

  /** Describe the failure: name the thing, the limit and the way out. */
  public TransientException(String message) {
    this(message, null);
  }

  /** Describe the failure and keep what caused it. */
  public TransientException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
