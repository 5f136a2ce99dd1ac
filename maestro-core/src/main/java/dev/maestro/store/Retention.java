package dev.maestro.store;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which runs a store keeps; only runs that have ended are ever removed. By default all are kept.
 *
 * <p>Of every run that is removed a line stays in the store's audit trail.
 *
 * @param age how long ago a run may have changed last, or null for any time
 * @param runs how many runs are kept, the latest, or null for any number
 * @param bytes how long the files of the runs that are kept may be in all, or null for any length
 */
public record Retention(@Nullable Duration age, @Nullable Long runs, @Nullable Long bytes) {

  private static final Retention EVERYTHING = new Retention(null, null, null);

  /** Check that nothing is negative. */
  public Retention {
    boolean negative =
        age != null && age.isNegative() || runs != null && runs < 0 || bytes != null && bytes < 0;
    if (negative) {
      throw new IllegalArgumentException("a limit cannot be negative");
    }
  }

  /** {@return the rule that keeps every run} */
  public static Retention everything() {
    return EVERYTHING;
  }

  /** {@return this rule, and what changed last longer ago than this is removed} */
  public Retention atMostAge(Duration most) {
    return new Retention(Objects.requireNonNull(most, "most"), runs, bytes);
  }

  /** {@return this rule, and of the runs that have ended only so many are kept, the latest} */
  public Retention atMostRuns(long most) {
    return new Retention(age, most, bytes);
  }

  /** {@return this rule, and the oldest are removed while all take more bytes than this} */
  public Retention atMostBytes(long most) {
    return new Retention(age, runs, most);
  }
}
