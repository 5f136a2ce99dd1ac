package dev.maestro.attempt;

import dev.maestro.failure.PermanentException;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Standing;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceRequest;
import dev.maestro.workspace.Workspaces;
import java.util.Optional;

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

  /** Open it, and have it recorded before that what the run starts from, if nothing says so yet. */
  static Opening open(Assignment a, Workspaces workspaces) throws InterruptedException {
    return SteadyWorkspace.steadily(a.cancellation(), () -> workspaces.open(begun(a, workspaces)));
  }

  private static WorkspaceRequest begun(Assignment a, Workspaces workspaces) {
    WorkspaceRequest request = a.workspace();
    Standing standing = request.standing();
    if (standing == null || standing.start() != null) {
      return request;
    }
    Optional<Checkpoint> now = workspaces.start();
    return now.isEmpty() ? request : request.startingFrom(a.journal().begin(now.get()));
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
