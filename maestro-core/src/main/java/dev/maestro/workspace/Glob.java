package dev.maestro.workspace;

/**
 * Matches one pattern against one path, without recursion over the whole path or regular
 * expressions.
 */
final class Glob {

  private Glob() {}

  static boolean matches(String pattern, String path) {
    return segmentsMatch(pattern.split("/", -1), path.split("/", -1));
  }

  private static boolean segmentsMatch(String[] pattern, String[] path) {
    int p = 0;
    int s = 0;
    int starP = -1;
    int starS = -1;
    while (s < path.length) {
      if (p < pattern.length && pattern[p].equals("**")) {
        starP = p++;
        starS = s;
      } else if (p < pattern.length && nameMatches(pattern[p], path[s])) {
        p++;
        s++;
      } else if (starP >= 0) {
        p = starP + 1;
        s = ++starS;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p].equals("**")) {
      p++;
    }
    return p == pattern.length;
  }

  private static boolean nameMatches(String pattern, String name) {
    int p = 0;
    int s = 0;
    int starP = -1;
    int starS = -1;
    while (s < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        starP = p++;
        starS = s;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(s))) {
        p++;
        s++;
      } else if (starP >= 0) {
        p = starP + 1;
        s = ++starS;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
