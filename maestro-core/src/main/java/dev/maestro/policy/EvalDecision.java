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
}
