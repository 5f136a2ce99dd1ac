package dev.maestro.policy;

import java.util.List;
import java.util.Objects;

/**
 * What can be seen of an attempt whose gates have passed.
 *
 * @param gates how many gates passed; none passed nothing
 * @param files how many files it has changed
 * @param failed how many attempts before it did not pass
 * @param sameDiff whether an attempt before it left the very same files, and did not pass
 * @param sameError how many of the attempts right before it failed with one and the same error
 * @param denied whether the agent was not let use a tool, and went on without it
 * @param judges what judges say, each from 0 to 1; empty when there are none
 * @param says what the agent itself says last; may be empty
 */
public record Observed(
    int gates,
    int files,
    int failed,
    boolean sameDiff,
    int sameError,
    boolean denied,
    List<Double> judges,
    String says) {

  /** Copy the list. */
  public Observed {
    judges = List.copyOf(judges);
    Objects.requireNonNull(says, "says");
    for (double judge : judges) {
      if (!(judge >= 0 && judge <= 1)) {
        throw new IllegalArgumentException("a judge says 0 to 1, not " + judge);
      }
    }
  }

  /** {@return nothing but what an agent says} */
  public static Observed saying(String text) {
    return new Observed(0, 0, 0, false, 0, false, List.of(), text);
  }
}
