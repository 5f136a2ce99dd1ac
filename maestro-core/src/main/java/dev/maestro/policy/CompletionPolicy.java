package dev.maestro.policy;

import dev.maestro.gate.Completion;
import dev.maestro.gate.CompletionSignal;
import dev.maestro.task.Reason;
import java.util.Objects;
import java.util.Optional;

/**
 * Lets an agent go on, attempt by attempt, until it says that it is done or a breaker opens.
 *
 * <p>This is the loop of the requirement M3-12: done is looked at first, so an agent that is done
 * in the very attempt that would open the breaker is done. An answer that does not speak of it, or
 * says that it is not done, asks the breaker.
 *
 * @param signal how it says so
 * @param breaker what ends a loop that gets nowhere
 * @param single whether there is only one attempt, whatever the agent says (the requirement M3-43)
 */
public record CompletionPolicy(CompletionSignal signal, LoopBreaker breaker, boolean single) {

  /** There was to be one attempt only. */
  public static final Reason SINGLE_TASK = Reason.of("single-task");

  /** Check that nothing is missing. */
  public CompletionPolicy {
    Objects.requireNonNull(signal, "signal");
    Objects.requireNonNull(breaker, "breaker");
  }

  /** {@return a loop under this signal and the limits by default} */
  public static CompletionPolicy until(CompletionSignal signal) {
    return new CompletionPolicy(signal, LoopBreaker.DEFAULT, false);
  }

  /**
   * {@return what follows an attempt}
   *
   * @param seen what the breaker had seen before
   * @param answer the agent's last answer; empty if there was none
   * @param changed how many files it changed
   * @param error what it failed with
   */
  public Next after(LoopBreaker.Seen seen, String answer, int changed, Optional<String> error) {
    Optional<Completion> said = signal.read(answer);
    if (error.isEmpty() && said.filter(Completion::ready).isPresent()) {
      return new Next.Complete(said.get());
    }
    if (single) {
      return new Next.Stop(SINGLE_TASK, said);
    }
    LoopBreaker.Seen now = breaker.after(seen, changed, error);
    return now.opened()
        .<Next>map(why -> new Next.Stop(why, said))
        .orElseGet(() -> new Next.Continue(now, said));
  }

  /** What follows an attempt. */
  public sealed interface Next {

    /**
     * The agent says that it is done; gates decide whether it is.
     *
     * @param said what it says
     */
    record Complete(Completion said) implements Next {}

    /**
     * Another attempt.
     *
     * @param seen what the breaker has seen now
     * @param said what the agent says, if it speaks of it
     */
    record Continue(LoopBreaker.Seen seen, Optional<Completion> said) implements Next {}

    /**
     * No other attempt, though it is not done.
     *
     * @param why the code
     * @param said what the agent says, if it speaks of it
     */
    record Stop(Reason why, Optional<Completion> said) implements Next {}
  }
}
