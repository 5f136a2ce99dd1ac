package dev.maestro.task;

/** The one rule for what an id may look like; ids become file names and branch names. */
final class Ids {

  static final int MAX_LENGTH = 100;

  private Ids() {}

  static String requireSegment(String kind, String value) {
    if (!isSegment(value)) {
      throw new IllegalArgumentException(
          kind
              + " '"
              + value
              + "' must be 1 to "
              + MAX_LENGTH
              + " letters, digits, '.', '_' or '-', start with a letter or digit, not end with '.',"
              + " and contain no '..', '--' or '.lock' ending");
    }
    return value;
  }

  static boolean isSegment(String value) {
    int length = value.length();
    if (length == 0 || length > MAX_LENGTH || !isLetterOrDigit(value.charAt(0))) {
      return false;
    }
    for (int i = 1; i < length; i++) {
      char c = value.charAt(i);
      boolean mark = c == '.' || c == '-';
      boolean twice = mark && value.charAt(i - 1) == c;
      if (twice || !(mark || c == '_' || isLetterOrDigit(c))) {
        return false;
      }
    }
    return value.charAt(length - 1) != '.' && !value.endsWith(".lock");
  }

  private static boolean isLetterOrDigit(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }
}
