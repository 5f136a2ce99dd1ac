package dev.maestro.policy;

/**
 * When a person has to agree to work, from never to always; each includes those before it.
 *
 * <p>Whoever is asked before a merge sees what is about to be merged; where a step merges nothing,
 * the work is reviewed instead before it is accepted.
 */
public enum Signoff {
  /** Never. */
  NONE,
  /** Before it is merged or accepted, unless a gate of Maestro's own has passed on it. */
  UNLESS_TESTED,
  /** Before it is merged or accepted. */
  BEFORE_MERGE,
  /** Before it is begun, and again before it is merged or accepted. */
  BEFORE_ACT;

  /** {@return whether somebody is asked before work begins} */
  public boolean beforeAct() {
    return this == BEFORE_ACT;
  }

  /**
   * {@return whether somebody is asked before work is merged or accepted}
   *
   * @param receipts how many gates have passed on it
   */
  public boolean beforeMerge(int receipts) {
    return switch (this) {
      case NONE -> false;
      case UNLESS_TESTED -> receipts == 0;
      case BEFORE_MERGE, BEFORE_ACT -> true;
    };
  }
}
