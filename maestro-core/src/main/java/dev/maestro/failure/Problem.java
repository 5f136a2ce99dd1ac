package dev.maestro.failure;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One thing that is wrong with a definition or an input.
 *
 * @param code the kind of problem, a stable lower-case word such as {@code cycle} or {@code
 *     duplicate}; what is wrong with one field has the field's name
 * @param path where it is, such as {@code steps.green.prompt}
 * @param message what is wrong and what would mend it, in one sentence
 * @param details the same for programs, such as {@code step} and {@code input}, or {@code line} and
 *     {@code column} of a file
 */
public record Problem(String code, String path, String message, Map<String, String> details) {

  /** Check that nothing is missing. */
  public Problem {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(message, "message");
    details = Map.copyOf(details);
  }

  /** Describe a problem that needs no details. */
  public Problem(String code, String path, String message) {
    this(code, path, message, Map.of());
  }

  /** {@return the same problem with one more detail} */
  public Problem with(String name, String value) {
    Map<String, String> more = new TreeMap<>(details);
    more.put(name, value);
    return new Problem(code, path, message, more);
  }

  @Override
  public String toString() {
    String line = details.get("line");
    String column = details.containsKey("column") ? ", column " + details.get("column") : "";
    return path + ": " + message + (line == null ? "" : " (line " + line + column + ")");
  }
}
