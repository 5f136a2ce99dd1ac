package dev.maestro.workspace;

import java.util.List;

/**
 * A set of patterns for paths inside a workspace.
 *
 * <p>{@code *} stands for any characters but {@code /}, {@code ?} for one of them, {@code **} for
 * any number of whole directories; a pattern without {@code /} matches the name in any directory
 * only when it starts with {@code **}{@code /}. Case counts.
 *
 * @param patterns relative, with {@code /} between names; no {@code ..}
 */
public record PathGlobs(List<String> patterns) {

  /** Check the patterns. */
  public PathGlobs {
    patterns = List.copyOf(patterns);
    patterns.forEach(PathGlobs::check);
  }

  /** {@return the set of these patterns} */
  public static PathGlobs of(String... patterns) {
    return new PathGlobs(List.of(patterns));
  }

  private static void check(String pattern) {
    if (pattern.isBlank()
        || pattern.startsWith("/")
        || pattern.contains("\\")
        || List.of(pattern.split("/", -1)).contains("..")) {
      throw new IllegalArgumentException(
          "the path pattern '"
              + pattern
              + "' must be relative, with '/' between names and no '..'");
    }
  }

  /** {@return whether there is no pattern} */
  public boolean isEmpty() {
    return patterns.isEmpty();
  }

  /** {@return whether a path, relative to the workspace and with '/' between names, matches any} */
  public boolean matches(String path) {
    return patterns.stream().anyMatch(pattern -> Glob.matches(pattern, path));
  }
}
