package dev.maestro.failure;

/**
 * Something was used or waited for after it was closed; what is durable goes on when opened again.
 */
public final class ClosedException extends PermanentException {

  private static final long serialVersionUID = 1L;

  /** Say what is closed and what to do. */
  public ClosedException(String message) {
    super(message);
  }
}
