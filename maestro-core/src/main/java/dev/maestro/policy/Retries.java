package dev.maestro.policy;

import dev.maestro.task.Reason;

/**
 * How many attempts may follow failed ones, by what made them fail: ceilings inside a step's
 * attempts, which stay the one limit of all launches. The requirements M1-26 and C5.
 *
 * <p>An attempt that an error kept from its work (a network, a rate limit, a crash of the program)
 * says nothing of the work; one whose work did not pass a check (a gate, a guardrail, too little
 * confidence, an output of the wrong form) says that it is hard. Each kind has a ceiling of its
 * own, counted over all attempts since the step began. The one that is passed ends the attempts
 * with {@code attempts-exhausted}; a {@link Ladder} that ends with a person asks that person then.
 *
 * @param errors how many attempts may follow ones that failed with an error; at least 0, 2 by
 *     default
 * @param checks how many attempts may follow ones whose work did not pass; at least 0, 3 by default
 */
public record Retries(int errors, int checks) {

  /** The name of the rule in the chain of a run. */
  public static final String RULE = "retries";

  /** Two after errors, three after checks. */
  public static final Retries DEFAULT = new Retries(2, 3);

  /** Check the numbers. */
  public Retries {
    if (errors < 0 || checks < 0) {
      throw new IllegalArgumentException(
          "retries are at least 0, not "
              + errors
              + " after errors and "
              + checks
              + " after checks");
    }
  }

  /**
   * {@return whether there may be another attempt}
   *
   * @param failedByError how many attempts failed with an error
   * @param failedChecks how many attempts did work that did not pass
   */
  public Finding judge(int failedByError, int failedChecks) {
    Numbers numbers =
        Numbers.of("errors", failedByError)
            .with("errorsAllowed", errors)
            .with("checks", failedChecks)
            .with("checksAllowed", checks);
    if (failedByError > errors) {
      return new Finding(refuse(failedByError + " attempts failed with an error", errors), numbers);
    }
    return failedChecks > checks
        ? new Finding(refuse(failedChecks + " attempts did not pass a check", checks), numbers)
        : new Finding(Verdict.proceed(), numbers);
  }

  private static Verdict refuse(String what, int limit) {
    return new Verdict.Refuse(
        Reason.ATTEMPTS_EXHAUSTED,
        what + "; " + limit + " of them may be followed by another",
        false);
  }
}
