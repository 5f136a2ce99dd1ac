package dev.maestro.gate;

import java.util.List;
import java.util.Optional;

/**
 * How an agent says that it is done: a protocol that its prompt asks for and its last answer is
 * read by.
 *
 * <p>Reading is a pure function of the answer. Something missing, cut off or unclear is never read
 * as done.
 */
@FunctionalInterface
public interface CompletionSignal {

  /** {@return what the answer says, or nothing if it does not speak of it} */
  Optional<Completion> read(String answer);

  /**
   * {@return a block of lines between {@code <COMPLETION_GATE>} and {@code </COMPLETION_GATE>}}
   *
   * <p>The lines are {@code ready: true}, {@code reason: …}, {@code progress: …} and {@code
   * blockers:} followed by a list with dashes or in brackets. One pair of quotes round a value is
   * taken off, other fields are ignored, the last whole block counts. Done is only what says {@code
   * ready: true} and nowhere something else. This is the protocol of the requirements M3-08.
   */
  static CompletionSignal block() {
    return CompletionBlock::read;
  }

  /**
   * {@return the words {@code <promise>COMPLETE</promise>}, in exactly this spelling, anywhere in
   * the answer} This is the protocol of the requirement M3-27.
   */
  static CompletionSignal promise() {
    return answer ->
        answer.contains("<promise>COMPLETE</promise>")
            ? Optional.of(new Completion(true, Optional.empty(), Optional.empty(), List.of()))
            : Optional.empty();
  }
}
