package dev.maestro.policy;

import java.util.Objects;

/**
 * What a rule says of a subject.
 *
 * @param verdict the answer
 * @param numbers what it counted with
 */
public record Finding(Verdict verdict, Numbers numbers) {

  /** Check that nothing is missing. */
  public Finding {
    Objects.requireNonNull(verdict, "verdict");
    Objects.requireNonNull(numbers, "numbers");
  }

  /** {@return a finding that counted nothing} */
  public static Finding of(Verdict verdict) {
    return new Finding(verdict, Numbers.NONE);
  }
}
