package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.util.List;
import java.util.Objects;

/**
 * Says how far work may be relied on whose gates have passed, and lets too little of it not pass:
 * the requirement M2-20.
 *
 * <p>Computed in this order, from what can be seen, and the agent's own words last:
 *
 * <ol>
 *   <li>It begins at {@value #GATES} when a gate has passed, at {@value #NO_GATES} when none was
 *       there to pass.
 *   <li>The same files as an attempt before that did not pass: {@value #STUCK} less. The same error
 *       more than once right before: {@value #STUCK} less.
 *   <li>An agent that was not let use a tool, and went on without it: {@value #DENIED} less.
 *   <li>Each attempt that failed before: {@value #AGAIN} less, at most three times.
 *   <li>More changed files than {@link #churn}: {@value #CHURN} less.
 *   <li>Judges: half of it is theirs, their mean; when the highest and the lowest of them are more
 *       than {@value #SPREAD} apart, {@value #CHURN} less.
 *   <li>An agent that says that it is not sure is believed: at most {@value #DOUBTS}. One that says
 *       that it is sure changes nothing.
 * </ol>
 *
 * <p>Below the limit, the attempt has not passed, and the next one goes on, on the next rung of a
 * {@link Ladder} if there is one; when no attempt is left, a person is asked whether the work is
 * accepted as it is.
 *
 * @param atLeast the limit, 0 to 1; {@value #LIMIT} by default
 * @param churn more changed files than this are suspicious; at least 1, {@value #FILES} by default
 * @param doubts how an agent says that it is not sure; {@link TermList#LOW_CONFIDENCE} by default
 * @param judges names under which judges are registered; none by default
 */
public record Confidence(double atLeast, int churn, TermList doubts, List<String> judges) {

  /** The name of the rule in the chain of a run. */
  public static final String RULE = "confidence";

  /** The limit unless it is stated. */
  public static final double LIMIT = 0.5;

  /** The number of files unless it is stated. */
  public static final int FILES = 50;

  private static final double GATES = 0.9;
  private static final double NO_GATES = 0.6;
  private static final double STUCK = 0.3;
  private static final double DENIED = 0.2;
  private static final double AGAIN = 0.05;
  private static final double CHURN = 0.1;
  private static final double SPREAD = 0.3;
  private static final double DOUBTS = 0.4;
  private static final double TOLERANCE = 1e-9;

  /** At least {@value #LIMIT}, without judges. */
  public static final Confidence DEFAULT = atLeast(LIMIT);

  /** Check the numbers. */
  public Confidence {
    if (!(atLeast >= 0 && atLeast <= 1)) {
      throw new IllegalArgumentException("confidence is 0 to 1, not " + atLeast);
    }
    if (churn < 1) {
      throw new IllegalArgumentException("the number of files is at least 1, not " + churn);
    }
    Objects.requireNonNull(doubts, "doubts");
    judges = List.copyOf(judges);
  }

  /** {@return a rule with this limit} */
  public static Confidence atLeast(double limit) {
    return new Confidence(limit, FILES, TermList.LOW_CONFIDENCE, List.of());
  }

  /** {@return the same, with judges that the application registers under these names} */
  public Confidence judges(String... names) {
    return new Confidence(atLeast, churn, doubts, List.of(names));
  }

  /** {@return the same, with another number of changed files that is suspicious} */
  public Confidence churn(int files) {
    return new Confidence(atLeast, files, doubts, judges);
  }

  /** {@return how far what was observed may be relied on, 0 to 1} */
  public double score(Observed seen) {
    double score = seen.gates() > 0 ? GATES : NO_GATES;
    score -= seen.sameDiff() ? STUCK : 0;
    score -= seen.sameError() > 1 ? STUCK : 0;
    score -= seen.denied() ? DENIED : 0;
    score -= AGAIN * Math.min(3, seen.failed());
    score -= seen.files() > churn ? CHURN : 0;
    if (!seen.judges().isEmpty()) {
      score = (Math.max(0, score) + mean(seen.judges())) / 2;
      score -= spread(seen.judges()) > SPREAD ? CHURN : 0;
    }
    if (doubts.firstIn(seen.says()).isPresent()) {
      score = Math.min(score, DOUBTS);
    }
    return Math.max(0, Math.min(1, score));
  }

  /**
   * {@return whether the work passes}
   *
   * @param lastChance whether no attempt is left; a person is asked then
   * @param work what tells this work from any other, for the question
   */
  public Finding judge(Observed seen, boolean lastChance, String work) {
    double score = score(seen);
    Numbers numbers = Numbers.NONE.with("score", rounded(score)).with("atLeast", atLeast);
    if (score >= atLeast - TOLERANCE) {
      return new Finding(Verdict.proceed(), numbers);
    }
    String why =
        "the confidence in the work is "
            + rounded(score)
            + ", and has to be "
            + atLeast
            + because(seen);
    return new Finding(
        lastChance
            ? new Verdict.Ask(
                Reason.LOW_CONFIDENCE,
                "May the work "
                    + work
                    + " be accepted, though the confidence in it is below "
                    + atLeast
                    + because(seen)
                    + "?")
            : new Verdict.Refuse(Reason.LOW_CONFIDENCE, why, false),
        numbers);
  }

  private String because(Observed seen) {
    return doubts
        .firstIn(seen.says())
        .map(term -> "; the agent itself says '" + term + "'")
        .orElse(
            seen.sameDiff()
                ? "; the same files did not pass before"
                : seen.denied() ? "; the agent was denied a tool" : "");
  }

  private static double rounded(double score) {
    return Math.round(score * 1000) / 1000.0;
  }

  private static double mean(List<Double> judges) {
    return judges.stream().mapToDouble(Double::doubleValue).sum() / judges.size();
  }

  private static double spread(List<Double> judges) {
    double high = judges.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    double low = judges.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    return high - low;
  }
}
