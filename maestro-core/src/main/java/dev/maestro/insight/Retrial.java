package dev.maestro.insight;

import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Retries;
import dev.maestro.policy.Until;
import dev.maestro.policy.Verdict;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** One recorded attempt under other policies. */
final class Retrial {

  private static final String BUDGET = "budget";

  private final AttemptRecord attempt;
  private final Policies now;
  private final Function<BlobId, Optional<byte[]>> blobs;
  private final boolean riskAsDeclared;
  private Outcome outcome = Outcome.WENT_ON;
  private String rule = "";
  private boolean spared;

  Retrial(AttemptRecord attempt, Policies now, RecordedRun run) {
    this.attempt = attempt;
    this.now = now;
    this.blobs = run.blobs();
    this.riskAsDeclared = run.riskAsDeclared();
    judge();
  }

  Outcome outcome() {
    return outcome;
  }

  /** {@return which rule held it up most; nothing when none did} */
  String rule() {
    return rule;
  }

  /** {@return whether a rule that is new, or other than it was, would have stopped its launch} */
  boolean isSpared() {
    return spared;
  }

  private void judge() {
    Policies then = attempt.policies;
    if (now.equals(then)) {
      hold(attempt.was, lastRule());
      return;
    }
    if (!rest(now).equals(rest(then))) {
      hold(Outcome.UNKNOWN, "policies that are not tried again");
    }
    tryRulesAgain(then);
    tryGuardrails(then);
    boolean sameOversight = now.oversight().equals(then.oversight());
    hold(
        sameOversight
            ? recorded(SignoffRetrial.RULE)
            : new SignoffRetrial(attempt, now.oversight(), riskAsDeclared).outcome(),
        SignoffRetrial.RULE);
    holdWhatNoPolicySaid(then);
    if (attempt.was != Outcome.WENT_ON && wasHeldUpByWhatIsOffNow()) {
      hold(Outcome.UNKNOWN, lastRule());
    }
  }

  private void tryGuardrails(Policies then) {
    GuardRetrial guards = new GuardRetrial(attempt, blobs);
    for (Guardrail guardrail : now.guardrails()) {
      boolean same = then.guardrails().contains(guardrail);
      hold(same ? asItWas(guardrail, then) : guards.of(guardrail), guardrail.rule());
    }
    spared |= guards.isSpared();
  }

  /** Of several with one name the record does not tell which one spoke. */
  private Outcome asItWas(Guardrail guardrail, Policies then) {
    Outcome was = recorded(guardrail.rule());
    boolean another =
        then.guardrails().stream()
            .anyMatch(
                one -> one.rule().equals(guardrail.rule()) && !now.guardrails().contains(one));
    return another && was != Outcome.WENT_ON ? Outcome.UNKNOWN : was;
  }

  private void hold(Outcome by, String name) {
    Outcome held = outcome.and(by);
    if (held != outcome) {
      outcome = held;
      rule = name;
    }
  }

  /** {@return what is not tried again: of that, the record does not hold enough} */
  private static Policies rest(Policies all) {
    Policies rest = Policies.NONE.failureWindow(all.failureWindow());
    return all.resume() == null ? rest : rest.resume(all.resume());
  }

  // ------------------------------------------------------------------ rules of work and of
  // attempts

  private void tryRulesAgain(Policies then) {
    WorkRetrial work = new WorkRetrial(attempt, now, blobs);
    AgainRetrial again = new AgainRetrial(attempt, then, now);
    boolean sameLadder = Objects.equals(now.ladder(), then.ladder());
    // what is asked when no attempt is left depends on what ends attempts
    boolean sameEnd =
        sameLadder
            && Objects.equals(now.until(), then.until())
            && Objects.equals(now.breaker(), then.breaker())
            && Objects.equals(now.retries(), then.retries());
    boolean sameConfidence = sameEnd && Objects.equals(now.confidence(), then.confidence());
    tryAgain(Until.RULE, Objects.equals(now.until(), then.until()), work::until);
    tryAgain(Confidence.RULE, sameConfidence, work::confidence);
    boolean sameGate = Objects.equals(now.evalGate(), then.evalGate());
    tryAgain(EvalGate.RULE, sameGate, work::evalGate);
    tryAgain(LoopBreaker.RULE, Objects.equals(now.breaker(), then.breaker()), again::breaker);
    tryAgain(Retries.RULE, Objects.equals(now.retries(), then.retries()), again::retries);
    if (!sameLadder) {
      hold(again.ladder(), Ladder.RULE);
    }
    tryAgain(BUDGET, Objects.equals(now.budget(), then.budget()), this::budget);
  }

  private Outcome budget() {
    if (now.budget() == null) {
      return Outcome.WENT_ON;
    }
    Outcome answer = new BudgetRetrial(attempt, now.budget()).outcome();
    // a budget stops what has not been launched yet
    spared |= answer == Outcome.BLOCKED;
    return answer;
  }

  /** A rule that held an attempt up, and would do so less now, leaves open what came next. */
  private void tryAgain(String name, boolean same, Supplier<Outcome> anew) {
    Outcome before = recorded(name);
    if (same) {
      hold(before, name);
      return;
    }
    Outcome fresh = anew.get();
    boolean open = before.compareTo(fresh) > 0 && !isAboutOthers(name) && !isAnswered(name, before);
    hold(open ? Outcome.UNKNOWN : fresh, name);
  }

  /** What came next is on record where a budget only asked, and was told to go on. */
  private boolean isAnswered(String name, Outcome before) {
    return name.equals(BUDGET) && before == Outcome.ASKED && attempt.grantedByYes;
  }

  /** What these say is about attempts that may follow, and not about the one that has failed. */
  private static boolean isAboutOthers(String name) {
    return name.equals(LoopBreaker.RULE) || name.equals(Retries.RULE);
  }

  private static boolean isTriedAgain(String name) {
    return isAboutOthers(name)
        || name.equals(Until.RULE)
        || name.equals(Confidence.RULE)
        || name.equals(EvalGate.RULE)
        || name.equals(Ladder.RULE)
        || name.equals(BUDGET);
  }

  /** {@return whether work is refused for this reason after its gates have passed} */
  static boolean isOfWork(Reason reason) {
    return reason.equals(Until.NOT_DONE)
        || reason.equals(Reason.LOW_CONFIDENCE)
        || reason.equals(Reason.EVAL_BLOCKED);
  }

  // ------------------------------------------------------------------ as it was

  private Outcome recorded(String name) {
    return attempt.judgments.stream()
        .filter(one -> one.rule().equals(name))
        .map(attempt::recorded)
        .reduce(Outcome.WENT_ON, Outcome::and);
  }

  /** Interceptors, and what was put off or stopped without a rule, are as they were. */
  private void holdWhatNoPolicySaid(Policies then) {
    Outcome said = Outcome.WENT_ON;
    for (Judgment one : attempt.judgments) {
      boolean ofPolicy =
          one.rule().equals(SignoffRetrial.RULE)
              || isTriedAgain(one.rule())
              || then.guardrails().stream().anyMatch(guard -> guard.rule().equals(one.rule()));
      said = said.and(attempt.recorded(one));
      if (!ofPolicy) {
        hold(attempt.recorded(one), one.rule());
      }
    }
    boolean ofTheLadder = attempt.escalated && !Objects.equals(now.ladder(), then.ladder());
    if (attempt.was.compareTo(said) > 0 && !ofTheLadder) {
      // a launch that has used up its cap is asked about, or stopped, without a judgment
      boolean ofItsCap = then.budget() != null && !then.budget().equals(now.budget());
      hold(ofItsCap ? Outcome.UNKNOWN : attempt.was, ofItsCap ? BUDGET : "");
    }
  }

  private String lastRule() {
    String last = "";
    for (Judgment one : attempt.judgments) {
      last = one.answer() == Judgment.Answer.PROCEED ? last : one.rule();
    }
    return last;
  }

  private boolean wasHeldUpByWhatIsOffNow() {
    String last = lastRule();
    boolean guard =
        attempt.policies.guardrails().stream()
            .anyMatch(one -> one.rule().equals(last) && !now.guardrails().contains(one));
    boolean people =
        last.equals(SignoffRetrial.RULE)
            && !now.oversight().equals(attempt.policies.oversight())
            && outcome != Outcome.ASKED;
    return guard && outcome.compareTo(attempt.was) < 0 || people;
  }

  static Outcome outcomeOf(Finding finding) {
    return outcomeOf(finding.verdict());
  }

  static Outcome outcomeOf(Verdict verdict) {
    if (verdict instanceof Verdict.Refuse) {
      return Outcome.BLOCKED;
    } else if (verdict instanceof Verdict.Ask) {
      return Outcome.ASKED;
    } else if (verdict instanceof Verdict.Wait) {
      return Outcome.PAUSED;
    }
    return verdict instanceof Verdict.Degrade ? Outcome.DEGRADED : Outcome.WENT_ON;
  }
}
