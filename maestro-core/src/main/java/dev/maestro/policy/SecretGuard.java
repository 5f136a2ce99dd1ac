package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Looks for secrets of known shapes, see {@link SecretShapes}, in what is sent, returned and
 * written.
 *
 * <p>Whatever is stored of a step for which it is on has them taken out, whichever way it is set.
 * Taking out alters a prompt before it is sent, and what the agent returns; files are never
 * altered, so a secret among the lines that were added always fails the attempt.
 *
 * <p>Where it is on for a whole pipeline, what a run is started with is stored without them, too;
 * or is no run, where they are refused.
 *
 * @param refuses whether a prompt or an answer with a secret is refused; otherwise it is taken out
 *     and the attempt goes on
 */
public record SecretGuard(boolean refuses) implements Guardrail {

  /** Its name. */
  public static final String RULE = "secrets";

  @Override
  public String rule() {
    return RULE;
  }

  @Override
  public Optional<Finding> check(Subject subject) {
    if (subject instanceof Subject.Prompt prompt) {
      return Optional.of(ofText("the prompt", prompt.text()));
    } else if (subject instanceof Subject.Output output) {
      return Optional.of(ofText("the answer", output.text()));
    } else if (subject instanceof Subject.Diff diff) {
      return Optional.of(ofDiff(diff));
    }
    return Optional.empty();
  }

  private Finding ofText(String what, String text) {
    List<String> found = SecretShapes.in(text);
    if (found.isEmpty()) {
      return Finding.of(Verdict.proceed());
    }
    String kinds = String.join(", ", found);
    Verdict verdict =
        refuses
            ? refuse(what + " holds what looks like a secret: " + kinds)
            : new Verdict.Degrade(
                Reason.GUARDRAIL_BLOCKED,
                "what looks like a secret was taken out of " + what + ": " + kinds);
    return new Finding(verdict, Numbers.of("found", found.size()));
  }

  private Finding ofDiff(Subject.Diff diff) {
    Subject.Lines text = diff.text();
    if (text == null) {
      return Finding.of(Verdict.proceed());
    }
    List<String> found = SecretShapes.in(text.added());
    if (!found.isEmpty() || text.declared() > 0) {
      String kinds = found.isEmpty() ? "a secret of the step" : String.join(", ", found);
      return new Finding(
          refuse("lines were added that hold what looks like a secret: " + kinds),
          Numbers.of("found", found.size() + text.declared()));
    }
    return text.cut() || PathGuard.unknown(diff.changes())
        ? Finding.of(
            new Verdict.Ask(
                Reason.GUARDRAIL_BLOCKED,
                "Not all that was changed could be searched for secrets. May the work go on?",
                diff.shown()))
        : Finding.of(Verdict.proceed());
  }

  private static Verdict refuse(String why) {
    return new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, why, false);
  }
}
