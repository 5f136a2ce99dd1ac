package dev.maestro.policy;

import static dev.maestro.policy.Signoff.*;

/**
 * How much is done without people, from nothing to everything (M1-36): it chooses who is asked
 * when, and whether work that failed is put away by itself (M1-37).
 *
 * <pre>
 * level                risk low        medium          high           put away
 * 0 MANUAL             BEFORE_ACT      BEFORE_ACT      BEFORE_ACT     no
 * 1 ASSISTED           BEFORE_MERGE    BEFORE_ACT      BEFORE_ACT     no
 * 2 SUPERVISED         UNLESS_TESTED   BEFORE_MERGE    BEFORE_ACT     no
 * 3 GUARDED            UNLESS_TESTED   UNLESS_TESTED   BEFORE_MERGE   yes
 * 4 SELF_OPTIMIZING    NONE            UNLESS_TESTED   BEFORE_MERGE   yes
 * 5 FULL               NONE            NONE            NONE           yes
 * </pre>
 *
 * <p>No level merges anything that the step does not say is to be merged (C9, M1-39).
 */
public enum AutonomyLevel {
  /** Everything is agreed to before it is begun. */
  MANUAL(new Tiers(BEFORE_ACT, BEFORE_ACT, BEFORE_ACT), false),
  /** Small work may be begun, and is looked at. */
  ASSISTED(new Tiers(BEFORE_MERGE, BEFORE_ACT, BEFORE_ACT), false),
  /** The usual tiers. */
  SUPERVISED(Tiers.USUAL, false),
  /** Autonomous with guardrails: what fails is put away, people may step in at any time. */
  GUARDED(new Tiers(UNLESS_TESTED, UNLESS_TESTED, BEFORE_MERGE), true),
  /** As above, and small work is not looked at. */
  SELF_OPTIMIZING(new Tiers(NONE, UNLESS_TESTED, BEFORE_MERGE), true),
  /** Nobody is asked by this rule. */
  FULL(new Tiers(NONE, NONE, NONE), true);

  private final Tiers tiers;
  private final boolean rollsBack;

  AutonomyLevel(Tiers tiers, boolean rollsBack) {
    this.tiers = tiers;
    this.rollsBack = rollsBack;
  }

  /**
   * {@return the level of this number}
   *
   * @param level 0 to 5
   */
  public static AutonomyLevel of(int level) {
    if (level < 0 || level >= values().length) {
      throw new IllegalArgumentException("an autonomy level is 0 to 5, not " + level);
    }
    return values()[level];
  }

  /** {@return its number, 0 to 5} */
  public int level() {
    return ordinal();
  }

  /** {@return when people have to agree} */
  public Tiers tiers() {
    return tiers;
  }

  /** {@return whether the files of a failed attempt are put back to what was accepted} */
  public boolean rollsBack() {
    return rollsBack;
  }
}
