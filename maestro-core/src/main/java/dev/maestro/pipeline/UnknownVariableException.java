package dev.maestro.pipeline;

import dev.maestro.failure.Suggestion;
import java.util.Collection;
import java.util.List;

/** A template uses a name that has no value. */
public final class UnknownVariableException extends RenderingException {

  private static final long serialVersionUID = 1L;

  private final String variable;
  private final transient List<String> known;

  UnknownVariableException(String step, String variable, Collection<String> known) {
    super(
        step,
        "step '"
            + step
            + "' uses {{ "
            + variable
            + " }}, which has no value; "
            + (known.isEmpty()
                ? "there are no names it could use"
                : "the names it can use are " + String.join(", ", known))
            + Suggestion.near(variable, known));
    this.variable = variable;
    this.known = List.copyOf(known);
  }

  /** {@return the name without a value} */
  public String variable() {
    return variable;
  }

  /** {@return the names that have one} */
  public List<String> known() {
    return known;
  }
}
