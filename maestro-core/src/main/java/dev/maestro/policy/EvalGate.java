package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Compares the score of a step's work with what it usually is: the requirements M2-13 to M2-16.
 *
 * <p>A judge of the application says the score, from 0 to 1, once gates, confidence and whatever
 * else stands before it have passed; it may read a gate's number, or ask a model. The baseline is
 * the mean of the newest scores of the same step of a pipeline of the same name, one a run and
 * task, at most {@code baselineWindow} of them; it is kept for each tenant and outlives runs and
 * processes. The drop is the baseline less the score, an absolute number.
 *
 * <p>A drop from {@code warnThreshold} on warns: it is recorded, and the step goes on. One from
 * {@code blockThreshold} on blocks: the step halts without another attempt, and so its run fails.
 * What was blocked for a drop does not count towards the baseline, so that bad work cannot become
 * what is usual. With fewer than {@code minBaselineRuns} scores nothing is judged: it passes, with
 * the code {@code insufficient-baseline}. Comparisons tolerate {@value #TOLERANCE}.
 *
 * @param scoredBy under which name the judge is registered
 * @param minBaselineRuns with fewer scores than this nothing is judged; at least 1, 5 by default
 * @param baselineWindow how many of the newest scores count; {@code minBaselineRuns} to {@value
 *     #MOST_SCORES}, 20 by default
 * @param warnThreshold a drop from which on it warns; above 0, 0.15 by default
 * @param blockThreshold a drop from which on it blocks; {@code warnThreshold} to 1, 0.30 by default
 * @param failClosed whether too few scores block instead of pass; false by default
 */
public record EvalGate(
    String scoredBy,
    int minBaselineRuns,
    int baselineWindow,
    double warnThreshold,
    double blockThreshold,
    boolean failClosed) {

  /** The name of the rule in the chain of a run. */
  public static final String RULE = "eval-gate";

  /** With fewer scores nothing is judged, unless it is stated. */
  public static final int MIN_BASELINE_RUNS = 5;

  /** How many scores count, unless it is stated. */
  public static final int BASELINE_WINDOW = 20;

  /** A drop from which on it warns, unless it is stated. */
  public static final double WARN_THRESHOLD = 0.15;

  /** A drop from which on it blocks, unless it is stated. */
  public static final double BLOCK_THRESHOLD = 0.30;

  /** No baseline is made of more scores than this. */
  public static final int MOST_SCORES = 1_000;

  /** There are too few earlier scores. */
  public static final Reason INSUFFICIENT_BASELINE = Reason.of("insufficient-baseline");

  /** The score is lower than usual. */
  public static final Reason SCORE_DROP = Reason.of("score-drop");

  static final double TOLERANCE = 1e-9;

  /** Check the numbers. */
  public EvalGate {
    Objects.requireNonNull(scoredBy, "scoredBy");
    if (scoredBy.isBlank()) {
      throw new IllegalArgumentException("an eval gate needs the name of a judge");
    }
    if (minBaselineRuns < 1 || baselineWindow < minBaselineRuns || baselineWindow > MOST_SCORES) {
      throw new IllegalArgumentException(
          "an eval gate needs 1 <= minBaselineRuns <= baselineWindow <= "
              + MOST_SCORES
              + ", not "
              + minBaselineRuns
              + " and "
              + baselineWindow);
    }
    if (!(warnThreshold > 0 && blockThreshold >= warnThreshold && blockThreshold <= 1)) {
      throw new IllegalArgumentException(
          "an eval gate needs 0 < warnThreshold <= blockThreshold <= 1, not "
              + warnThreshold
              + " and "
              + blockThreshold);
    }
  }

  /** {@return a gate with the numbers of the requirements, on what this judge says} */
  public static EvalGate scoredBy(String judge) {
    return new EvalGate(
        judge, MIN_BASELINE_RUNS, BASELINE_WINDOW, WARN_THRESHOLD, BLOCK_THRESHOLD, false);
  }

  /** {@return the same with another number of scores that are needed, and that count} */
  public EvalGate baseline(int atLeast, int atMost) {
    return new EvalGate(scoredBy, atLeast, atMost, warnThreshold, blockThreshold, failClosed);
  }

  /** {@return the same with other drops} */
  public EvalGate thresholds(double warn, double block) {
    return new EvalGate(scoredBy, minBaselineRuns, baselineWindow, warn, block, failClosed);
  }

  /** {@return the same, that blocks while there are too few scores} */
  public EvalGate failingClosed() {
    return new EvalGate(
        scoredBy, minBaselineRuns, baselineWindow, warnThreshold, blockThreshold, true);
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
    if (baseline.size() < minBaselineRuns) {
      return tooFew(baseline.size());
    }
    double mean = baseline.stream().mapToDouble(Double::doubleValue).sum() / baseline.size();
    return compared(baseline.size(), mean, mean - score);
  }

  /**
   * {@return what this gate would have said where another has said that; empty when what that has
   * kept does not tell}
   */
  public Optional<EvalDecision> again(EvalDecision before) {
    if (before.baselineWindow() != baselineWindow) {
      return Optional.empty();
    } else if (before.baselineSampleSize() < minBaselineRuns) {
      return Optional.of(tooFew(before.baselineSampleSize()));
    } else if (before.baselineScore().isEmpty() || before.scoreDrop().isEmpty()) {
      return Optional.empty();
    }
    double mean = before.baselineScore().getAsDouble();
    double drop = before.scoreDrop().getAsDouble();
    return Optional.of(compared(before.baselineSampleSize(), mean, drop));
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
        "it is judged from " + minBaselineRuns + " earlier scores on, and there are " + size);
  }

  private EvalDecision compared(int size, double mean, double drop) {
    EvalDecision.Outcome outcome = outcome(drop);
    return new EvalDecision(
        outcome,
        size,
        minBaselineRuns,
        baselineWindow,
        OptionalDouble.of(mean),
        OptionalDouble.of(drop),
        outcome == EvalDecision.Outcome.PASS ? List.of() : List.of(SCORE_DROP),
        "score "
            + EvalDecision.rounded(mean - drop)
            + " against "
            + EvalDecision.rounded(mean)
            + " in "
            + size
            + " earlier ones");
  }

  private EvalDecision.Outcome outcome(double drop) {
    if (drop >= blockThreshold - TOLERANCE) {
      return EvalDecision.Outcome.BLOCK;
    }
    return drop >= warnThreshold - TOLERANCE
        ? EvalDecision.Outcome.WARN
        : EvalDecision.Outcome.PASS;
  }

  /**
   * Check a score.
   *
   * @throws IllegalArgumentException if it is not from 0 to 1
   */
  public static void requireScore(double score) {
    if (!(score >= 0 && score <= 1)) {
      throw new IllegalArgumentException("a score is a number from 0 to 1, not " + score);
    }
  }
}
