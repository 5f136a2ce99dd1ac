package dev.maestro.pipeline;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.TreeSet;

/** Finds the name that somebody may have meant. */
final class Suggestion {

  private static final int FAR = 3;
  private static final int MANY = 500;
  private static final int LONG = 60;

  private Suggestion() {}

  /** {@return {@code ; did you mean 'x'?} or nothing} */
  static String near(String name, Collection<String> known) {
    if (name.length() > LONG || known.size() > MANY) {
      return "";
    }
    return known.stream()
        .filter(candidate -> distance(name, candidate) < Math.min(FAR, name.length()))
        .min(Comparator.comparingInt((String candidate) -> distance(name, candidate)))
        .map(candidate -> "; did you mean '" + candidate + "'?")
        .orElse("");
  }

  /** {@return {@code ; did you mean 'x'?}, or where nothing is near, which there are} */
  static String among(String name, Collection<String> known) {
    String near = near(name, known);
    return near.isEmpty() && !known.isEmpty()
        ? "; there are " + String.join(", ", new TreeSet<>(known))
        : near;
  }

  /** Count the edits between two names, {@code _}, {@code -} and case aside. */
  private static int distance(String one, String other) {
    String a = plain(one);
    String b = plain(other);
    if (Math.abs(a.length() - b.length()) >= FAR || b.length() > LONG) {
      return FAR;
    }
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }
}
