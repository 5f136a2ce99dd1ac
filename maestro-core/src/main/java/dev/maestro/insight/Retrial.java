package dev.maestro.insight;

import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Retries;
import dev.maestro.policy.SecretGuard;
import dev.maestro.policy.Signoff;
import dev.maestro.policy.Subject;
import dev.maestro.policy.Until;
import dev.maestro.policy.Verdict;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** One recorded attempt under other policies. */
final class Retrial {

  private static final String SIGN_OFF = "sign-off";
  private static final String BUDGET = "budget";

  private final AttemptRecord attempt;
  private final Policies now;
  private final Function<BlobId, Optional<byte[]>> blobs;
  private Outcome outcome = Outcome.WENT_ON;
  private String rule = "";
  private boolean spared;

  Retrial(AttemptRecord attempt, Policies now, Function<BlobId, Optional<byte[]>> blobs) {
    this.attempt = attempt;
    this.now = now;
    this.blobs = blobs;
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
    for (Guardrail guardrail : now.guardrails()) {
      if (then.guardrails().contains(guardrail)) {
        hold(recorded(guardrail.rule()), guardrail.rule());
      } else {
        hold(fresh(guardrail), guardrail.rule());
      }
    }
    oversee(then.oversight());
    holdWhatNoPolicySaid(then);
    if (attempt.was != Outcome.WENT_ON && wasHeldUpByWhatIsOffNow()) {
      hold(Outcome.UNKNOWN, lastRule());
    }
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
    boolean open = before.compareTo(fresh) > 0 && !isAboutOthers(name);
    hold(open ? Outcome.UNKNOWN : fresh, name);
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
        .map(this::recorded)
        .reduce(Outcome.WENT_ON, Outcome::and);
  }

  /** What a rule asked that had been answered already, or said of the run, held nothing up. */
  private Outcome recorded(Judgment judgment) {
    Outcome said = outcomeOf(judgment.answer());
    return said.compareTo(attempt.was) > 0 ? attempt.was : said;
  }

  private static Outcome outcomeOf(Judgment.Answer answer) {
    return switch (answer) {
      case PROCEED -> Outcome.WENT_ON;
      case DEGRADE -> Outcome.DEGRADED;
      case WAIT -> Outcome.PAUSED;
      case ASK -> Outcome.ASKED;
      case REFUSE -> Outcome.BLOCKED;
    };
  }

  /** Interceptors, and what was put off or stopped without a rule, are as they were. */
  private void holdWhatNoPolicySaid(Policies then) {
    Outcome said = Outcome.WENT_ON;
    for (Judgment one : attempt.judgments) {
      boolean ofPolicy =
          one.rule().equals(SIGN_OFF)
              || isTriedAgain(one.rule())
              || then.guardrails().stream().anyMatch(guard -> guard.rule().equals(one.rule()));
      said = said.and(recorded(one));
      if (!ofPolicy) {
        hold(recorded(one), one.rule());
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
    boolean guard = attempt.policies.guardrails().stream().anyMatch(one -> one.rule().equals(last));
    boolean guards = now.guardrails().stream().anyMatch(one -> one.rule().equals(last));
    boolean people = last.equals(SIGN_OFF) && !now.oversight().equals(attempt.policies.oversight());
    return guard && !guards || people && outcome != Outcome.ASKED;
  }

  // ------------------------------------------------------------------ anew

  private Outcome fresh(Guardrail guardrail) {
    Outcome before = before(guardrail);
    spared |= before == Outcome.BLOCKED;
    return before.and(after(guardrail)).and(diff(guardrail)).and(tools(guardrail));
  }

  private Outcome before(Guardrail guardrail) {
    return switch (attempt.task.step().action().kind()) {
      case AGENT, PLAN -> onPrompt(guardrail);
      case COMMAND ->
          // what the words of the command were is not recorded
          concerns(guardrail, new Subject.Prompt("")) ? Outcome.UNKNOWN : Outcome.WENT_ON;
      default -> Outcome.WENT_ON;
    };
  }

  private Outcome onPrompt(Guardrail guardrail) {
    if (!concerns(guardrail, new Subject.Prompt(""))) {
      return Outcome.WENT_ON;
    } else if (attempt.intent == null) {
      // what somebody was told who has claimed it, and brought the work, is not recorded
      return attempt.acted ? Outcome.UNKNOWN : Outcome.WENT_ON;
    }
    return blobs
        .apply(new BlobId(attempt.intent.promptHash()))
        .map(bytes -> new Subject.Prompt(new String(bytes, StandardCharsets.UTF_8)))
        .flatMap(guardrail::check)
        .map(Retrial::outcomeOf)
        .orElse(Outcome.UNKNOWN);
  }

  private Outcome after(Guardrail guardrail) {
    boolean looked = attempt.acted && attempt.task.step().action().usesWorkspace();
    if (!looked || !concerns(guardrail, new Subject.Output(""))) {
      return Outcome.WENT_ON;
    }
    if (attempt.output instanceof Value.Inline inline) {
      return guardrail
          .check(new Subject.Output(Value.textOf(inline.json())))
          .map(Retrial::outcomeOf)
          .orElse(Outcome.WENT_ON);
    }
    return attempt.output == null ? Outcome.WENT_ON : Outcome.UNKNOWN;
  }

  /** The journal counts the files that changed and does not name them. */
  private Outcome diff(Guardrail guardrail) {
    boolean looked = concerns(guardrail, new Subject.Diff(List.of(), null));
    return looked && attempt.verified && attempt.changed > 0 ? Outcome.UNKNOWN : Outcome.WENT_ON;
  }

  /** What an agent did with its tools is recorded only where a rule looked at it. */
  private Outcome tools(Guardrail guardrail) {
    return attempt.task.step().action().isAgents()
            && attempt.intent != null
            && watchesTools(guardrail)
        ? Outcome.UNKNOWN
        : Outcome.WENT_ON;
  }

  private static boolean watchesTools(Guardrail guardrail) {
    return !(guardrail instanceof SecretGuard);
  }

  private static boolean concerns(Guardrail guardrail, Subject subject) {
    return guardrail.check(subject).isPresent();
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

  // ------------------------------------------------------------------ people

  private void oversee(Oversight then) {
    Oversight oversight = now.oversight();
    Step step = attempt.task.step();
    boolean isCode = step.action().kind() == Action.Kind.CODE;
    if (oversight.equals(then)) {
      hold(recorded(SIGN_OFF), SIGN_OFF);
      return;
    } else if (!isCode && !step.action().usesWorkspace()) {
      // what only has others inside, or waits, is signed off by nobody
      return;
    }
    Signoff signoff = oversight.signoff(oversight.effectiveRisk());
    boolean atWork = attempt.acted || attempt.intent != null;
    boolean isSignedOff = signoff.beforeMerge(attempt.receipts);
    boolean isReviewed = oversight.review() || isSignedOff && (!isCode || step.mergeInto() == null);
    // nothing of code is verified; what it returned is looked at in its place
    boolean returned = attempt.acted && attempt.failures.isEmpty();
    boolean passed = attempt.verified || attempt.merging || isCode && returned;
    if (atWork && signoff.beforeAct() || passed && isReviewed) {
      hold(Outcome.ASKED, SIGN_OFF);
    }
  }
}
