package dev.maestro.pipeline;

import java.util.Locale;
import java.util.Objects;

/** Whether a step is to run at all; when false, it is skipped. */
public sealed interface Condition {

  /**
   * A value is compared with a text; case does not count.
   *
   * @param name an input or the output of an ancestor
   * @param operator how to compare
   * @param text with what
   */
  record Comparison(String name, Operator operator, String text) implements Condition {

    /** Check that nothing is missing. */
    public Comparison {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(operator, "operator");
      Objects.requireNonNull(text, "text");
    }

    /** {@return whether it holds for this value} */
    public boolean test(String value) {
      String left = value.toLowerCase(Locale.ROOT);
      String right = text.toLowerCase(Locale.ROOT);
      return switch (operator) {
        case CONTAINS -> left.contains(right);
        case NOT_CONTAINS -> !left.contains(right);
        case EQUALS -> left.equals(right);
      };
    }
  }

  /** How to compare. */
  enum Operator {
    /** The text occurs in the value. */
    CONTAINS,
    /** The text does not occur in the value. */
    NOT_CONTAINS,
    /** The value is the text. */
    EQUALS
  }

  /**
   * A predicate decides that the application registered on the builder.
   *
   * @param name under which it is registered
   * @param version of the predicate
   */
  record Predicate(String name, String version) implements Condition {

    /** Check that nothing is missing. */
    public Predicate {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(version, "version");
    }
  }
}
