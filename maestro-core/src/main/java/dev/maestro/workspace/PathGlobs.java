package dev.maestro.workspace;

import java.util.List;

/**
 * A set of patterns for paths inside a workspace.
 *
 * <p>{@code *} stands for any characters but {@code /}, {@code ?} for one of them, and {@code **},
 * alone between two {@code /}, for any number of whole names, none included: {@code src/**} matches
 * {@code src} and all below it. Nothing else reaches into directories. Case counts.
 *
 * @param patterns relative, with one {@code /} between names; no {@code .} or {@code ..}
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
    for (String name : pattern.split("/", -1)) {
      if (name.isBlank() || name.equals(".") || name.equals("..") || name.contains("\\")) {
        throw new IllegalArgumentException(
            "the path pattern '"
                + pattern
                + "' must be relative, with one '/' between names, none of them '.' or '..'");
      }
      // 'src/**.java' would silently mean 'src/*.java', and protect less than it seems to
      if (name.contains("**") && !name.equals("**")) {
        throw new IllegalArgumentException(
            "in the path pattern '" + pattern + "', '**' must stand alone between two '/'");
      }
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
