package dev.maestro.run;

import dev.maestro.run.ResumePlan.Cause;
import dev.maestro.run.ResumePlan.Group;
import dev.maestro.run.ResumePlan.Line;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** How a run goes on with another pipeline or other inputs, once somebody accepted the plan. */
final class RedefineRules {

  private final Draft draft;
  private final RunState state;
  private final BudgetRules budgets;

  RedefineRules(Draft draft, BudgetRules budgets) {
    this.draft = draft;
    this.budgets = budgets;
    this.state = draft.state;
  }

  Optional<Decision.Refused> redefine(RunInput.Redefine i) {
    ResumePlan plan = i.plan();
    ResumePlan now = ResumePlan.of(state, null, plan.pipeline(), plan.inputHash(), plan.inputs());
    if (plan.forks()) {
      return Refusal.notAllowed("this plan is for a fork of run " + state.key());
    } else if (!now.agrees(plan)) {
      return Refusal.stale(
          "run " + state.key() + " has moved on since the plan was made; ask for another");
    }
    Blueprint next = new Blueprint(plan.pipeline());
    Set<TaskId> holders = holders();
    return Outputs.checkInputs(next, plan.inputs())
        .or(() -> Outputs.checkKept(next, state, plan.tasks(Group.REUSE)))
        .or(
            () ->
                plan.lines().stream()
                    .flatMap(line -> hindrance(line, holders).stream())
                    .findFirst())
        .or(() -> emit(i, next));
  }

  private Optional<Decision.Refused> emit(RunInput.Redefine i, Blueprint next) {
    ResumePlan plan = i.plan();
    state.learn(plan.definition(), next);
    RunEvent.Redefined redefined =
        new RunEvent.Redefined(
            i.at(),
            i.actor(),
            new Definition(plan.definition(), plan.inputHash(), plan.inputs()),
            plan.tasks(Group.RERUN),
            plan.tasks(Group.ORPHANED),
            plan.lines(Group.NEW).stream()
                .filter(line -> line.cause() == Cause.STEP_NEW)
                .map(Line::task)
                .toList(),
            moves(plan));
    return draft.emit(redefined).or(() -> budgets.redefined());
  }

  /** What begins anew or is dropped ends where it is; what only waited for it waits again. */
  private List<Move> moves(ResumePlan plan) {
    List<Move> moves = new ArrayList<>();
    for (Line line : plan.lines()) {
      Task task = state.task(line.task()).orElse(null);
      if (task == null || task.state.isFinal()) {
        continue;
      }
      if (line.group() == Group.RERUN || line.group() == Group.ORPHANED) {
        moves.add(draft.move(task.id, TaskState.CANCELLED, Reason.REDEFINED, line.why()));
      } else if (line.group() == Group.NEW && isLetGo(task)) {
        moves.add(draft.move(task.id, TaskState.PENDING, Reason.REQUEUED));
      }
    }
    return moves;
  }

  /** What failed begins anew, so it holds nothing back; but for what is inside of another task. */
  private static boolean isLetGo(Task task) {
    boolean isBlocked = task.state == TaskState.BLOCKED && task.phase == Phase.ACT;
    return isBlocked && !(task.parent != null && task.isBehindFailure());
  }

  // ------------------------------------------------------------------ what is refused

  private Optional<Decision.Refused> hindrance(Line line, Set<TaskId> holders) {
    if (line.cause() == Cause.ADDED_ANEW) {
      return Refusal.notAllowed(
          "task "
              + line.detail()
              + " has added tasks to the run, which cannot be taken back; fork the run instead");
    }
    boolean ends = line.group() == Group.RERUN || line.group() == Group.ORPHANED;
    return ends
        ? state.task(line.task()).flatMap(task -> hindrance(task, line.cause(), holders))
        : Optional.empty();
  }

  /** {@return the tasks that have added others} */
  private Set<TaskId> holders() {
    return state.tasks().stream()
        .filter(task -> !task.dealings.retired)
        .flatMap(task -> task.id.parent().stream())
        .collect(Collectors.toSet());
  }

  private Optional<Decision.Refused> hindrance(Task task, Cause cause, Set<TaskId> holders) {
    if (task.isOpen() && cause == Cause.FAILED) {
      return Refusal.notAllowed(
          "task "
              + task.id
              + " has failed with what is inside, which begins anew by a retry only; retry it"
              + " first, and accept the plan that is made then, or fork the run instead");
    }
    boolean isInside = task.element != null || task.item == null && task.id.parent().isPresent();
    if (isInside || task.isOpen() || holders.contains(task.id)) {
      return Refusal.notAllowed(
          "task "
              + task.id
              + " and others are in each other and can only begin anew together; fork the run"
              + " instead");
    }
    if (task.active) {
      return Refusal.notAllowed(
          "task "
              + task.id
              + " is at work on what has changed; stop the run first, and accept the plan then");
    }
    boolean halfMerged =
        task.dealings.merging != null && !task.dealings.merged && !task.state.isFinal();
    return halfMerged
        ? Refusal.notAllowed(
            "task " + task.id + " is being merged; let that come to its end, or fork the run")
        : Optional.empty();
  }
}
