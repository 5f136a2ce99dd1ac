package dev.maestro.task;

import java.util.regex.Pattern;

/** The one rule for what an id may look like; ids become file names and branch names. */
final class Ids {

  static final int MAX_LENGTH = 100;

  private static final Pattern SEGMENT =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?");

  private Ids() {}

  static String requireSegment(String kind, String value) {
    if (!isSegment(value)) {
      throw new IllegalArgumentException(
          kind
              + " '"
              + value
              + "' must be 1 to "
              + MAX_LENGTH
              + " letters, digits, '.', '_' or '-', start with a letter or digit, not end with '.', and contain no"
              + " '..', '--' or '.lock' ending");
    }
    return value;
  }

  static boolean isSegment(String value) {
    return value.length() <= MAX_LENGTH
        && SEGMENT.matcher(value).matches()
        && !value.contains("..")
        && !value.contains("--")
        && !value.endsWith(".lock");
  }
}
