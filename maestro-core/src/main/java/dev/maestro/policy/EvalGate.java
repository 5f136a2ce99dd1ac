package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Compares the score of a step with what it usually is.
 *
 * <p>The baseline is the mean of the newest scores, at most {@code baselineWindow} of them. The
 * drop is the baseline less the score, an absolute number. Numbers and names are those of the
 * requirements M2-13 to M2-15. Comparisons tolerate {@value #TOLERANCE}.
 *
 * @param minBaselineRuns with fewer scores than this nothing is judged; at least 1, 5 by default
 * @param baselineWindow how many of the newest scores count; at least {@code minBaselineRuns}, 20
 *     by default
 * @param warnThreshold a drop from which on it warns; above 0, 0.15 by default
 * @param blockThreshold a drop from which on it blocks; at least {@code warnThreshold}, 0.30 by
 *     default
 * @param failClosed whether too few scores block instead of pass; false by default
 */
public record EvalGate(
    int minBaselineRuns,
    int baselineWindow,
    double warnThreshold,
    double blockThreshold,
    boolean failClosed) {

  /** The numbers of the requirements. */
  public static final EvalGate DEFAULT = new EvalGate(5, 20, 0.15, 0.30, false);

  /** There are too few earlier scores. */
  public static final Reason INSUFFICIENT_BASELINE = Reason.of("insufficient-baseline");

  /** The score is lower than usual. */
  public static final Reason SCORE_DROP = Reason.of("score-drop");

  static final double TOLERANCE = 1e-9;

  /** Check the numbers. */
  public EvalGate {
    if (minBaselineRuns < 1 || baselineWindow < minBaselineRuns) {
      throw new IllegalArgumentException(
          "an eval gate needs 1 <= minimum of runs <= window, not "
              + minBaselineRuns
              + " and "
              + baselineWindow);
    }
    if (!(warnThreshold > 0 && blockThreshold >= warnThreshold && blockThreshold <= 1)) {
      throw new IllegalArgumentException(
          "an eval gate needs 0 < warn <= block <= 1, not "
              + warnThreshold
              + " and "
              + blockThreshold);
    }
  }

  /**
   * Judge a score.
   *
   * @param earlier earlier scores of this step, oldest first, each from 0 to 1
   * @param score the new one, from 0 to 1
   * @throws IllegalArgumentException if a score is not from 0 to 1
   */
  public EvalDecision judge(List<Double> earlier, double score) {
    requireScore(score);
    List<Double> baseline =
        earlier.subList(Math.max(0, earlier.size() - baselineWindow), earlier.size());
    baseline.forEach(EvalGate::requireScore);
    return baseline.size() < minBaselineRuns ? tooFew(baseline.size()) : compared(baseline, score);
  }

  private EvalDecision tooFew(int size) {
    return new EvalDecision(
        failClosed ? EvalDecision.Outcome.BLOCK : EvalDecision.Outcome.PASS,
        size,
        minBaselineRuns,
        baselineWindow,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        List.of(INSUFFICIENT_BASELINE),
        size + " earlier scores; the gate judges from " + minBaselineRuns + " on");
  }

  private EvalDecision compared(List<Double> baseline, double score) {
    double mean = baseline.stream().mapToDouble(Double::doubleValue).sum() / baseline.size();
    double drop = mean - score;
    EvalDecision.Outcome outcome = outcome(drop);
    return new EvalDecision(
        outcome,
        baseline.size(),
        minBaselineRuns,
        baselineWindow,
        OptionalDouble.of(mean),
        OptionalDouble.of(drop),
        outcome == EvalDecision.Outcome.PASS ? List.of() : List.of(SCORE_DROP),
        "score " + score + " against " + mean + " in " + baseline.size() + " earlier ones");
  }

  private EvalDecision.Outcome outcome(double drop) {
    if (drop >= blockThreshold - TOLERANCE) {
      return EvalDecision.Outcome.BLOCK;
    }
    return drop >= warnThreshold - TOLERANCE
        ? EvalDecision.Outcome.WARN
        : EvalDecision.Outcome.PASS;
  }

  private static void requireScore(double score) {
    if (!(score >= 0 && score <= 1)) {
      throw new IllegalArgumentException("a score is a number from 0 to 1, not " + score);
    }
  }
}
