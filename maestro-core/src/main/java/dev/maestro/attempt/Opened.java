package dev.maestro.attempt;

import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceRequest;
import dev.maestro.workspace.Workspaces;

/** Opens the workspace of an assignment, or stops the attempt. */
final class Opened {

  private Opened() {}

  static Workspace of(Assignment a, Workspaces workspaces) throws InterruptedException {
    Opening opening =
        workspaces.open(new WorkspaceRequest(a.attempt().key(), a.workspace(), a.bases()));
    if (opening instanceof Opening.Opened opened) {
      return opened.workspace();
    }
    Opening.Conflict conflict = (Opening.Conflict) opening;
    throw new StoppedException(
        new Verdict.Refuse(
            Reason.MERGE_CONFLICT,
            conflict.message() + ": " + String.join(", ", conflict.paths()),
            true));
  }
}
