package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one rule said at one place of an attempt, with which numbers: a link of the chain that a run
 * shows.
 *
 * @param rule which rule, such as {@code terms}; for an interceptor, the name it has on the builder
 * @param place where it was asked
 * @param answer what it said
 * @param reason the code, or null when it let the attempt go on
 * @param detail for people: what was asked and why it was not simply let through; may be empty
 * @param numbers what it counted with
 */
public record Judgment(
    String rule,
    Place place,
    Answer answer,
    @Nullable Reason reason,
    String detail,
    Numbers numbers) {

  /** The kinds of {@link Verdict}. */
  public enum Answer {
    /** Go on. */
    PROCEED,
    /** Go on with less. */
    DEGRADE,
    /** A person has to say whether to go on. */
    ASK,
    /** Go on later. */
    WAIT,
    /** Do not go on. */
    REFUSE
  }

  /** Check that nothing required is missing. */
  public Judgment {
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(answer, "answer");
    Objects.requireNonNull(detail, "detail");
    Objects.requireNonNull(numbers, "numbers");
  }

  /** {@return what a rule said that counted nothing} */
  public static Judgment of(String rule, Place place, Verdict verdict) {
    return of(rule, place, verdict, Numbers.NONE);
  }

  /** {@return what a rule said, with these numbers} */
  public static Judgment of(String rule, Place place, Verdict verdict, Numbers numbers) {
    if (verdict instanceof Verdict.Degrade degrade) {
      return new Judgment(rule, place, Answer.DEGRADE, degrade.reason(), degrade.how(), numbers);
    } else if (verdict instanceof Verdict.Ask ask) {
      return new Judgment(rule, place, Answer.ASK, ask.reason(), ask.question(), numbers);
    } else if (verdict instanceof Verdict.Wait wait) {
      String until = "until " + wait.until();
      return new Judgment(rule, place, Answer.WAIT, wait.reason(), until, numbers);
    } else if (verdict instanceof Verdict.Refuse refuse) {
      return new Judgment(rule, place, Answer.REFUSE, refuse.reason(), refuse.why(), numbers);
    }
    return new Judgment(rule, place, Answer.PROCEED, null, "", numbers);
  }

  /** {@return the same, with more about it for people} */
  public Judgment detail(String text) {
    return new Judgment(rule, place, answer, reason, text, numbers);
  }

  /** {@return whether an agent was not let use a tool} */
  public boolean deniesTool() {
    return place == Place.TOOL && answer == Answer.REFUSE;
  }

  /** {@return the code, unless it let the attempt go on} */
  public Optional<Reason> reasonCode() {
    return Optional.ofNullable(reason);
  }
}
