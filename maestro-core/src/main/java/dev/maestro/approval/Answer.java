package dev.maestro.approval;

import java.util.Objects;

/**
 * What a person answers.
 *
 * @param decision yes or no
 * @param text why, or anything the next attempt should know; may be empty
 */
public record Answer(Decision decision, String text) {

  /** Yes or no; silence is neither and moves nothing. */
  public enum Decision {
    /** Go on. */
    APPROVE,
    /** Do not go on. */
    REJECT
  }

  /** Check that nothing is missing. */
  public Answer {
    Objects.requireNonNull(decision, "decision");
    Objects.requireNonNull(text, "text");
  }

  /** {@return yes} */
  public static Answer approve() {
    return new Answer(Decision.APPROVE, "");
  }

  /** {@return no, and why} */
  public static Answer reject(String why) {
    return new Answer(Decision.REJECT, why);
  }

  /** {@return whether it is a yes} */
  public boolean isApproval() {
    return decision == Decision.APPROVE;
  }
}
