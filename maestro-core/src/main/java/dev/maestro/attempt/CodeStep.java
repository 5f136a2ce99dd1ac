package dev.maestro.attempt;

import org.jspecify.annotations.Nullable;

/**
 * The application's own code as a step, registered on the builder by name and version.
 *
 * <p>At least once: after a crash it may run again.
 */
@FunctionalInterface
public interface CodeStep {

  /**
   * Do the work.
   *
   * <p>Called on a worker thread that is interrupted when the run is cancelled. An exception means
   * that the attempt has failed; a {@link dev.maestro.failure.PermanentException} is not tried
   * again.
   *
   * @return the step's output: text, a {@code JsonNode}, or anything Jackson can write; null for
   *     none
   */
  @Nullable Object run(CodeContext context) throws Exception;
}
