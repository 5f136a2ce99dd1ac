package dev.maestro.run;

import dev.maestro.pipeline.Action;
import dev.maestro.plan.Plan;
import dev.maestro.plan.PlannedTask;
import dev.maestro.task.TaskId;
import java.util.ArrayList;
import java.util.List;

/** The tasks that a plan adds: one a line, those of one phase beside each other. */
final class PlannedTasks {

  private PlannedTasks() {}

  /**
   * Add the tasks of a plan step that is about to complete; any other step adds none.
   *
   * <p>They are there before it completes, so that nothing behind it starts early.
   */
  static void add(Draft draft, Task task) {
    if (task.step.action() instanceof Action.Plan plan) {
      draft.emit(new RunEvent.TasksAdded(draft.at, task.id, plan.template(), of(task)));
    }
  }

  /** {@return the tasks that the plan in its output adds} */
  static List<RunEvent.TasksAdded.Added> of(Task task) {
    Plan plan = Outputs.plan(task.output);
    int total = plan.tasks().size();
    List<RunEvent.TasksAdded.Added> added = new ArrayList<>();
    List<TaskId> previous = List.of(task.id);
    for (Plan.Phase phase : plan.phases()) {
      List<TaskId> current = new ArrayList<>();
      for (PlannedTask line : phase.tasks()) {
        TaskId id = task.id.child(line.id());
        Item item = itemOf(line, added.size() + 1, total);
        added.add(new RunEvent.TasksAdded.Added(id, item, previous));
        current.add(id);
      }
      previous = List.copyOf(current);
    }
    return added;
  }

  private static Item itemOf(PlannedTask line, int position, int total) {
    return new Item(line.id(), line.description(), line.filePath(), line.phase(), position, total);
  }
}
