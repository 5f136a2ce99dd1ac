package dev.maestro.process;

import dev.maestro.failure.PermanentException;
import org.jspecify.annotations.Nullable;

/** A program that cannot be started: not there, not executable, or no such directory. */
public final class ProcessStartException extends PermanentException {

  private static final long serialVersionUID = 1L;

  private final String program;

  ProcessStartException(String program, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.program = program;
  }

  /** {@return the program that could not be started} */
  public String program() {
    return program;
  }
}
