package dev.maestro.run;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What another pipeline or other inputs change in a run's state, once the moves of the event are
 * taken in: which step each task is an instance of, what it waits for, and what begins anew.
 */
final class RedefineFold {

  private final RunState state;
  private final RunEvent.Redefined event;
  private final Set<TaskId> rerun;
  private final Set<TaskId> orphaned;

  RedefineFold(RunState state, RunEvent.Redefined event) {
    this.state = state;
    this.event = event;
    this.rerun = new HashSet<>(event.rerun());
    this.orphaned = new HashSet<>(event.orphaned());
  }

  void take() {
    state.header.blueprint = state.learned(event.definition().pipeline());
    state.header.definition = event.definition();
    Pipeline next = state.pipeline();
    Map<String, Step> steps = next.stepsById();
    Map<String, Step> templates = next.templatesById();
    for (Task task : List.copyOf(state.tasks())) {
      if (orphaned.contains(task.id)) {
        state.change(task.id, RedefineFold::retire);
      } else if (!task.dealings.retired) {
        Step step = task.parent == null ? step(task, steps, templates) : task.step;
        state.change(task.id, one -> follow(one, step));
      }
    }
    event.added().forEach(id -> add(id, Objects.requireNonNull(steps.get(id.value()))));
    connect();
    letMoreIn();
  }

  /** How many elements of an open list may be at work at once is changed while they are. */
  private void letMoreIn() {
    for (Task task : List.copyOf(state.tasks())) {
      if (task.isOpen() && !task.state.isFinal()) {
        state.letMoreIn(task.id);
      }
    }
  }

  /** {@return what a task is an instance of now; one that another task has in it is as it was} */
  private static Step step(Task task, Map<String, Step> steps, Map<String, Step> templates) {
    return task.item == null
        ? steps.getOrDefault(task.id.value(), task.step)
        : templates.getOrDefault(task.step.id(), task.step);
  }

  private static void retire(Task task) {
    task.deal().retired = true;
    task.dependencies = List.of();
    task.dependents = List.of();
    task.waitingFor = 0;
    task.skippedDependencies = 0;
  }

  /** What has begun and goes on never has fewer attempts left than it had. */
  private void follow(Task task, Step step) {
    int allowed = task.allowedAttempts();
    task.step = step;
    if (task.hasBegun()) {
      task.deal().granted =
          Math.max(task.dealings.granted, allowed - task.dealings.attemptsBefore - step.attempts());
    }
    if (rerun.contains(task.id)) {
      ReworkFold.renew(task);
      task.detail = "the run was redefined";
    }
  }

  /** A task that was dropped earlier and is wanted again begins anew. */
  private void add(TaskId id, Step step) {
    if (state.task(id).isEmpty()) {
      Task task = new Task(id, step, null, state.tasks.size(), null, List.of());
      // nothing is free before it is connected
      task.waitingFor = 1;
      state.add(task);
    } else {
      state.change(
          id,
          task -> {
            ReworkFold.renew(task);
            task.deal().retired = false;
            task.step = step;
          });
    }
  }

  // ------------------------------------------------------------------ what waits for what

  private void connect() {
    Map<TaskId, List<TaskId>> dependencies = new LinkedHashMap<>();
    Map<TaskId, List<TaskId>> dependents = new LinkedHashMap<>();
    for (Task task : state.tasks()) {
      if (!task.dealings.retired) {
        List<TaskId> on = task.id.parent().isEmpty() ? dependencies(task) : task.dependencies;
        dependencies.put(task.id, on);
        on.forEach(id -> dependents.computeIfAbsent(id, any -> new ArrayList<>()).add(task.id));
      }
    }
    dependencies.forEach((id, on) -> connect(id, on, dependents.getOrDefault(id, List.of())));
  }

  /**
   * {@return what it waits for: the tasks of the steps that its step is after, and those they
   * added}
   */
  private List<TaskId> dependencies(Task task) {
    Set<TaskId> all = new LinkedHashSet<>();
    task.step.after().forEach(id -> all.add(RunState.inside(task.parent, id)));
    List.copyOf(all).forEach(id -> collectAdded(id, all));
    return all.equals(new HashSet<>(task.dependencies)) ? task.dependencies : List.copyOf(all);
  }

  private void collectAdded(TaskId id, Set<TaskId> all) {
    RunEvent.TasksAdded added = state.require(id).dealings.added;
    if (added != null) {
      for (RunEvent.TasksAdded.Added one : added.tasks()) {
        all.add(one.id());
        collectAdded(one.id(), all);
      }
    }
  }

  private void connect(TaskId id, List<TaskId> on, List<TaskId> behind) {
    state.change(
        id,
        task -> {
          task.dependencies = on;
          task.dependents = List.copyOf(behind);
          task.waitingFor =
              (int) on.stream().filter(one -> !state.require(one).satisfiesDependents()).count();
          task.skippedDependencies =
              (int)
                  on.stream().filter(one -> state.require(one).state == TaskState.SKIPPED).count();
          if (task.state == TaskState.PENDING && task.isFree()) {
            state.noteFreed(task);
          }
        });
  }
}
