package dev.maestro.failure;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/** Finds the name that somebody may have meant. */
public final class Suggestion {

  private static final int FAR = 3;
  private static final int FEW = 8;
  private static final int NEAREST = 5;
  private static final int MANY = 500;
  private static final int LONG = 60;

  private Suggestion() {}

  /** {@return {@code ; did you mean 'x'?} or nothing} */
  public static String near(String name, Collection<String> known) {
    return nearest(name, known).map(meant -> "; did you mean '" + meant + "'?").orElse("");
  }

  /** {@return the known name that is nearest, when it is but a typing error away} */
  public static Optional<String> nearest(String name, Collection<String> known) {
    if (name.length() > LONG || known.size() > MANY) {
      return Optional.empty();
    }
    int far = Math.min(FAR, name.length());
    return known.stream()
        .filter(candidate -> candidate.length() <= LONG && distance(name, candidate) < far)
        .min(byDistance(name));
  }

  /**
   * {@return {@code ; did you mean 'x'?}, or where nothing is near, which there are; of many those
   * that are nearest, and how many there are}
   */
  public static String among(String name, Collection<String> known) {
    String near = near(name, known);
    if (!near.isEmpty() || known.isEmpty()) {
      return near;
    }
    return known.size() <= FEW
        ? "; there are " + String.join(", ", new TreeSet<>(known))
        : "; of %d that there are, nearest are %s"
            .formatted(known.size(), String.join(", ", sorted(name, known).subList(0, NEAREST)));
  }

  /** {@return the known names, the nearest first} */
  public static List<String> sorted(String name, Collection<String> known) {
    Comparator<String> order = Comparator.naturalOrder();
    return name.length() > LONG || known.size() > MANY
        ? known.stream().sorted(order).toList()
        : known.stream().sorted(byDistance(name).thenComparing(order)).toList();
  }

  private static Comparator<String> byDistance(String name) {
    return Comparator.comparingInt(candidate -> distance(name, candidate));
  }

  /** Count the edits between two names, {@code _}, {@code -} and case aside. */
  private static int distance(String one, String other) {
    String a = plain(one);
    String b = plain(other);
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
