package dev.maestro.failure;

import org.jspecify.annotations.Nullable;

/** The root of everything Maestro throws; split by whether trying again can help. */
public abstract sealed class MaestroException extends RuntimeException
    permits TransientException, PermanentException {

  private static final long serialVersionUID = 1L;

  MaestroException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
