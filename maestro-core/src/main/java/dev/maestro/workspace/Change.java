package dev.maestro.workspace;

import java.util.Objects;

/**
 * One file that differs.
 *
 * @param kind how it differs
 * @param path relative to the workspace, with {@code /} between names
 */
public record Change(Kind kind, String path) {

  /** How a file differs. */
  public enum Kind {
    /** It was not there before. */
    ADDED,
    /** Its content or mode differs. */
    MODIFIED,
    /** It is no longer there. */
    DELETED
  }

  /** Check that nothing is missing. */
  public Change {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(path, "path");
  }
}
