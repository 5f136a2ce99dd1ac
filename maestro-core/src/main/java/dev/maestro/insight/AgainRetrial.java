package dev.maestro.insight;

import dev.maestro.pipeline.Action;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Retries;
import dev.maestro.run.Try;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a recorded attempt that failed would have been followed by another, and on which route.
 */
final class AgainRetrial {

  private final AttemptRecord attempt;
  private final Policies then;
  private final Policies now;

  AgainRetrial(AttemptRecord attempt, Policies then, Policies now) {
    this.attempt = attempt;
    this.then = then;
    this.now = now;
  }

  private boolean failed() {
    return !attempt.failures.isEmpty();
  }

  /** {@return whether a breaker would have opened after it} */
  Outcome breaker() {
    LoopBreaker breaker = now.breaker();
    if (breaker == null || !failed()) {
      return Outcome.WENT_ON;
    }
    LoopBreaker.Seen seen = breaker.closed();
    for (Try one : attempt.failures) {
      seen = breaker.after(seen, one.changed(), Optional.of(one.error()));
    }
    return Retrial.outcomeOf(breaker.verdict(seen));
  }

  /** {@return whether a ceiling by cause would have been passed with it} */
  Outcome retries() {
    Retries retries = now.retries();
    return retries == null || !failed()
        ? Outcome.WENT_ON
        : Retrial.outcomeOf(retries.judge(attempt.failures.size() - checks(), checks()));
  }

  private int checks() {
    return (int) attempt.failures.stream().filter(Try::check).count();
  }

  /** {@return what a ladder would have made of it: another route, or an end} */
  Outcome ladder() {
    return route().and(end());
  }

  /** What another model would have made of it nobody knows. */
  private Outcome route() {
    if (attempt.intent == null) {
      return Outcome.WENT_ON;
    }
    String wanted = wanted(now);
    boolean same = Objects.equals(wanted, wanted(then));
    return same || Objects.equals(wanted, attempt.intent.model())
        ? Outcome.WENT_ON
        : Outcome.UNKNOWN;
  }

  private @Nullable String wanted(Policies policies) {
    Ladder ladder = policies.ladder();
    if (ladder != null && !ladder.models().isEmpty()) {
      return ladder.models().get(ladder.rung(attempt.task.failedChecks()).orElseThrow() - 1);
    }
    Action action = attempt.task.step().action();
    return action instanceof Action.Agent agent
        ? agent.model()
        : action instanceof Action.Plan plan ? plan.model() : null;
  }

  private Outcome end() {
    Ladder ladder = now.ladder();
    if (ladder == null || !failed()) {
      return Outcome.WENT_ON;
    }
    boolean usedUp = ladder.isUsedUp(checks());
    if (ladder.person() && (usedUp || attempt.last)) {
      return Outcome.ASKED;
    }
    return usedUp ? Outcome.BLOCKED : Outcome.WENT_ON;
  }
}
