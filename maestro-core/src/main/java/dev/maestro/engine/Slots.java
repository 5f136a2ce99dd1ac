package dev.maestro.engine;

import dev.maestro.task.TaskId;
import dev.maestro.workspace.Capacity;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * How many more tasks may start now. Confined to the loop.
 *
 * <p>A slot is taken by a task that is active, and by one whose worker has not ended yet. It is
 * counted, not kept, so that no path through the engine can lose one.
 */
final class Slots {

  private final int limit;
  private final Capacity place;
  private final Set<Live> busy = new LinkedHashSet<>();
  private int used;
  private int usedInPlace;

  Slots(int limit, Capacity place) {
    this.limit = limit;
    this.place = place;
  }

  /** Note that the run may have begun or ended something. */
  void touched(Live run) {
    if (run.held || tasks(run).isEmpty()) {
      busy.remove(run);
    } else {
      busy.add(run);
    }
  }

  private static Set<TaskId> tasks(Live run) {
    Set<TaskId> tasks = new HashSet<>(run.workers.keySet());
    if (!run.lost) {
      run.state.active().forEach(task -> tasks.add(task.id()));
    }
    return tasks;
  }

  /** Count anew. */
  void count(Predicate<TaskInRun> usesWorkspace) {
    used = 0;
    usedInPlace = 0;
    for (Live run : busy) {
      tasks(run).forEach(task -> take(usesWorkspace.test(new TaskInRun(run, task))));
    }
  }

  /** One task of one run. */
  record TaskInRun(Live run, TaskId task) {}

  boolean isFull() {
    return used >= limit;
  }

  boolean admits(boolean usesWorkspace) {
    return used < limit && (!usesWorkspace || usedInPlace < place.limit());
  }

  void take(boolean usesWorkspace) {
    used++;
    usedInPlace += usesWorkspace ? 1 : 0;
  }
}
