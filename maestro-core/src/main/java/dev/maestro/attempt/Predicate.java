package dev.maestro.attempt;

/**
 * The application's own condition, registered on the builder by name and version.
 *
 * <p>Nothing limits how long it takes, as nothing limits other code of the application; but no more
 * than a hundred conditions of a run are asked at once, and one that never returns keeps its place
 * among them.
 */
@FunctionalInterface
public interface Predicate {

  /** {@return whether the step is to run; must be quick and have no effect} */
  boolean test(CodeContext context) throws Exception;
}
