package dev.maestro.run;

import dev.maestro.gate.Receipt;
import dev.maestro.policy.Verdict;
import dev.maestro.workspace.Checkpoint;
import java.util.List;

/** How integrate ended. */
public sealed interface IntegrateResult {

  /**
   * The branch moved.
   *
   * @param merged to where
   */
  record Merged(Checkpoint merged) implements IntegrateResult {}

  /** Work that somebody has looked at is accepted, and nothing is to be merged. */
  record Accepted() implements IntegrateResult {}

  /**
   * The branch could not be moved, and somebody has to do something about it.
   *
   * @param trouble why
   */
  record Blocked(Trouble trouble) implements IntegrateResult {}

  /**
   * A person has to say first whether the branch may be moved.
   *
   * @param ask what to ask
   */
  record Asks(Verdict.Ask ask) implements IntegrateResult {}

  /**
   * A gate did not pass on the merged files.
   *
   * @param receipts of the gates that ran
   * @param trouble which
   */
  record GatesFailed(List<Receipt> receipts, Trouble trouble) implements IntegrateResult {}
}
