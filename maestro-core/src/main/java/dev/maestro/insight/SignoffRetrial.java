package dev.maestro.insight;

import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Place;
import dev.maestro.task.Risk;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Whether people would have been asked about a recorded attempt.
 *
 * <p>Its risk is what the step declares, or what the application judged it to be where that is
 * more. How it was judged is recorded where people had something to say about it then; elsewhere it
 * may have been any risk, unless nobody judges.
 */
final class SignoffRetrial {

  /** What the rule is called in the chain of a run. */
  static final String RULE = "sign-off";

  private final AttemptRecord attempt;
  private final Oversight now;
  private final boolean riskAsDeclared;

  SignoffRetrial(AttemptRecord attempt, Oversight now, boolean riskAsDeclared) {
    this.attempt = attempt;
    this.now = now;
    this.riskAsDeclared = riskAsDeclared;
  }

  Outcome outcome() {
    Step step = attempt.task.step();
    boolean isCode = step.action().kind() == Action.Kind.CODE;
    if (!isCode && !step.action().usesWorkspace()) {
      // what only has others inside, or waits, is signed off by nobody
      return Outcome.WENT_ON;
    }
    return isCode ? before().and(ofCode(step)) : before().and(after(step));
  }

  private Outcome before() {
    boolean atWork = attempt.acted || attempt.intent != null;
    return atWork
        ? asked(Place.GUARDRAILS, risk -> now.signoff(risk).beforeAct())
        : Outcome.WENT_ON;
  }

  /** Nothing of code is verified, and nobody judges its risk once it has returned. */
  private Outcome ofCode(Step step) {
    boolean returned = attempt.acted && attempt.failures.isEmpty();
    boolean signedOff = now.signoff(now.effectiveRisk()).beforeMerge(0);
    boolean asked = now.review() || signedOff && step.mergeInto() == null;
    return returned && asked ? Outcome.ASKED : Outcome.WENT_ON;
  }

  private Outcome after(Step step) {
    boolean accepted = attempt.check != null && attempt.check.trouble() == null;
    if (now.review() && (accepted || attempt.merging)) {
      return Outcome.ASKED;
    }
    Place place = step.mergeInto() == null ? Place.CONFIDENCE : Place.MERGE;
    boolean reached = place == Place.MERGE ? cameToItsMerge() : accepted;
    return reached
        ? asked(place, risk -> now.signoff(risk).beforeMerge(attempt.receipts))
        : Outcome.WENT_ON;
  }

  /** What does not merge, or changes nothing there, is not asked about. */
  private boolean cameToItsMerge() {
    return attempt.merging || recorded(Place.MERGE).isPresent();
  }

  private Outcome asked(Place place, Predicate<Risk> wanted) {
    return risks(place)
        .map(risk -> wanted.test(risk) ? Outcome.ASKED : Outcome.WENT_ON)
        .distinct()
        .reduce((one, other) -> Outcome.UNKNOWN)
        .orElseThrow();
  }

  /** {@return what its risk may have been there} */
  private Stream<Risk> risks(Place place) {
    Risk declared = now.effectiveRisk();
    return judged(place).stream().map(one -> one.isAtLeast(declared) ? one : declared);
  }

  private List<Risk> judged(Place place) {
    Optional<Risk> recorded = recorded(place);
    Risk then = attempt.policies.oversight().effectiveRisk();
    if (recorded.isPresent() && recorded.get() != then) {
      // more than was declared: somebody has judged it so
      return List.of(recorded.get());
    } else if (riskAsDeclared) {
      return List.of(Risk.LOW);
    }
    Risk most = recorded.orElse(Risk.HIGH);
    return Stream.of(Risk.values()).filter(most::isAtLeast).toList();
  }

  private Optional<Risk> recorded(Place place) {
    return attempt.judgments.stream()
        .filter(one -> one.rule().equals(RULE) && one.place() == place)
        .map(SignoffRetrial::riskOf)
        .flatMap(Optional::stream)
        .reduce((earlier, later) -> later);
  }

  private static Optional<Risk> riskOf(Judgment judgment) {
    int number = judgment.numbers().values().getOrDefault("risk", BigDecimal.ZERO).intValue();
    return number < 1 || number > Risk.values().length
        ? Optional.empty()
        : Optional.of(Risk.values()[number - 1]);
  }
}
