package dev.maestro.pipeline;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a step is to run at all; when false, it is skipped. */
public sealed interface Condition {

  /**
   * Parse the text form of a comparison.
   *
   * <p>The form is {@code {{ name }} contains 'text'}, with {@code contains}, {@code not_contains}
   * or {@code equals}; a quote in the text is written twice.
   *
   * @throws IllegalArgumentException when the text has another form
   */
  static Comparison parse(String expression) {
    Matcher matcher = Comparison.FORM.matcher(expression.strip());
    if (!matcher.matches() || matcher.group(3).replace("''", "").contains("'")) {
      throw new IllegalArgumentException(
          "a condition is written {{ name }} contains|not_contains|equals 'text', not "
              + expression);
    }
    Operator operator = Operator.valueOf(matcher.group(2).toUpperCase(Locale.ROOT));
    return new Comparison(matcher.group(1), operator, matcher.group(3).replace("''", "'"));
  }

  /**
   * A value is compared with a text; case does not count.
   *
   * @param name an input or the output of an ancestor
   * @param operator how to compare
   * @param text with what
   */
  record Comparison(String name, Operator operator, String text) implements Condition {

    private static final Pattern FORM =
        Pattern.compile(
            "\\{\\{\\s*([A-Za-z_][A-Za-z0-9_.-]{0,99})\\s*\\}\\}"
                + "\\s+(contains|not_contains|equals)\\s+'(.*)'",
            Pattern.DOTALL);

    /** Check that nothing is missing. */
    public Comparison {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(operator, "operator");
      Objects.requireNonNull(text, "text");
    }

    /** {@return its text form, which {@link Condition#parse} reads} */
    public String expression() {
      return "{{ "
          + name
          + " }} "
          + operator.name().toLowerCase(Locale.ROOT)
          + " '"
          + text.replace("'", "''")
          + "'";
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
