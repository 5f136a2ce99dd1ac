package dev.maestro.run;

import dev.maestro.pipeline.Action;
import dev.maestro.plan.Plan;
import dev.maestro.plan.PlanParser;
import dev.maestro.plan.PlannedTask;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the rules demand of an output before they let it steer anything. */
final class Outputs {

  private Outputs() {}

  /** {@return what is wrong with the output of this task, or null} */
  static @Nullable Trouble check(RunState state, Task task, @Nullable Value output) {
    boolean plan = task.step.action().kind() == Action.Kind.PLAN;
    if (output instanceof Value.Stored stored && (plan || steers(state, task.step.output()))) {
      return Trouble.of(
          Reason.of("output-too-large"),
          "the output of "
              + task.id
              + " has "
              + stored.bytes()
              + " bytes; one that steers the run may have "
              + Value.MAX_INLINE_BYTES);
    }
    return plan ? checkPlan(task, output) : null;
  }

  private static boolean steers(RunState state, @Nullable String name) {
    return name != null && state.steers(name);
  }

  private static @Nullable Trouble checkPlan(Task task, @Nullable Value output) {
    Plan plan = parse(output);
    if (plan.tasks().isEmpty()) {
      return Trouble.of(
          Reason.of("invalid-plan"),
          "the plan of "
              + task.id
              + " has no task line such as '- [ ] T001: what to do | File: path'");
    }
    List<String> duplicates = plan.duplicates();
    return duplicates.isEmpty()
        ? null
        : Trouble.of(
            Reason.of("invalid-plan"),
            "the plan of " + task.id + " uses ids twice: " + String.join(", ", duplicates));
  }

  /** {@return one task a line; tasks of one phase beside each other, phases one after the other} */
  static List<RunEvent.TasksAdded.Added> plannedTasks(Task task) {
    List<PlannedTask> lines = parse(task.output).tasks();
    List<RunEvent.TasksAdded.Added> added = new ArrayList<>();
    List<TaskId> previous = List.of(task.id);
    List<TaskId> current = new ArrayList<>();
    String phase = lines.get(0).phase();
    for (int i = 0; i < lines.size(); i++) {
      PlannedTask line = lines.get(i);
      if (!Objects.equals(phase, line.phase())) {
        previous = List.copyOf(current);
        current.clear();
        phase = line.phase();
      }
      TaskId id = task.id.child(line.id());
      Item item =
          new Item(line.id(), line.description(), line.filePath(), phase, i + 1, lines.size());
      added.add(new RunEvent.TasksAdded.Added(id, item, previous));
      current.add(id);
    }
    return added;
  }

  private static Plan parse(@Nullable Value output) {
    String text = output instanceof Value.Inline inline ? Value.textOf(inline.json()) : "";
    return PlanParser.parse(text);
  }
}
