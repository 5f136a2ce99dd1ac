package dev.maestro.pipeline;

import java.util.List;
import java.util.Map;

/**
 * A value in a file, and where it stands.
 *
 * @param kind what it is
 * @param text a scalar as it was written; otherwise empty
 * @param items what a list holds
 * @param fields what an object holds, in order
 * @param line from 1
 * @param column from 1
 */
record Node(
    Kind kind, String text, List<Node> items, Map<String, Node> fields, int line, int column) {

  enum Kind {
    OBJECT("an object"),
    LIST("a list"),
    TEXT("text"),
    NUMBER("a number"),
    BOOLEAN("true or false"),
    NOTHING("nothing");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  boolean is(Kind other) {
    return kind == other;
  }
}
