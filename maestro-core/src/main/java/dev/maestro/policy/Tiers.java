package dev.maestro.policy;

import dev.maestro.task.Risk;
import java.util.Objects;

/**
 * When people have to agree, by risk: the more harm work could do, the earlier (M1-25, M0-16).
 *
 * <p>The order is checked: nothing that is riskier is let through where something less risky is
 * not.
 *
 * @param low for {@link Risk#LOW}
 * @param medium for {@link Risk#MEDIUM}, and for work whose risk nobody has judged
 * @param high for {@link Risk#HIGH}
 */
public record Tiers(Signoff low, Signoff medium, Signoff high) {

  /**
   * Low: automatic when tests pass. Medium: a person before the merge. High: a person before
   * anything is done (M1-25).
   */
  public static final Tiers USUAL =
      new Tiers(Signoff.UNLESS_TESTED, Signoff.BEFORE_MERGE, Signoff.BEFORE_ACT);

  /** Minor work is signed off by nobody, major work before it counts (M0-16). */
  public static final Tiers MAJOR =
      new Tiers(Signoff.NONE, Signoff.BEFORE_MERGE, Signoff.BEFORE_MERGE);

  /** All work is signed off before it counts (M0-16). */
  public static final Tiers ALL =
      new Tiers(Signoff.BEFORE_MERGE, Signoff.BEFORE_MERGE, Signoff.BEFORE_MERGE);

  /** Check that nothing is missing, and the order. */
  public Tiers {
    Objects.requireNonNull(low, "low");
    Objects.requireNonNull(medium, "medium");
    Objects.requireNonNull(high, "high");
    if (low.compareTo(medium) > 0 || medium.compareTo(high) > 0) {
      throw new IllegalArgumentException(
          "riskier work is not let through more easily: " + low + ", " + medium + ", " + high);
    }
  }

  /** {@return when somebody has to agree to work of this risk} */
  public Signoff of(Risk risk) {
    return switch (risk) {
      case LOW -> low;
      case MEDIUM -> medium;
      case HIGH -> high;
    };
  }
}
