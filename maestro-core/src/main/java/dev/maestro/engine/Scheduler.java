package dev.maestro.engine;

import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Condition;
import dev.maestro.run.Decision;
import dev.maestro.run.Phase;
import dev.maestro.run.RunInput;
import dev.maestro.run.Task;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Lets ready tasks have the slots that are free, run by run in the order they came to want some.
 * Confined to the loop.
 */
final class Scheduler {

  private static final int LOOK_AHEAD = 100;

  private final EngineConfig config;
  private final Roster roster;
  private final Workers workers;
  private final Slots slots;
  private final Set<Live> wantSlots = new LinkedHashSet<>();

  Scheduler(EngineConfig config, Roster roster, Workers workers) {
    this.config = config;
    this.roster = roster;
    this.workers = workers;
    this.slots = new Slots(config.slots(), config.workspaces().capacity());
  }

  /** Note that the run may have tasks that want a slot, or may have given some back. */
  void noteReady(Live run) {
    slots.touched(run);
    if (run.mayStartTasks() && run.state.ready().iterator().hasNext()) {
      wantSlots.add(run);
    }
  }

  /** Leave the run out until something of it is ready again. */
  void forget(Live run) {
    wantSlots.remove(run);
  }

  /** {@return whether every slot is taken} */
  boolean isFull() {
    countSlots();
    return slots.isFull();
  }

  private void countSlots() {
    slots.count(
        one -> one.run().state.task(one.task()).map(Scheduler::usesWorkspace).orElse(false));
  }

  /** Let what is ready have what is free; the dispatches go into the batch. */
  void handOutSlots(Batch batch) {
    if (wantSlots.isEmpty()) {
      return;
    }
    countSlots();
    for (Live run : List.copyOf(wantSlots)) {
      boolean news = batch.parts().containsKey(run);
      if (!run.mayStartTasks() || (news || !slots.isFull()) && !handOutSlots(batch, run)) {
        wantSlots.remove(run);
      }
    }
  }

  /** {@return whether tasks of this run still wait for a slot} */
  private boolean handOutSlots(Batch batch, Live run) {
    boolean waits = false;
    for (Task task : mostUrgent(run)) {
      if (run.workers.containsKey(task.id())) {
        waits = true;
      } else if (asksFirst(task) && !run.prepared.contains(task.id())) {
        prepare(batch, run, task);
      } else if (slots.admits(usesWorkspace(task))) {
        dispatch(batch, run, task);
      } else {
        waits = true;
      }
    }
    return waits;
  }

  /** {@return the ready tasks, but no more than could matter now} */
  private List<Task> mostUrgent(Live run) {
    List<Task> tasks = new ArrayList<>();
    for (Task task : run.state.ready()) {
      tasks.add(task);
      if (tasks.size() > LOOK_AHEAD && slots.isFull()) {
        break;
      }
    }
    return tasks;
  }

  private void prepare(Batch batch, Live run, Task task) {
    if (!run.preparing.containsKey(task.id())) {
      batch.touch(run);
      roster.drive(run.key());
      batch.afterCommit(run, () -> workers.prepare(run, task));
    }
  }

  private void dispatch(Batch batch, Live run, Task task) {
    RunInput input = new RunInput.Dispatch(config.time().instant(), task.id());
    if (batch.decide(run, input) instanceof Decision.Accepted) {
      slots.take(usesWorkspace(task));
      slots.touched(run);
      roster.drive(run.key());
      run.prepared.remove(task.id());
    }
  }

  private static boolean usesWorkspace(Task task) {
    return task.step().action().usesWorkspace() || task.phase() == Phase.INTEGRATE;
  }

  /** {@return whether something has to be asked of the task's step before it is dispatched} */
  private static boolean asksFirst(Task task) {
    boolean first = task.state() == TaskState.PENDING && task.phase() == Phase.ACT;
    return first
        && (task.step().action().kind() == Action.Kind.APPROVAL
            || task.step().when() instanceof Condition.Predicate);
  }
}
