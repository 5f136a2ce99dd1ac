package dev.maestro.insight;

import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.policy.SecretGuard;
import dev.maestro.policy.SecretShapes;
import dev.maestro.policy.Subject;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a guardrail that was not on would have said of a recorded attempt.
 *
 * <p>It would have read all of a text. What is recorded has gone without secrets since, so that a
 * text of which something was taken out says nothing for certain; how many secrets there were, the
 * guard that took them out has said.
 */
final class GuardRetrial {

  private static final String FOUND = "found";

  private final AttemptRecord attempt;
  private final Function<BlobId, Optional<byte[]>> blobs;
  private boolean spared;

  GuardRetrial(AttemptRecord attempt, Function<BlobId, Optional<byte[]>> blobs) {
    this.attempt = attempt;
    this.blobs = blobs;
  }

  /** {@return whether it would have stopped a launch} */
  boolean isSpared() {
    return spared;
  }

  Outcome of(Guardrail guardrail) {
    if (guardrail instanceof SecretGuard secrets && attempt.policies.hideSecrets()) {
      return asWasFound(secrets);
    }
    Outcome before = before(guardrail);
    spared |= before == Outcome.BLOCKED;
    return before.and(after(guardrail)).and(diff(guardrail)).and(tools(guardrail));
  }

  // ------------------------------------------------------------------ secrets, set the other way

  /** One that was on has looked at all of it; only what it makes of what it finds is another. */
  private Outcome asWasFound(SecretGuard secrets) {
    Outcome all = Outcome.WENT_ON;
    for (Judgment one : attempt.judgments) {
      if (one.rule().equals(SecretGuard.RULE)) {
        Outcome said = one.place() == Place.DIFF ? attempt.recorded(one) : ofText(secrets, one);
        spared |= one.place() == Place.GUARDRAILS && said == Outcome.BLOCKED;
        all = all.and(said);
      }
    }
    return all;
  }

  private static Outcome ofText(SecretGuard secrets, Judgment one) {
    BigDecimal found = one.numbers().values().getOrDefault(FOUND, BigDecimal.ZERO);
    if (found.signum() == 0) {
      return Outcome.WENT_ON;
    }
    return secrets.refuses() ? Outcome.BLOCKED : Outcome.DEGRADED;
  }

  // ------------------------------------------------------------------ anew

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
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .filter(this::isWhole)
        .map(Subject.Prompt::new)
        .flatMap(guardrail::check)
        .map(Retrial::outcomeOf)
        .orElse(Outcome.UNKNOWN);
  }

  private Outcome after(Guardrail guardrail) {
    boolean looked = attempt.acted && attempt.task.step().action().usesWorkspace();
    if (!looked || !concerns(guardrail, new Subject.Output(""))) {
      return Outcome.WENT_ON;
    } else if (attempt.output == null) {
      boolean unread = attempt.failedAs(Reason.INVALID_OUTPUT);
      return unread ? Outcome.UNKNOWN : Outcome.WENT_ON;
    }
    Outcome said =
        attempt
            .said(blobs)
            .filter(this::isWhole)
            .flatMap(text -> guardrail.check(new Subject.Output(text)))
            .map(Retrial::outcomeOf)
            .orElse(Outcome.UNKNOWN);
    // of an answer with JSON in it, the JSON is what is kept
    boolean part = attempt.cut || attempt.task.step().json();
    return part && said == Outcome.WENT_ON ? Outcome.UNKNOWN : said;
  }

  private boolean isWhole(String text) {
    boolean hides = attempt.declaresSecrets || attempt.policies.hideSecrets();
    return !hides || !text.contains(SecretShapes.MARK);
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
}
