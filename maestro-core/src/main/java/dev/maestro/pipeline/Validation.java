package dev.maestro.pipeline;

import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import java.util.List;

/**
 * What the static checks of a pipeline found.
 *
 * <p>The code of a problem is the field that is wrong, such as {@code prompt} or {@code attempts},
 * or one of {@code cycle}, {@code duplicate} (an id, output, gate or name in a list), {@code
 * unknown-input} (a dependency that is no step), {@code kind} (a step that does two things), {@code
 * variable} (a name that cannot be used there), {@code template-syntax}, {@code text} (characters
 * that cannot be stored) and, in files, {@code syntax}, {@code unknown-field}, {@code
 * duplicate-field}, {@code alias}, {@code tag} and {@code too-large}. Details name the {@code step}
 * and, for dependencies and variables, the {@code input}; in files, {@code line} and {@code
 * column}.
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
