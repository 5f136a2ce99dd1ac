package dev.maestro.run;

import dev.maestro.pipeline.Action.Failure;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.run.ResumePlan.Cause;
import dev.maestro.run.ResumePlan.Group;
import dev.maestro.run.ResumePlan.Line;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares the tasks of a run with another pipeline and other inputs, each after all it waits for:
 * a task keeps what it has only when everything it was made from does.
 */
final class Replanning {

  private final RunState state;
  private final Pipeline next;
  private final @Nullable TaskId at;
  private final Set<TaskId> around;
  private final boolean forks;
  private final Map<String, Step> steps;
  private final Map<String, Step> templates;
  private final Set<String> changedInputs;
  private final Map<TaskId, Line> lines = new LinkedHashMap<>();

  Replanning(
      RunState state,
      Pipeline next,
      Map<String, Value> inputs,
      @Nullable TaskId at,
      boolean forks) {
    this.state = state;
    this.next = next;
    this.at = beginning(state, at);
    this.around = around(state, this.at);
    this.forks = forks;
    this.steps = next.stepsById();
    this.templates = next.templatesById();
    this.changedInputs = changed(state.definition().inputs(), inputs);
  }

  /**
   * A list that is done with so many would be done without the element that is to be done again.
   */
  private static @Nullable TaskId beginning(RunState state, @Nullable TaskId at) {
    TaskId first = at;
    for (TaskId id : around(state, at)) {
      boolean needsSome =
          state.require(id).step.each().filter(e -> e.failure() == Failure.QUORUM).isPresent();
      first = needsSome ? id : first;
    }
    return first;
  }

  /** {@return what a task is inside of, from the inside out} */
  private static Set<TaskId> around(RunState state, @Nullable TaskId at) {
    Set<TaskId> around = new LinkedHashSet<>();
    Task task = at == null ? null : state.task(at).orElse(null);
    while (task != null && task.parent != null) {
      task = state.require(task.parent);
      around.add(task.id);
    }
    return around;
  }

  private static Set<String> changed(Map<String, Value> before, Map<String, Value> after) {
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    names.removeIf(name -> Objects.equals(before.get(name), after.get(name)));
    return names;
  }

  /** {@return one line a task: the pipeline's in its order, then added ones, then orphans} */
  List<Line> lines() {
    inOrder().stream()
        .filter(task -> !task.dealings.retired)
        .forEach(task -> lines.put(task.id, line(task)));
    List<Line> ordered = new ArrayList<>();
    for (Step step : next.steps()) {
      TaskId id = TaskId.of(step.id());
      Line line = lines.remove(id);
      ordered.add(line == null ? new Line(id, Group.NEW, Cause.STEP_NEW, null, free(step)) : line);
    }
    addRest(ordered, false);
    addRest(ordered, true);
    return ordered;
  }

  private void addRest(List<Line> ordered, boolean orphans) {
    for (Task task : state.tasks()) {
      Line line = lines.get(task.id);
      if (line != null && orphans == (line.group() == Group.ORPHANED)) {
        ordered.add(line);
      }
    }
  }

  /** {@return every task after all it waits for} */
  private List<Task> inOrder() {
    Map<TaskId, Integer> open = new HashMap<>();
    Deque<Task> free = new ArrayDeque<>();
    for (Task task : state.tasks()) {
      int before = task.dependencies.size() + (task.parent == null ? 0 : 1);
      open.put(task.id, before);
      if (before == 0) {
        free.add(task);
      }
    }
    Set<Task> ordered = new LinkedHashSet<>();
    for (Task task = free.poll(); task != null; task = free.poll()) {
      ordered.add(task);
      for (TaskId id : behind(task)) {
        if (open.merge(id, -1, Integer::sum) == 0) {
          free.add(state.require(id));
        }
      }
    }
    return List.copyOf(ordered);
  }

  /** What is inside a task comes behind it here. */
  private static List<TaskId> behind(Task task) {
    return task.inside == null
        ? task.dependents
        : Fold.concat(task.dependents, task.inside.children());
  }

  // ------------------------------------------------------------------ one task

  private Line line(Task task) {
    Optional<TaskId> adder = adder(task);
    if (adder.isPresent() && !isReused(adder.get()) && !isReopened(adder.get())) {
      return line(task, Group.ORPHANED, Cause.ADDED_ANEW, adder.get().value());
    }
    Step step = adder.isPresent() ? addedFrom(task) : steps.get(task.id.value());
    if (step == null) {
      return line(task, Group.ORPHANED, Cause.STEP_GONE, null);
    }
    if (forks && task.parent != null && isTakenWhole(task.parent)) {
      // what is around it has ended well, with whatever became of it
      return line(task, Group.REUSE, Cause.DONE, null);
    }
    return hasBegun(task)
        ? begun(task, step)
        : new Line(task.id, Group.NEW, Cause.NOT_BEGUN, null, free(step));
  }

  private Line begun(Task task, Step step) {
    if (task.id.equals(at)) {
      return line(task, Group.RERUN, Cause.FORKED_HERE, null);
    }
    Optional<TaskId> anew = task.dependencies.stream().filter(on -> !stays(on)).findFirst();
    if (anew.isPresent()) {
      return line(task, Group.RERUN, Cause.BEHIND, anew.get().value());
    }
    if (!task.step.equals(step) && !task.step.hash().equals(step.hash())) {
      return line(task, Group.RERUN, Cause.STEP_CHANGED, null);
    }
    Optional<String> input =
        changedInputs.stream().filter(name -> task.parent == null && step.sees(name)).findFirst();
    if (input.isPresent()) {
      return line(task, Group.RERUN, Cause.INPUT_CHANGED, input.get());
    }
    if (isDone(task) && !around.contains(task.id)) {
      return line(task, Group.REUSE, Cause.DONE, null);
    }
    if (forks && task.isOpen()) {
      return line(task, Group.REUSE, Cause.GOES_ON, null);
    }
    if (task.hasFailedForGood() && !isMatterOfWhatIsAround(task)) {
      return line(task, Group.RERUN, Cause.FAILED, null);
    }
    return forks
        ? line(task, Group.RERUN, Cause.UNFINISHED, null)
        : line(task, Group.REUSE, Cause.GOES_ON, null);
  }

  /** What is around it, and goes on, says what a failure inside leads to. */
  private boolean isMatterOfWhatIsAround(Task task) {
    return !forks && task.parent != null && isReused(task.parent);
  }

  private static Optional<TaskId> adder(Task task) {
    return task.item == null || task.element != null
        ? Optional.ofNullable(task.parent)
        : task.id.parent();
  }

  /** What is inside a task that is reused is the same as before: its hash holds all of it. */
  private @Nullable Step addedFrom(Task task) {
    return task.parent == null ? templates.get(task.step.id()) : task.step;
  }

  /** What failed with what is inside is done anew there, and only as far as that failed. */
  private boolean isReopened(TaskId id) {
    Line line = lines.get(id);
    return !forks && line != null && line.cause() == Cause.FAILED && state.require(id).isOpen();
  }

  private boolean isReused(TaskId id) {
    Line line = lines.get(id);
    return line != null && line.group() == Group.REUSE;
  }

  private boolean isTakenWhole(TaskId id) {
    Line line = lines.get(id);
    return line != null && line.cause() == Cause.DONE;
  }

  /**
   * What goes on in a fork comes to another end there; what waits for it in the run itself waits.
   */
  private boolean stays(TaskId id) {
    return forks ? isTakenWhole(id) : isReused(id);
  }

  private static boolean hasBegun(Task task) {
    return switch (task.state) {
      case PENDING, BLOCKED, CANCELLED -> task.hasBegun() || isSomebodys(task);
      default -> true;
    };
  }

  /** Somebody is at it, or has brought work that no attempt has taken up yet. */
  private static boolean isSomebodys(Task task) {
    return task.isClaimed() || task.dealings.delivered != null;
  }

  /**
   * A fork merges what is accepted and not merged yet; for the run itself that goes on. A yes of a
   * person to a merge is to what that changes, and the fork asks for its own.
   */
  private boolean isDone(Task task) {
    boolean verified = task.state == TaskState.VERIFIED && !task.isApproval();
    boolean accepted = verified || task.waitsForItsMerge();
    return task.satisfiesDependents() || forks && accepted;
  }

  // ------------------------------------------------------------------ costs

  private static Line line(Task task, Group group, Cause cause, @Nullable String detail) {
    return new Line(task.id, group, cause, detail, usage(task));
  }

  private static @Nullable Usage usage(Task task) {
    boolean told = task.dealings.launches > 0 || !task.isAgent() || task.state == TaskState.SKIPPED;
    return task.dealings.reused != null ? task.dealings.reused : told ? task.usage() : null;
  }

  /** {@return the usage of a step that launches no agent, or null when that is not known} */
  private static @Nullable Usage free(Step step) {
    Step body = step.body();
    boolean inside =
        body.inside().stream()
            .flatMap(pipeline -> pipeline.allSteps().stream())
            .anyMatch(Replanning::launches);
    return inside || launches(body) ? null : Usage.NONE;
  }

  private static boolean launches(Step step) {
    return switch (step.action().kind()) {
      case AGENT, PLAN -> true;
      default -> false;
    };
  }
}
