package dev.maestro.process;

import java.util.List;
import java.util.Objects;

/**
 * What became of a process that an ended JVM had started.
 *
 * @param identity the process that was looked for
 * @param outcome what was found and done
 * @param ended ids of the processes that were ended: itself and what came out of it
 * @param detail what was found, in words for an operator
 */
public record Reaped(ProcessIdentity identity, Outcome outcome, List<Long> ended, String detail) {

  /** What was found and done. */
  public enum Outcome {
    /** Nothing of it is on this machine. */
    GONE,
    /** It, or what carries its marker, was proved to be ours and has been ended. */
    REAPED,
    /** It was proved to be ours but could not be ended. */
    SURVIVED,
    /**
     * Its id is in use, but by a process that cannot be proved to be it; nothing was done to that.
     */
    UNPROVEN
  }

  /** Check that nothing is missing. */
  public Reaped {
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(outcome, "outcome");
    ended = List.copyOf(ended);
    Objects.requireNonNull(detail, "detail");
  }
}
