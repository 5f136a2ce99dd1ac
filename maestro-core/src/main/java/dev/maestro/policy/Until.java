package dev.maestro.policy;

import dev.maestro.gate.Completion;
import dev.maestro.gate.CompletionSignal;
import dev.maestro.task.Reason;
import java.util.Objects;
import java.util.Optional;

/**
 * Lets an agent go on, attempt by attempt and in its session, until it says that it is done: the
 * requirements M3-08, M3-12, M3-27 and M3-43.
 *
 * <p>It is looked at when the gates have passed: what an agent says never takes the place of a
 * gate. An attempt that does not say so, or says that it is not, has failed for the reason {@code
 * not-done}; the next one goes on, within the step's attempts and until a {@link LoopBreaker}
 * opens.
 *
 * @param says how it says so
 * @param single whether there is only one attempt, whatever it says
 */
public record Until(Protocol says, boolean single) {

  /** The name of the rule in the chain of a run. */
  public static final String RULE = "until";

  /** It does not say that it is done. */
  public static final Reason NOT_DONE = Reason.of("not-done");

  /** How an agent says that it is done. */
  public enum Protocol {
    /** See {@link CompletionSignal#block()}. */
    BLOCK(CompletionSignal.block()),
    /** See {@link CompletionSignal#promise()}. */
    PROMISE(CompletionSignal.promise());

    private final CompletionSignal signal;

    Protocol(CompletionSignal signal) {
      this.signal = signal;
    }
  }

  /** Check that nothing is missing. */
  public Until {
    Objects.requireNonNull(says, "says");
  }

  /** {@return until its last answer has a block that says so} */
  public static Until block() {
    return new Until(Protocol.BLOCK, false);
  }

  /** {@return until its last answer has the words that say so} */
  public static Until promise() {
    return new Until(Protocol.PROMISE, false);
  }

  /** {@return the same with one attempt, whatever it says} */
  public Until once() {
    return new Until(says, true);
  }

  /** {@return whether this answer, the agent's last, says so} */
  public Finding judge(String answer) {
    Optional<Completion> said = says.signal.read(answer);
    return Finding.of(
        said.filter(Completion::ready).isPresent()
            ? Verdict.proceed()
            : new Verdict.Refuse(NOT_DONE, said.map(Until::why).orElse(SILENT), false));
  }

  private static final String SILENT = "the agent does not say whether it is done";

  private static String why(Completion said) {
    String why = "the agent says that it is not done" + said.reason().map(r -> ": " + r).orElse("");
    return said.blockers().isEmpty()
        ? why
        : why + "; blockers: " + String.join(", ", said.blockers());
  }
}
