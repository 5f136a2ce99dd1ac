package dev.maestro.engine;

import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.Time;
import dev.maestro.run.Decision;
import dev.maestro.run.RunInput;
import dev.maestro.run.Task;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes over runs that an engine before this one left open. Confined to the loop.
 *
 * <p>A run is held first; it goes on once what the dead engine left running has been reaped, which
 * takes a while and is done by whoever asked.
 */
final class Recovery {

  private static final Set<Reason> MISSING =
      Set.of(Reason.CODE_MISSING, Reason.PROVIDER_MISSING, Reason.SECRET_MISSING);

  private final Roster roster;
  private final Shared shared;
  private final Time time;

  Recovery(Roster roster, Shared shared, Time time) {
    this.roster = roster;
    this.shared = shared;
    this.time = time;
  }

  /**
   * Keep anything of the run from starting.
   *
   * @return what a dead engine may have left running; empty when there is nothing to take over
   */
  Optional<List<ProcessIdentity>> hold(Batch batch, RunKey key) {
    Optional<Live> leftOpen = leftOpen(batch, key);
    leftOpen.ifPresent(run -> run.held = true);
    return leftOpen.map(Recovery::processes);
  }

  /** {@return what a dead engine may have left running of a run that nobody has recovered yet} */
  List<ProcessIdentity> leftovers(Batch batch, RunKey key) {
    return leftOpen(batch, key).map(Recovery::processes).orElse(List.of());
  }

  private Optional<Live> leftOpen(Batch batch, RunKey key) {
    if (roster.isDriven(key)) {
      return Optional.empty();
    }
    return Optional.ofNullable(roster.find(batch, key))
        .filter(run -> !run.state.status().isTerminal());
  }

  private static List<ProcessIdentity> processes(Live run) {
    return run.state.tasks().stream().flatMap(task -> task.processes().stream()).toList();
  }

  /** Let a run that is held go on; {@return how many tasks had been at work} */
  int goOn(Batch batch, RunKey key) {
    Live run = roster.find(batch, key);
    if (run == null || !run.held) {
      return 0;
    }
    int open = interrupt(batch, run);
    goOn(batch, run);
    return open;
  }

  /**
   * Have a run go on with another pipeline or other inputs; what was held goes on with them, and
   * stays held when they are refused.
   */
  void redefine(Batch batch, RunKey key, RunInput.Redefine input, Promise<Decision> answer) {
    Live run = roster.find(batch, key);
    if (run == null) {
      answer.complete(new Decision.Refused("unknown-run", "there is no run " + key));
      return;
    }
    if (run.held) {
      interrupt(batch, run);
    }
    Decision decision =
        run.preparing.isEmpty()
            ? batch.decide(run, input)
            : new Decision.Refused(
                "not-allowed",
                "a question or a condition of run " + key + " is just being worked out; try again");
    if (run.held && decision instanceof Decision.Accepted) {
      goOn(batch, run);
    }
    batch.reply(run, answer, decision);
  }

  /** {@return how many tasks a dead engine had at work} */
  private int interrupt(Batch batch, Live run) {
    int open = run.state.active().size();
    batch.decide(run, new RunInput.Interrupt(time.instant()));
    return open;
  }

  private void goOn(Batch batch, Live run) {
    Instant now = time.instant();
    // a deadline that passed while nothing ran: nothing may be launched before it is seen
    batch.decide(run, new RunInput.TimeCame(now));
    batch.decide(run, new RunInput.Recover(now));
    for (Task task : List.copyOf(run.state.tasks())) {
      if (task.state() == TaskState.BLOCKED && task.reason().map(MISSING::contains).orElse(false)) {
        batch.decide(run, new RunInput.Retry(now, task.id(), Actor.MAESTRO));
      }
    }
    if (run.state.waitsForBudget()) {
      batch.decide(run, shared.madeRoom(run, now));
      shared.noteWaiting(run, now);
    }
    run.held = false;
    roster.drive(run.key());
  }
}
