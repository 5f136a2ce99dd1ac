package dev.maestro.plan;

import dev.maestro.failure.Problem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that a text names, in its order.
 *
 * <p>Tasks of one phase may run in parallel, phases run in order; see {@link #phases()}.
 *
 * @param tasks each as its line says it; an id may occur twice, see {@link #problems()}
 * @param cutOff whether the text ended inside the block of tasks, so that tasks may be missing
 */
public record Plan(List<PlannedTask> tasks, boolean cutOff) {

  static final String FENCE = "```";
  static final String BLOCK = FENCE + "tasks";

  /**
   * Copy the tasks.
   *
   * @throws IllegalArgumentException when a task without a phase comes after one with a phase,
   *     which no text can say
   */
  public Plan {
    tasks = List.copyOf(tasks);
    boolean inPhase = false;
    for (PlannedTask task : tasks) {
      if (inPhase && task.phase() == null) {
        throw new IllegalArgumentException("task " + task.id() + " must have a phase, too");
      }
      inPhase |= task.phase() != null;
    }
  }

  /** {@return a whole plan of these tasks} */
  public static Plan of(List<PlannedTask> tasks) {
    return new Plan(tasks, false);
  }

  /** {@return whether there is no task} */
  public boolean isEmpty() {
    return tasks.isEmpty();
  }

  /**
   * Group the tasks by phase.
   *
   * @return the phases in order, none of them empty; a name that comes again after another phase is
   *     a phase of its own
   */
  public List<Phase> phases() {
    List<Phase> phases = new ArrayList<>();
    int start = 0;
    for (int end = 1; end <= tasks.size(); end++) {
      String name = tasks.get(start).phase();
      if (end == tasks.size() || !Objects.equals(name, tasks.get(end).phase())) {
        phases.add(new Phase(name, tasks.subList(start, end)));
        start = end;
      }
    }
    return List.copyOf(phases);
  }

  /**
   * {@return the ids that occur more than once, each once, in the order of their second mention}
   */
  public List<String> duplicates() {
    Set<String> seen = new TreeSet<>();
    Set<String> again = new LinkedHashSet<>();
    for (PlannedTask task : tasks) {
      if (!seen.add(task.id())) {
        again.add(task.id());
      }
    }
    return List.copyOf(again);
  }

  /** {@return why this plan cannot be carried out as it stands; nothing when it can} */
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    for (String id : duplicates()) {
      problems.add(
          new Problem("duplicate", id, "more than one task has this id; number them anew"));
    }
    if (cutOff) {
      problems.add(
          new Problem(
              "cut-off", "tasks", "the block of tasks is not closed; write the whole plan"));
    }
    return List.copyOf(problems);
  }

  /** {@return the plan as a block of task lines, from which {@link PlanParser} reads it again} */
  public String render() {
    StringBuilder text = new StringBuilder(BLOCK).append('\n');
    for (Phase phase : phases()) {
      if (phase.name() != null) {
        text.append(TaskLine.renderPhase(phase.name())).append('\n');
      }
      phase.tasks().forEach(task -> text.append(task.render()).append('\n'));
    }
    return text.append(FENCE).append('\n').toString();
  }

  /**
   * Tasks that may run in parallel.
   *
   * @param name the heading, or null for tasks before the first one
   * @param tasks at least one
   */
  public record Phase(@Nullable String name, List<PlannedTask> tasks) {

    /** Copy the tasks. */
    public Phase {
      tasks = List.copyOf(tasks);
    }
  }
}
