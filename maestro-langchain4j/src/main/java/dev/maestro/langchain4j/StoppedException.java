package dev.maestro.langchain4j;

import dev.maestro.failure.Failure;

/** A launch comes to its end early; never leaves this package. */
final class StoppedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  StoppedException(Failure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
