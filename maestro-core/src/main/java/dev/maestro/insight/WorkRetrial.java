package dev.maestro.insight;

import dev.maestro.gate.Receipt;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Observed;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Until;
import dev.maestro.policy.Verdict;
import dev.maestro.run.Try;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Checkpoint;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Whether the recorded work of an attempt, whose gates passed, would have been good enough. */
final class WorkRetrial {

  private final AttemptRecord attempt;
  private final Policies now;
  private final Function<BlobId, Optional<byte[]>> blobs;

  WorkRetrial(AttemptRecord attempt, Policies now, Function<BlobId, Optional<byte[]>> blobs) {
    this.attempt = attempt;
    this.now = now;
    this.blobs = blobs;
  }

  /** {@return what it would have been for an agent to say that it is done} */
  Outcome until() {
    Until until = now.until();
    if (until == null || !attempt.task.step().action().isAgents() || !cameThroughGates()) {
      return Outcome.WENT_ON;
    }
    return said().map(text -> Retrial.outcomeOf(until.judge(text))).orElse(Outcome.UNKNOWN);
  }

  /** {@return what confidence would have made of it} */
  Outcome confidence() {
    Confidence confidence = now.confidence();
    if (confidence == null || !cameThroughGates()) {
      return Outcome.WENT_ON;
    }
    Optional<String> said = said();
    if (said.isEmpty()) {
      return Outcome.UNKNOWN;
    }
    // what judges would have said is not recorded, nor how many files differ where nothing is kept
    List<List<Double>> judges =
        confidence.judges().isEmpty()
            ? List.of(List.of())
            : List.of(all(confidence, 0), all(confidence, 1));
    List<Integer> files = knowsFiles() ? List.of(attempt.changed) : List.of(0, Integer.MAX_VALUE);
    return judges.stream()
        .flatMap(some -> files.stream().map(many -> observed(some, many, said.get())))
        .map(seen -> Retrial.outcomeOf(judge(confidence, seen)))
        .distinct()
        .reduce((one, other) -> Outcome.UNKNOWN)
        .orElseThrow();
  }

  /** {@return what an eval gate would have made of the score that is recorded} */
  Outcome evalGate() {
    EvalGate gate = now.evalGate();
    if (gate == null || !cameThroughGates() || wasRefusedBeforeItsScore()) {
      return Outcome.WENT_ON;
    }
    return attempt.scored == null || !attempt.scored.scoredBy().equals(gate.scoredBy())
        ? Outcome.UNKNOWN
        : gate.again(attempt.scored.decision())
            .map(decision -> Retrial.outcomeOf(decision.verdict()))
            .orElse(Outcome.UNKNOWN);
  }

  private boolean wasRefusedBeforeItsScore() {
    return attempt.check != null
        && attempt.check.trouble() != null
        && !attempt.check.trouble().reason().equals(Reason.EVAL_BLOCKED);
  }

  private static List<Double> all(Confidence confidence, double score) {
    return confidence.judges().stream().map(name -> score).toList();
  }

  /** {@return whether these rules were asked, or would have been: nothing before them failed} */
  private boolean cameThroughGates() {
    return attempt.check != null
        && (attempt.check.trouble() == null || Retrial.isOfWork(attempt.check.trouble().reason()));
  }

  private boolean knowsFiles() {
    Checkpoint left = attempt.check == null ? null : attempt.check.checkpoint();
    return left != null && !left.id().equals(left.tree());
  }

  private Observed observed(List<Double> judges, int files, String said) {
    List<Try> before = attempt.task.tries();
    Checkpoint left = attempt.check == null ? null : attempt.check.checkpoint();
    return new Observed(
        gatesPassed(),
        files,
        before.size(),
        left != null && before.stream().anyMatch(one -> left.tree().equals(one.tree())),
        Try.sameErrors(before),
        attempt.judgments.stream().anyMatch(Judgment::deniesTool),
        judges,
        attempt.task.step().action().isAgents() ? said : "");
  }

  private int gatesPassed() {
    return attempt.check == null
        ? 0
        : (int) attempt.check.receipts().stream().filter(Receipt::passed).count();
  }

  private Finding judge(Confidence confidence, Observed seen) {
    Finding finding = confidence.judge(seen, false, "");
    boolean last =
        finding.verdict() instanceof Verdict.Refuse refuse
            && attempt.task.wouldBeItsLast(now, refuse, attempt.changed, null);
    return last ? confidence.judge(seen, true, "") : finding;
  }

  /** {@return what the agent said last, if all of it is recorded} */
  private Optional<String> said() {
    return attempt.cut ? Optional.empty() : attempt.said(blobs);
  }
}
