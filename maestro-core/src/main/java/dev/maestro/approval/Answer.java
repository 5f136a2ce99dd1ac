package dev.maestro.approval;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a person answers.
 *
 * <p>An answer is about what was shown. Give it {@link #to} the question that the person has looked
 * at: when that question shows something else by then, the answer is refused as stale, and nothing
 * changes. An answer that does not say what it is about is taken for one to the question as it is,
 * whose name stands for one showing only.
 *
 * @param decision yes, no, or not like this
 * @param text why, or what the next attempt should know; may be empty, but not where changes are
 *     requested
 * @param hash what the person has seen, as {@link Question#hash()} names it, or null when nobody
 *     says
 */
public record Answer(Decision decision, String text, @Nullable String hash) {

  /** Yes, no, or not like this; silence is none of them, and becomes a no where it may. */
  public enum Decision {
    /** Go on. */
    APPROVE,
    /** Do not go on. */
    REJECT,
    /** Do it again, and otherwise: the text says how. */
    CHANGES
  }

  /** Check that nothing required is missing. */
  public Answer {
    Objects.requireNonNull(decision, "decision");
    Objects.requireNonNull(text, "text");
    if (decision == Decision.CHANGES && text.isBlank()) {
      throw new IllegalArgumentException("whoever requests changes says which");
    }
  }

  /** Make an answer that does not say what it is about. */
  public Answer(Decision decision, String text) {
    this(decision, text, null);
  }

  /** {@return yes} */
  public static Answer approve() {
    return new Answer(Decision.APPROVE, "");
  }

  /** {@return no, and why} */
  public static Answer reject(String why) {
    return new Answer(Decision.REJECT, why);
  }

  /**
   * {@return not like this, and what is to be different}
   *
   * @param what not blank, at most 8 KiB; reaches whoever does the work again
   */
  public static Answer changes(String what) {
    return new Answer(Decision.CHANGES, what);
  }

  /** {@return the same answer, which holds for what this question shows and for nothing else} */
  public Answer to(Question question) {
    return new Answer(decision, text, question.hash());
  }

  /** {@return whether it is a yes} */
  public boolean isApproval() {
    return decision == Decision.APPROVE;
  }
}
