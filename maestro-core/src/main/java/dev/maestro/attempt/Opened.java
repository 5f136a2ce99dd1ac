package dev.maestro.attempt;

import dev.maestro.failure.TransientException;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.Workspaces;

/** Opens the workspace of an assignment, or stops the attempt. */
final class Opened {

  private static final int TRIES = 3;

  private Opened() {}

  static Workspace of(Assignment a, Workspaces workspaces) throws InterruptedException {
    Opening opening = open(a, workspaces);
    if (opening instanceof Opening.Opened opened) {
      return opened.workspace();
    }
    throw new StoppedException(refusal(opening));
  }

  /** Opening may be called again: what fails for a moment is no reason to spend an attempt. */
  private static Opening open(Assignment a, Workspaces workspaces) throws InterruptedException {
    for (int tried = 1; ; tried++) {
      try {
        return workspaces.open(a.workspace());
      } catch (TransientException e) {
        if (tried == TRIES || a.cancellation().isCancelled()) {
          throw e;
        }
      }
    }
  }

  private static Verdict.Refuse refusal(Opening opening) {
    if (opening instanceof Opening.Conflict conflict) {
      String where = conflict.message() + ": " + Lists.inOneLine(conflict.paths());
      return new Verdict.Refuse(Reason.MERGE_CONFLICT, where, true);
    }
    Opening.Refused refused = (Opening.Refused) opening;
    return new Verdict.Refuse(Reason.NO_WORKSPACE, refused.message(), true);
  }
}
