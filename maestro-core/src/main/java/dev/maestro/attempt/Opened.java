package dev.maestro.attempt;

import dev.maestro.failure.PermanentException;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.Workspaces;

/** Opens the workspace of an assignment, or stops the attempt. */
final class Opened {

  private Opened() {}

  /** Open it before there is work in it: what is not as it should be can be mended first. */
  static Workspace of(Assignment a, Workspaces workspaces) throws InterruptedException {
    return of(a, open(a, workspaces));
  }

  /** Open it with the work in it: nobody can tell what that is worth where it was tampered with. */
  static Workspace again(Assignment a, Workspaces workspaces) throws InterruptedException {
    Opening opening = open(a, workspaces);
    if (opening instanceof Opening.Moved moved) {
      throw new PermanentException(moved.message());
    }
    return of(a, opening);
  }

  private static Opening open(Assignment a, Workspaces workspaces) throws InterruptedException {
    return SteadyWorkspace.steadily(a.cancellation(), () -> workspaces.open(a.workspace()));
  }

  private static Workspace of(Assignment a, Opening opening) {
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
    String why =
        opening instanceof Opening.Moved moved
            ? moved.message()
            : ((Opening.Refused) opening).message();
    return new Verdict.Refuse(Reason.NO_WORKSPACE, why, true);
  }
}
