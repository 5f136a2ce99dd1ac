package dev.maestro;

import dev.maestro.failure.PermanentException;

/** The run does not take this now, such as an answer to a question that nobody asks any more. */
public final class RefusedException extends PermanentException {

  private static final long serialVersionUID = 1L;

  private final String code;

  RefusedException(String code, String message) {
    super(message);
    this.code = code;
  }

  /**
   * {@return why: {@code run-over}, {@code unknown-run}, {@code unknown-task}, {@code
   * unknown-question}, {@code claimed}, {@code stale}, {@code budget-exceeded}, {@code too-large}
   * or {@code not-allowed}}
   */
  public String code() {
    return code;
  }
}
