package dev.maestro.policy;

import dev.maestro.approval.Shown;
import dev.maestro.task.Reason;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one kind of answer every policy gives; the engine turns it into a transition in one place.
 */
public sealed interface Verdict {

  /** {@return go on} */
  static Verdict proceed() {
    return Proceed.INSTANCE;
  }

  /** Go on. */
  record Proceed() implements Verdict {
    private static final Proceed INSTANCE = new Proceed();
  }

  /**
   * Go on with less.
   *
   * @param reason why
   * @param how what is given up
   */
  record Degrade(Reason reason, String how) implements Verdict {

    /** Check that nothing is missing. */
    public Degrade {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(how, "how");
    }
  }

  /**
   * A person has to say whether to go on.
   *
   * <p>A yes holds for this question with what it shows: whoever shows something else asks anew.
   *
   * @param reason why
   * @param question what to ask
   * @param shown what a yes is about, or null when the question says all of it
   */
  record Ask(Reason reason, String question, @Nullable Shown shown) implements Verdict {

    /** Check that nothing required is missing. */
    public Ask {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(question, "question");
    }

    /** Ask without anything to show but the question. */
    public Ask(Reason reason, String question) {
      this(reason, question, null);
    }
  }

  /**
   * Go on later; costs no attempt.
   *
   * @param reason why
   * @param until when to try again
   */
  record Wait(Reason reason, Instant until) implements Verdict {

    /** Check that nothing is missing. */
    public Wait {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(until, "until");
    }
  }

  /**
   * Do not go on.
   *
   * @param reason the code
   * @param why what was asked, the limit and what was left
   * @param recoverable whether somebody can change that: the task is then BLOCKED and keeps its
   *     attempts, otherwise the attempt has FAILED
   */
  record Refuse(Reason reason, String why, boolean recoverable) implements Verdict {

    /** Check that nothing is missing. */
    public Refuse {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(why, "why");
    }
  }
}
