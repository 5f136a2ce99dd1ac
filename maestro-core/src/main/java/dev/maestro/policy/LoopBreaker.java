package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.util.Objects;
import java.util.Optional;

/**
 * Ends a loop of attempts that gets nowhere: so many in a row that changed no file, so many in a
 * row that failed with the same error, or so many in all.
 *
 * <p>The limits are those of the requirements M3-09 to M3-11 and M3-42. A breaker is a rule; what
 * it has seen so far is a {@link Seen}, a value that is stored with the run. Once open it stays
 * open until somebody begins anew with {@link #closed()}.
 *
 * @param idle attempts in a row without a changed file that open it; at least 1, 3 by default
 * @param sameError failures in a row with the same text that open it; at least 1, 5 by default
 * @param iterations attempts in all that open it; 1 to {@value #MOST_ITERATIONS}, 10 by default
 */
public record LoopBreaker(int idle, int sameError, int iterations) {

  /** No loop may be allowed more attempts than this. */
  public static final int MOST_ITERATIONS = 50;

  /** Three without a change, five with the same error, ten in all. */
  public static final LoopBreaker DEFAULT = new LoopBreaker(3, 5, 10);

  /** The name of the rule in the chain of a run. */
  public static final String RULE = "breaker";

  /** The attempts in a row changed no file. */
  public static final Reason NO_CHANGES = Reason.of("no-changes");

  /** The attempts in a row failed with the same error. */
  public static final Reason SAME_ERROR = Reason.of("same-error");

  /** Check the limits. */
  public LoopBreaker {
    if (idle < 1 || sameError < 1) {
      throw new IllegalArgumentException(
          "a loop breaker needs limits of at least 1, not " + idle + " and " + sameError);
    }
    if (iterations < 1 || iterations > MOST_ITERATIONS) {
      throw new IllegalArgumentException(
          "a loop breaker allows 1 to " + MOST_ITERATIONS + " iterations, not " + iterations);
    }
  }

  /** {@return a breaker that has seen nothing} */
  public Seen closed() {
    return new Seen(0, 0, 0, Optional.empty(), Optional.empty());
  }

  /**
   * {@return what has been seen after one more attempt} An open breaker stays as it is.
   *
   * @param seen what had been seen before
   * @param changed how many files the attempt changed
   * @param error what it failed with; blanks round it do not count
   */
  public Seen after(Seen seen, int changed, Optional<String> error) {
    if (seen.isOpen()) {
      return seen;
    }
    Optional<String> stripped = error.map(String::strip);
    int without = changed > 0 ? 0 : seen.idle + 1;
    int same = stripped.map(text -> 1 + (seen.failedWith(text) ? seen.sameError : 0)).orElse(0);
    int all = seen.iterations + 1;
    return new Seen(without, same, all, stripped, opened(without, same, all));
  }

  private Optional<Reason> opened(int without, int same, int all) {
    if (without >= idle) {
      return Optional.of(NO_CHANGES);
    }
    if (same >= sameError) {
      return Optional.of(SAME_ERROR);
    }
    return all >= iterations ? Optional.of(Reason.MAX_ITERATIONS) : Optional.empty();
  }

  /**
   * {@return whether there may be another attempt} A refusal carries which limit was reached:
   * {@link #NO_CHANGES}, {@link #SAME_ERROR} or {@link Reason#MAX_ITERATIONS}.
   */
  public Verdict verdict(Seen seen) {
    return seen.opened
        .<Verdict>map(why -> new Verdict.Refuse(why, sentence(why, seen), true))
        .orElseGet(Verdict::proceed);
  }

  /** {@return whether a breaker that opens gives this reason} */
  public static boolean opensWith(Reason reason) {
    return reason.equals(NO_CHANGES)
        || reason.equals(SAME_ERROR)
        || reason.equals(Reason.MAX_ITERATIONS);
  }

  private String sentence(Reason why, Seen seen) {
    if (why.equals(NO_CHANGES)) {
      return seen.idle + " attempts in a row changed no file; the limit is " + idle;
    }
    if (why.equals(SAME_ERROR)) {
      return seen.sameError
          + " attempts in a row failed with the same error; the limit is "
          + sameError;
    }
    return seen.iterations + " attempts were made; the limit is " + iterations;
  }

  /**
   * What a breaker has seen.
   *
   * @param idle attempts in a row without a changed file
   * @param sameError failures in a row with the same text
   * @param iterations attempts in all
   * @param lastError what the last attempt failed with
   * @param opened why the breaker is open
   */
  public record Seen(
      int idle,
      int sameError,
      int iterations,
      Optional<String> lastError,
      Optional<Reason> opened) {

    /** Check that nothing is missing. */
    public Seen {
      Objects.requireNonNull(lastError, "lastError");
      Objects.requireNonNull(opened, "opened");
    }

    /** {@return whether no attempt may follow} */
    public boolean isOpen() {
      return opened.isPresent();
    }

    private boolean failedWith(String text) {
      return lastError.filter(text::equals).isPresent();
    }
  }
}
