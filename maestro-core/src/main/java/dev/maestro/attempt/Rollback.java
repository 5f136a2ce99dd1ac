package dev.maestro.attempt;

import dev.maestro.failure.PermanentException;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.task.Actor;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the files of a task back to what was accepted of it last, and keeps what they were. */
final class Rollback {

  private static final PathGlobs EVERYTHING = PathGlobs.of("**");

  private final Tools tools;

  Rollback(Tools tools) {
    this.tools = tools;
  }

  /** {@return whether a policy wants the files of an attempt put back that fails (M1-37)} */
  boolean isWanted(Assignment a) {
    return a.policies().oversight().rollsBack()
        && a.task().step().action().usesWorkspace()
        && tools.workspaces().capabilities().checkpoints()
        && !a.cancellation().isCancelled();
  }

  /**
   * Put the files of an attempt that has just failed back.
   *
   * <p>What cannot be put back stays as it is: the attempt has failed for a better reason.
   */
  void afterFailure(Assignment a) throws InterruptedException {
    try (Workspace workspace = Opened.again(a, tools.workspaces())) {
      RunEvent.RolledBack done = putBack(a, workspace, Actor.MAESTRO);
      if (done.changed() > 0) {
        a.journal().record(new RunInput.RollBack(done));
      }
    } catch (SupersededException e) {
      log().debug("{} was overtaken when its files had been put back", a.attempt(), e);
    } catch (RuntimeException e) {
      log().warn("The files of {} could not be put back after its failure", a.attempt(), e);
    }
  }

  RunEvent.RolledBack run(Assignment a, Actor actor) throws InterruptedException {
    if (!tools.workspaces().capabilities().checkpoints()) {
      throw new PermanentException(
          "the files in "
              + tools.workspaces().description()
              + " cannot be put back, because nothing keeps what they were; use a git repository");
    }
    try (Workspace workspace = Opened.again(a, tools.workspaces())) {
      return putBack(a, workspace, actor);
    }
  }

  private RunEvent.RolledBack putBack(Assignment a, Workspace workspace, Actor actor)
      throws InterruptedException {
    // what somebody has looked at and wants changed is not accepted yet, but not to be lost either
    Checkpoint to = a.task().checkpoint().orElse(workspace.head());
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

  private static Logger log() {
    return LoggerFactory.getLogger(Attempts.class);
  }
}
