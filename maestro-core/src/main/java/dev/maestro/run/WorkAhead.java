package dev.maestro.run;

import dev.maestro.approval.Shown;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Policies;
import dev.maestro.task.Cap;
import dev.maestro.task.TaskId;
import dev.maestro.task.Unit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What may follow a yes: which tasks that wait for it launch agents, how often at most, and what
 * these launches may come to by what budgets say of them.
 *
 * <p>It is said by the definition and by what was granted, and not by what has been used up so far:
 * so it stays the same while other tasks work. What nothing limits is unknown, and said to be. What
 * a person has tried again later is not in it.
 *
 * @param tasks those that may launch an agent, or have some inside that may
 * @param most what all of them together may come to
 */
record WorkAhead(List<TaskId> tasks, Bound most) {

  private static final int MOST_NAMES = 10;
  private static final List<Unit> SHOWN = List.of(Unit.LAUNCHES, Unit.TOKENS, Unit.MONEY);

  WorkAhead {
    tasks = List.copyOf(tasks);
  }

  /** {@return what waits for this task, in its own pipeline and around it} */
  static WorkAhead of(Task task, RunState state) {
    return of(task, state, List.of(), Bound.NOTHING);
  }

  /** {@return what a plan that waits for a yes adds, with what waits for it} */
  static WorkAhead ofPlan(Task planner, Action.Plan plan, RunState state) {
    Step template = state.blueprint(planner.parent).template(plan.template()).orElseThrow();
    Bound each = of(template, declaredAround(planner, state), Cap.NONE, Cap.NONE);
    List<RunEvent.TasksAdded.Added> added = PlannedTasks.of(planner);
    List<TaskId> ids = added.stream().map(RunEvent.TasksAdded.Added::id).toList();
    return each.isNothing() ? of(planner, state) : of(planner, state, ids, each.times(ids.size()));
  }

  private static WorkAhead of(Task task, RunState state, List<TaskId> first, Bound ofFirst) {
    List<TaskId> tasks = new ArrayList<>(first);
    Bound most = ofFirst;
    for (Task one = task;
        one != null;
        one = one.parent == null ? null : state.require(one.parent)) {
      for (Task waiting : behind(one, state)) {
        Cap declared = declaredAround(waiting, state);
        Bound bound =
            of(waiting.step, declared, waiting.dealings.grantedCap, waiting.dealings.grantedInside);
        if (!bound.isNothing()) {
          tasks.add(waiting.id);
          most = most.plus(bound);
        }
      }
      most = most.tighter(around(one, state));
    }
    return new WorkAhead(tasks, most);
  }

  /** {@return those that wait for it, however far behind, and have not ended} */
  private static List<Task> behind(Task task, RunState state) {
    Set<TaskId> seen = new LinkedHashSet<>();
    Deque<TaskId> next = new ArrayDeque<>(task.dependents);
    while (!next.isEmpty()) {
      TaskId id = next.poll();
      if (seen.add(id)) {
        next.addAll(state.require(id).dependents);
      }
    }
    return seen.stream().map(state::require).filter(one -> !one.state.isFinal()).toList();
  }

  /** {@return what all that is beside this task in the same pipeline may come to} */
  private static Bound around(Task task, RunState state) {
    if (task.parent == null) {
      return limitOf(state.pipeline().policies(), state.header.granted);
    }
    Task parent = state.require(task.parent);
    Bound inside =
        parent
            .step
            .inside()
            .map(pipeline -> limitOf(pipeline.policies(), parent.dealings.grantedInside))
            .orElse(Bound.UNKNOWN);
    return inside.tighter(limitOf(parent.step.policies(), parent.dealings.grantedCap));
  }

  private static Cap declaredAround(Task task, RunState state) {
    Cap declared = declaredBy(state.pipeline().policies());
    for (TaskId id = task.parent; id != null; id = state.require(id).parent) {
      Step step = state.require(id).step;
      declared = declared.tighter(declaredBy(step.policies()));
      Policies inside = step.inside().map(Pipeline::policies).orElse(Policies.NONE);
      declared = declared.tighter(declaredBy(inside));
    }
    return declared;
  }

  // ------------------------------------------------------------------ one step

  /** {@return what a step may come to in all its attempts} */
  private static Bound of(Step step, Cap declaredAround, Cap granted, Cap grantedInside) {
    Cap declared = declaredAround.tighter(declaredBy(step.policies()));
    Bound inside = inside(step, declared, grantedInside);
    return inside.isNothing()
        ? inside
        : inside.times(step.attempts()).tighter(limitOf(step.policies(), granted));
  }

  private static Bound inside(Step step, Cap declared, Cap granted) {
    return switch (step.action().kind()) {
      case AGENT -> Bound.of(declared.launches(1));
      // how many tasks a plan adds is known when it is written
      case PLAN -> Bound.UNKNOWN;
      case PIPELINE -> inside(step.inside().orElseThrow(), declared, granted);
      // how long the list is is known when it is there
      case FOR_EACH ->
          of(step.body(), declared, Cap.NONE, Cap.NONE).isNothing() ? Bound.NOTHING : Bound.UNKNOWN;
      case COMMAND, CODE, APPROVAL, WAIT -> Bound.NOTHING;
    };
  }

  private static Bound inside(Pipeline pipeline, Cap declaredAround, Cap granted) {
    Cap declared = declaredAround.tighter(declaredBy(pipeline.policies()));
    Bound most = Bound.NOTHING;
    for (Step step : pipeline.steps()) {
      most = most.plus(of(step, declared, Cap.NONE, Cap.NONE));
    }
    return most.isNothing() ? most : most.tighter(limitOf(pipeline.policies(), granted));
  }

  private static Cap declaredBy(Policies policies) {
    return policies.limits().map(Budget::perAttempt).orElse(Cap.NONE);
  }

  private static Bound limitOf(Policies policies, Cap granted) {
    Optional<Budget> budget = policies.limits();
    return budget.map(limits -> Bound.of(limits.limit().plus(granted))).orElse(Bound.UNKNOWN);
  }

  // ------------------------------------------------------------------ words

  boolean isNothing() {
    return tasks.isEmpty();
  }

  /** {@return it for people, on one line} */
  String text() {
    List<String> known = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (Unit unit : SHOWN) {
      (most.knows(unit) ? known : unknown)
          .add(most.knows(unit) ? most.digits(unit) + " " + unit.word() : unit.word());
    }
    return "After a yes, agents are launched by "
        + names()
        + (known.isEmpty() ? "" : ": at most " + String.join(", ", known) + asFarAs())
        + (unknown.isEmpty() ? "." : "; unknown: " + String.join(", ", unknown) + ".");
  }

  /** Promise 11: an agent that nobody can stop at its cap may use up more, and that is said. */
  private String asFarAs() {
    return most.knows(Unit.TOKENS) || most.knows(Unit.MONEY)
        ? " as far as agents keep to their caps"
        : "";
  }

  private String names() {
    List<String> first = tasks.stream().limit(MOST_NAMES).map(TaskId::value).toList();
    String more = tasks.size() > MOST_NAMES ? " and " + (tasks.size() - MOST_NAMES) + " more" : "";
    return String.join(", ", first) + more;
  }

  /** {@return a hash of all of it, or null when nothing that costs follows} */
  @Nullable String hash() {
    return isNothing() ? null : Shown.of("", things()).hash();
  }

  /** {@return all of it, to be hashed} */
  List<String> things() {
    List<String> things = new ArrayList<>();
    tasks.forEach(task -> things.add(task.value()));
    for (Unit unit : Unit.values()) {
      things.add(most.digits(unit) + " " + unit.word());
    }
    return things;
  }
}
