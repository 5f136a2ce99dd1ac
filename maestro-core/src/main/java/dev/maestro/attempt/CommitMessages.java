package dev.maestro.attempt;

import dev.maestro.run.Item;
import dev.maestro.run.Task;
import dev.maestro.workspace.CommitDiscipline;
import dev.maestro.workspace.CommitMessage;

/** Words a task's commits: after the plan's line where there is one, otherwise after the step. */
record CommitMessages(CommitDiscipline discipline) {

  CommitMessage of(Task task) {
    return discipline.work(id(task), summary(task));
  }

  CommitMessage ofMerge(Task task) {
    return discipline.merge(id(task), summary(task));
  }

  private static String id(Task task) {
    return task.item().map(Item::id).orElseGet(() -> task.id().value());
  }

  private static String summary(Task task) {
    return task.item().map(Item::text).orElseGet(() -> task.step().displayTitle());
  }
}
