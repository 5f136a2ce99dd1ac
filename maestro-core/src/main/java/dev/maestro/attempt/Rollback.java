package dev.maestro.attempt;

import dev.maestro.failure.PermanentException;
import dev.maestro.run.RunEvent;
import dev.maestro.task.Actor;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.util.List;

/** Puts the files of a task back to what was accepted of it last, and keeps what they were. */
final class Rollback {

  private static final PathGlobs EVERYTHING = PathGlobs.of("**");

  private final Tools tools;

  Rollback(Tools tools) {
    this.tools = tools;
  }

  RunEvent.RolledBack run(Assignment a, Actor actor) throws InterruptedException {
    if (!tools.workspaces().capabilities().checkpoints()) {
      throw new PermanentException(
          "the files in "
              + tools.workspaces().description()
              + " cannot be put back, because nothing keeps what they were; use a git repository");
    }
    try (Workspace workspace = Opened.of(a, tools.workspaces())) {
      return putBack(a, workspace, actor);
    }
  }

  private RunEvent.RolledBack putBack(Assignment a, Workspace workspace, Actor actor)
      throws InterruptedException {
    Checkpoint to = workspace.head();
    List<Change> changes = workspace.changesSince(to);
    Checkpoint kept = changes.isEmpty() ? to : putBack(a, workspace, to);
    return new RunEvent.RolledBack(
        tools.time().instant(), a.attempt().task(), to, kept, changes.size(), actor);
  }

  /** {@return what stood there} */
  static Checkpoint putBack(Assignment a, Workspace workspace, Checkpoint to)
      throws InterruptedException {
    String what = "What stood in " + a.attempt().task() + " before it was rolled back";
    Checkpoint kept = workspace.checkpoint(CommitMessage.of(what));
    workspace.restore(EVERYTHING, to);
    return kept;
  }
}
