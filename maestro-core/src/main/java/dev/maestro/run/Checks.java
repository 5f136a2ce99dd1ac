package dev.maestro.run;

import dev.maestro.task.Actor;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a task is where an input thinks it is; each answers with a refusal or with nothing. */
final class Checks {

  private final RunState state;

  Checks(RunState state) {
    this.state = state;
  }

  /** What lets a run go on that somebody owns is that one's to say; answers have their own rule. */
  Optional<Decision.Refused> owned(RunInput input) {
    if (!state.exists() || state.started().terms().owner() == null) {
      return Optional.empty();
    }
    Actor actor = actorOf(input);
    return actor == null || state.started().terms().admits(actor)
        ? Optional.empty()
        : Refusal.notAllowed(
            "run "
                + state.key()
                + " is owned by "
                + state.started().terms().owner()
                + "; "
                + actor
                + " may look, pause, stop and cancel");
  }

  private Optional<Decision.Refused> mayClaim(Actor actor) {
    Terms terms = state.started().terms();
    return terms.admitsClaimBy(actor)
        ? Optional.empty()
        : Refusal.notAllowed(
            "tasks of run " + state.key() + " are claimed by " + terms.owner() + " only");
  }

  private static @Nullable Actor actorOf(RunInput input) {
    if (input instanceof RunInput.Resume i) {
      return i.actor();
    } else if (input instanceof RunInput.Retry i) {
      return i.actor();
    } else if (input instanceof RunInput.GiveUp i) {
      return i.actor();
    } else if (input instanceof RunInput.Rework i) {
      return i.actor();
    } else if (input instanceof RunInput.Redefine i) {
      return i.actor();
    } else if (input instanceof RunInput.Grant i) {
      return i.actor();
    } else if (input instanceof RunInput.RollBack i) {
      return i.rolledBack().actor();
    }
    return null;
  }

  Optional<Decision.Refused> exists(TaskId id) {
    return state.tasks.get(id) == null ? Refusal.unknownTask(state, id) : Optional.empty();
  }

  Optional<Decision.Refused> claimable(RunInput.Claim i) {
    return exists(i.task()).or(this::notPaused).or(() -> mayClaim(i.actor()));
  }

  Optional<Decision.Refused> ready(TaskId id) {
    Task task = state.tasks.get(id);
    if (task == null) {
      return Refusal.unknownTask(state, id);
    }
    Optional<Decision.Refused> paused = notPaused();
    return paused.isPresent() ? paused : ready(task);
  }

  private Optional<Decision.Refused> notPaused() {
    return state.status() == RunStatus.PAUSED
        ? Refusal.notAllowed("run " + state.key() + " is paused; resume it first")
        : Optional.empty();
  }

  private static Optional<Decision.Refused> ready(Task task) {
    return task.isReady()
        ? Optional.empty()
        : Refusal.stale("task " + task.id + " is " + task.state + " and not ready");
  }

  /** An attempt that has failed puts its own files back. */
  Optional<Decision.Refused> rollsBack(RunEvent.RolledBack done) {
    boolean own = done.actor().equals(Actor.MAESTRO);
    return exists(done.task())
        .or(() -> own ? active(state.require(done.task())) : atRest(done.task()));
  }

  private static Optional<Decision.Refused> active(Task task) {
    return task.active
        ? Optional.empty()
        : Refusal.stale("task " + task.id + " is " + task.state + " and not at work");
  }

  /** Nobody is at it, and none of its work waits to be checked or merged. */
  private Optional<Decision.Refused> atRest(TaskId id) {
    return atRest(state.require(id));
  }

  private static Optional<Decision.Refused> atRest(Task task) {
    boolean open = !task.state.isFinal() && task.phase != Phase.ACT;
    return task.active || open || task.isOpen() || task.dealings.claim != null
        ? Refusal.notAllowed(
            "task "
                + task.id
                + " is "
                + task.state
                + " at "
                + task.phase
                + "; its files are put back when it is at rest and nothing of it waits to be"
                + " checked")
        : Optional.empty();
  }

  Optional<Decision.Refused> at(TaskId id, Phase phase) {
    Task task = state.tasks.get(id);
    return task == null ? Refusal.unknownTask(state, id) : at(task, phase);
  }

  private static Optional<Decision.Refused> at(Task task, Phase phase) {
    return task.active && task.phase == phase
        ? Optional.empty()
        : Refusal.stale("task " + task.id + " is " + task.state + " and not at " + phase);
  }

  Optional<Decision.Refused> at(TaskId id, int attempt, Phase phase) {
    Optional<Decision.Refused> elsewhere = at(id, phase);
    return elsewhere.isPresent() ? elsewhere : at(state.require(id), attempt);
  }

  private static Optional<Decision.Refused> at(Task task, int attempt) {
    return task.attempt == attempt
        ? Optional.empty()
        : Refusal.stale("task " + task.id + " is at attempt " + task.attempt + ", not " + attempt);
  }
}
