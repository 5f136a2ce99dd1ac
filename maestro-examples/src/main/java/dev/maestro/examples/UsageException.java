package dev.maestro.examples;

import dev.maestro.failure.PermanentException;

/** What a person typed, or what it names, cannot be used; the message is one clear sentence. */
final class UsageException extends PermanentException {

  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
