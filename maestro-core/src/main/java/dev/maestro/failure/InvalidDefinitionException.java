package dev.maestro.failure;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A pipeline, a file or a set of inputs that cannot be used; carries every problem, not the first.
 */
public final class InvalidDefinitionException extends PermanentException {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /** Refuse {@code what}, such as {@code pipeline 'tdd'}, for these problems. */
  public InvalidDefinitionException(String what, List<Problem> problems) {
    super(
        what
            + " has "
            + (problems.size() == 1 ? "a problem" : problems.size() + " problems")
            + problems.stream().map(p -> "\n  - " + p).collect(Collectors.joining()));
    this.problems = List.copyOf(problems);
  }

  /** {@return every problem found, in the order of the definition} */
  public List<Problem> problems() {
    return problems;
  }
}
