package dev.maestro.insight;

import dev.maestro.policy.Finding;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Policies;
import dev.maestro.policy.SecretGuard;
import dev.maestro.policy.Signoff;
import dev.maestro.policy.Subject;
import dev.maestro.policy.TermGuard;
import dev.maestro.policy.Verdict;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** One recorded attempt under other policies. */
final class Retrial {

  private static final String SIGN_OFF = "sign-off";

  private final AttemptRecord attempt;
  private final Policies now;
  private final Function<BlobId, Optional<byte[]>> blobs;
  private Outcome outcome = Outcome.WENT_ON;
  private String rule = "";

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

  private void judge() {
    Policies then = attempt.policies;
    if (now.equals(then)) {
      hold(attempt.was, lastRule());
      return;
    }
    if (!rest(now).equals(rest(then))) {
      hold(Outcome.UNKNOWN, "policies that are not tried again");
    }
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

  /** {@return what this class does not try again} */
  private static Policies rest(Policies all) {
    Policies rest = all.oversight(Oversight.NONE);
    return rest.guardrails(List.of());
  }

  // ------------------------------------------------------------------ as it was

  private Outcome recorded(String name) {
    return attempt.judgments.stream()
        .filter(one -> one.rule().equals(name))
        .map(one -> outcomeOf(one.answer()))
        .reduce(Outcome.WENT_ON, Outcome::and);
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
    boolean judged = false;
    for (Judgment one : attempt.judgments) {
      boolean ofPolicy =
          one.rule().equals(SIGN_OFF)
              || then.guardrails().stream().anyMatch(guard -> guard.rule().equals(one.rule()));
      judged |= one.answer() != Judgment.Answer.PROCEED;
      if (!ofPolicy) {
        hold(outcomeOf(one.answer()), one.rule());
      }
    }
    if (!judged) {
      hold(attempt.was, "");
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
    return before(guardrail).and(after(guardrail)).and(diff(guardrail)).and(tools(guardrail));
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
    if (!concerns(guardrail, new Subject.Prompt("")) || attempt.intent == null) {
      return Outcome.WENT_ON;
    }
    return blobs
        .apply(new BlobId(attempt.intent.promptHash()))
        .map(bytes -> new Subject.Prompt(new String(bytes, StandardCharsets.UTF_8)))
        .flatMap(guardrail::check)
        .map(Retrial::outcomeOf)
        .orElse(Outcome.UNKNOWN);
  }

  private Outcome after(Guardrail guardrail) {
    if (!attempt.acted || !concerns(guardrail, new Subject.Output(""))) {
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
    boolean agent =
        switch (attempt.task.step().action().kind()) {
          case AGENT, PLAN -> true;
          default -> false;
        };
    return agent && attempt.intent != null && watchesTools(guardrail)
        ? Outcome.UNKNOWN
        : Outcome.WENT_ON;
  }

  private static boolean watchesTools(Guardrail guardrail) {
    return !(guardrail instanceof TermGuard) && !(guardrail instanceof SecretGuard);
  }

  private static boolean concerns(Guardrail guardrail, Subject subject) {
    return guardrail.check(subject).isPresent();
  }

  private static Outcome outcomeOf(Finding finding) {
    Verdict verdict = finding.verdict();
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
    if (oversight.equals(then)) {
      hold(recorded(SIGN_OFF), SIGN_OFF);
      return;
    }
    Signoff signoff = oversight.signoff(oversight.effectiveRisk());
    boolean atWork = attempt.acted || attempt.intent != null;
    boolean isReviewed = oversight.review() || signoff.beforeMerge(attempt.receipts);
    boolean passed = attempt.verified || attempt.merging;
    if (atWork && signoff.beforeAct() || passed && isReviewed) {
      hold(Outcome.ASKED, SIGN_OFF);
    }
  }
}
