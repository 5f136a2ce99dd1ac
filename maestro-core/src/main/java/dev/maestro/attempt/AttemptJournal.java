package dev.maestro.attempt;

import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.workspace.Checkpoint;
import java.util.Optional;

/** Where an attempt has something recorded while it goes on. */
public interface AttemptJournal {

  /**
   * Have the input decided on and made durable before this returns.
   *
   * @throws SupersededException when the run does not take it any more
   */
  void record(RunInput input);

  /**
   * {@return the id of what the run starts from: of this, made durable before this returns, unless
   * it began before}
   *
   * @throws SupersededException when the run does not take it any more
   */
  String begin(Checkpoint start);

  /**
   * {@return why a launch would have to wait that is as intended, if it would; nothing is recorded}
   */
  Optional<RunInput.Held> heldUp(RunEvent.Intent intent);

  /**
   * {@return whether the task would only be put off that ends so, and go on with the work that it
   * has; nothing is recorded}
   */
  boolean isPutOff(RunInput.ActEnded ended);

  /**
   * Have the launch of an agent decided on, and its intent made durable before this returns.
   *
   * @throws SupersededException when it is not to be launched: the run has moved the task on, or
   *     does not take it any more
   */
  Clearance intend(RunInput.Intend input);

  /**
   * Have the score of an attempt's work compared with those of earlier runs, and what came of it
   * made durable before this returns.
   *
   * @return what came of it; of an attempt that was scored before, what came of that
   * @throws SupersededException when the run does not take it any more
   */
  RunEvent.Scored score(RunInput.Score input);
}
