package dev.maestro.attempt;

import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.Workspaces;

/** Opens the workspace of an assignment, or stops the attempt. */
final class Opened {

  private Opened() {}

  static Workspace of(Assignment a, Workspaces workspaces) throws InterruptedException {
    Opening opening =
        SteadyWorkspace.steadily(a.cancellation(), () -> workspaces.open(a.workspace()));
    if (opening instanceof Opening.Opened opened) {
      return new SteadyWorkspace(opened.workspace(), a.cancellation());
    }
    throw new StoppedException(refusal(opening));
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
