package dev.maestro.failure;

import java.util.Objects;

/**
 * One thing that is wrong with a definition or an input.
 *
 * @param code the kind of problem, a stable lower-case word such as {@code cycle} or {@code
 *     duplicate}
 * @param path where it is, such as {@code steps.green.prompt}
 * @param message what is wrong and what would mend it, in one sentence
 */
public record Problem(String code, String path, String message) {

  /** Check that nothing is missing. */
  public Problem {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(message, "message");
  }

  @Override
  public String toString() {
    return path + ": " + message;
  }
}
