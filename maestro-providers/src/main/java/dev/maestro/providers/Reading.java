package dev.maestro.providers;

/**
 * Understands what a program writes to stdout during one launch; made anew for each.
 *
 * <p>It may remember what earlier lines said. Lines come in order, by one thread at a time.
 */
@FunctionalInterface
public interface Reading {

  /**
   * Note what a line means; whatever stands there, nothing is thrown.
   *
   * <p>A line that means nothing to it, a torn one and one of a newer version of the program are
   * passed over.
   */
  void line(String line, Account account);

  /**
   * {@return whether an end is only an end once {@link Account#completed()} was noted}
   *
   * <p>Agents end with exit code 0 after they were told to stop, after a question that nobody
   * answered, and after doing nothing, so this is the default.
   */
  default boolean needsCompletion() {
    return true;
  }
}
