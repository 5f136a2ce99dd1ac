package dev.maestro.pipeline;

import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import java.util.List;

/**
 * What the static checks of a pipeline found.
 *
 * @param problems what must be mended before it can run, in the order of the definition
 * @param warnings what looks like a mistake, in the order of the definition
 */
public record Validation(List<Problem> problems, List<Problem> warnings) {

  /** Copy the lists. */
  public Validation {
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
  }

  /** {@return whether there is no problem; warnings do not count} */
  public boolean isValid() {
    return problems.isEmpty();
  }

  /**
   * Insist that there is no problem.
   *
   * @param what was checked, such as {@code pipeline 'tdd'}
   * @throws InvalidDefinitionException with every problem, when there is one
   */
  public void orThrow(String what) {
    if (!isValid()) {
      throw new InvalidDefinitionException(what, problems);
    }
  }
}
