package dev.maestro.attempt;

import dev.maestro.run.RunInput;

/** Where an attempt has something recorded while it goes on. */
@FunctionalInterface
public interface AttemptJournal {

  /**
   * Have the input decided on and made durable before this returns.
   *
   * @throws SupersededException when the run does not take it any more
   */
  void record(RunInput input);
}
