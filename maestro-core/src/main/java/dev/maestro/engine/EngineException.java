package dev.maestro.engine;

import dev.maestro.failure.PermanentException;
import org.jspecify.annotations.Nullable;

/** An engine that is closed, or has lost its store; its runs go on when they are opened again. */
final class EngineException extends PermanentException {

  private static final long serialVersionUID = 1L;

  EngineException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
