package dev.maestro.engine;

import dev.maestro.run.Task;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Capacity;
import org.jspecify.annotations.Nullable;

/**
 * How many more tasks may start now. Confined to the loop.
 *
 * <p>A slot is taken by a task that is active, and by one whose worker has not ended yet. Those of
 * a run are counted anew whenever anything happened to it, so that no path through the engine can
 * lose one.
 */
final class Slots {

  private final int limit;
  private final Capacity place;
  private int used;
  private int usedInPlace;

  Slots(int limit, Capacity place) {
    this.limit = limit;
    this.place = place;
  }

  /** Count the slots of a run that may have begun or ended something. */
  void count(Live run) {
    int taken = 0;
    int takenInPlace = 0;
    if (!run.held) {
      if (!run.lost && !run.state.active().isEmpty()) {
        for (Task task : run.state.active()) {
          taken++;
          takenInPlace += usesWorkspace(task) ? 1 : 0;
        }
      }
      // one that ends is no worker any more, so that mostly there is none
      if (!run.workers.isEmpty()) {
        for (TaskId id : run.workers.keySet()) {
          Task task = run.state.task(id).orElse(null);
          if (run.lost || task == null || !task.isActive()) {
            taken++;
            takenInPlace += usesWorkspace(task) ? 1 : 0;
          }
        }
      }
    }
    used += taken - run.slots;
    usedInPlace += takenInPlace - run.slotsInPlace;
    run.slots = taken;
    run.slotsInPlace = takenInPlace;
  }

  static boolean usesWorkspace(@Nullable Task task) {
    return task != null && task.usesWorkspace();
  }

  boolean isFull() {
    return used >= limit;
  }

  boolean admits(boolean usesWorkspace) {
    return used < limit && (!usesWorkspace || usedInPlace < place.limit());
  }
}
