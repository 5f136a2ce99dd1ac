package dev.maestro.process;

/**
 * What follows a child process while it runs.
 *
 * <p>{@link #started} and {@link #opened} are called, in this order, on the thread that runs the
 * process. Then lines come, one at a time, on threads of the runner's own. A listener that is slow
 * slows the child and is not held against it; one that throws ends the child, and the exception is
 * what the run throws. One that still works on a line seconds after the process has been ended by
 * force is interrupted and given up. After the run has returned nothing is called.
 */
@FunctionalInterface
public interface ProcessListener {

  /** Hear that the process exists; it has not been given a byte of its input yet. */
  default void started(ProcessIdentity identity) {}

  /** Take the child's stdin, where {@link ProcessSpec#keepsInputOpen} asks for it. */
  default void opened(ProcessInput input) {}

  /** Hear a line of stdout, without its end; bytes that are not UTF-8 have become U+FFFD. */
  void line(String line);

  /** Hear a line of stderr, in the same form. */
  default void errorLine(String line) {}
}
