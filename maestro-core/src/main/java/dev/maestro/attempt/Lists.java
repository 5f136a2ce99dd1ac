package dev.maestro.attempt;

import java.util.ArrayList;
import java.util.List;

/** Keeps lists that an agent can make as long as it likes fit for the journal. */
final class Lists {

  private static final int LONGEST = 100;

  private Lists() {}

  /** {@return the first hundred, and how many more there were} */
  static List<String> shortened(List<String> names) {
    if (names.size() <= LONGEST) {
      return names;
    }
    List<String> first = new ArrayList<>(names.subList(0, LONGEST));
    first.add("… and " + (names.size() - LONGEST) + " more");
    return first;
  }

  /** {@return the same, in one line} */
  static String inOneLine(List<String> names) {
    return String.join(", ", shortened(names));
  }
}
