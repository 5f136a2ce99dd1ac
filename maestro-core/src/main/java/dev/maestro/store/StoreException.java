package dev.maestro.store;

import dev.maestro.failure.PermanentException;
import org.jspecify.annotations.Nullable;

/** A store that cannot be opened, read or written; names the place and the way out. */
public final class StoreException extends PermanentException {

  private static final long serialVersionUID = 1L;

  /** Describe what is wrong and what would help. */
  public StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Describe what is wrong and what would help. */
  public StoreException(String message) {
    super(message, null);
  }
}
