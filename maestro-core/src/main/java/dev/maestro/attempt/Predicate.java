package dev.maestro.attempt;

/** The application's own condition, registered on the builder by name and version. */
@FunctionalInterface
public interface Predicate {

  /** {@return whether the step is to run; must be quick and have no effect} */
  boolean test(CodeContext context) throws Exception;
}
