package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * What an {@link EvalGate} says of a score, with its numbers.
 *
 * @param decision pass in silence, warn and go on, or block: the step halts and has failed
 * @param baselineSampleSize how many earlier scores it was compared with
 * @param minBaselineRuns how many are needed
 * @param baselineWindow how many are looked at
 * @param baselineScore their mean, if there were enough
 * @param scoreDrop by how much the score is lower, if there were enough; negative if it is higher
 * @param reasonCodes why
 * @param message one sentence for a person
 */
public record EvalDecision(
    Outcome decision,
    int baselineSampleSize,
    int minBaselineRuns,
    int baselineWindow,
    OptionalDouble baselineScore,
    OptionalDouble scoreDrop,
    List<Reason> reasonCodes,
    String message) {

  /** What follows. */
  public enum Outcome {
    /** Nothing. */
    PASS,
    /** It is recorded; the step goes on. */
    WARN,
    /** The step halts and has failed. */
    BLOCK
  }

  /** Check that nothing is missing. */
  public EvalDecision {
    Objects.requireNonNull(decision, "decision");
    Objects.requireNonNull(baselineScore, "baselineScore");
    Objects.requireNonNull(scoreDrop, "scoreDrop");
    reasonCodes = List.copyOf(reasonCodes);
    Objects.requireNonNull(message, "message");
  }

  /** {@return whether the step may go on} */
  public Verdict verdict() {
    return decision == Outcome.BLOCK
        ? new Verdict.Refuse(Reason.EVAL_BLOCKED, message, false)
        : Verdict.proceed();
  }

  /** {@return whether the score is one that later ones are compared with} */
  public boolean counts() {
    return decision != Outcome.BLOCK || !reasonCodes.contains(EvalGate.SCORE_DROP);
  }

  /** {@return what the chain of a run says of it} */
  public Judgment judgment(double score) {
    boolean blocks = decision == Outcome.BLOCK;
    Reason first = reasonCodes.isEmpty() ? null : reasonCodes.get(0);
    return new Judgment(
        EvalGate.RULE,
        Place.CONFIDENCE,
        blocks ? Judgment.Answer.REFUSE : Judgment.Answer.PROCEED,
        blocks ? Reason.EVAL_BLOCKED : first,
        message,
        numbers(score));
  }

  private Numbers numbers(double score) {
    Numbers numbers = Numbers.NONE.with("score", rounded(score)).with("scores", baselineSampleSize);
    return baselineScore.isEmpty()
        ? numbers.with("needed", minBaselineRuns)
        : numbers
            .with("baseline", rounded(baselineScore.getAsDouble()))
            .with("drop", rounded(scoreDrop.orElse(0)));
  }

  /** {@return the number as people read it} */
  static double rounded(double number) {
    return Math.round(number * 10_000) / 10_000.0;
  }
}
