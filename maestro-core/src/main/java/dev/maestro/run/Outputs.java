package dev.maestro.run;

import dev.maestro.failure.Problem;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.plan.Plan;
import dev.maestro.plan.PlanParser;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the rules demand of an output before they let it steer anything. */
final class Outputs {

  private Outputs() {}

  /** {@return what is wrong with the output of this task, or null} */
  static @Nullable Trouble check(RunState state, Task task, @Nullable Value output) {
    boolean plan = task.step.action().kind() == Action.Kind.PLAN;
    if (output instanceof Value.Stored stored && (plan || steers(state, task))) {
      return tooLarge("the output of " + task.id, stored);
    }
    return plan ? checkPlan(task, output) : null;
  }

  /** {@return what is wrong with what the tasks inside this one are to be given, or null} */
  static @Nullable Trouble checkInside(RunState state, Task task, ActResult.Opened opened) {
    if (task.step.each().isPresent()) {
      return checkElements(task, opened.elements());
    }
    Blueprint inside = state.blueprint(task.id);
    for (Map.Entry<String, Value> input : opened.inputs().entrySet()) {
      if (input.getValue() instanceof Value.Stored stored && inside.steers(input.getKey())) {
        return tooLarge("the input '" + input.getKey() + "' of " + task.id, stored);
      }
    }
    return null;
  }

  private static @Nullable Trouble checkElements(Task task, List<Value.Inline> elements) {
    int bytes = 2;
    for (Value.Inline element : elements) {
      bytes += element.json().toString().getBytes(StandardCharsets.UTF_8).length + 1;
    }
    return bytes - 1 > Value.MAX_INLINE_BYTES && !elements.isEmpty()
        ? tooLarge("the list that " + task.id + " goes over", bytes - 1)
        : null;
  }

  private static Trouble tooLarge(String what, Value.Stored stored) {
    return tooLarge(what, stored.bytes());
  }

  private static Trouble tooLarge(String what, long bytes) {
    return Trouble.of(
        Reason.OUTPUT_TOO_LARGE,
        what
            + " has "
            + bytes
            + " bytes; one that steers the run, as a condition or a list to go over, may have "
            + Value.MAX_INLINE_BYTES
            + ": put what is long into files, and their names here");
  }

  /** {@return why a run cannot be given these inputs, if it cannot} */
  static Optional<Decision.Refused> checkInputs(Blueprint next, Map<String, Value> inputs) {
    for (Map.Entry<String, Value> input : inputs.entrySet()) {
      if (input.getValue() instanceof Value.Stored && next.steers(input.getKey())) {
        return tooLarge("the input '" + input.getKey() + "'");
      }
    }
    return Optional.empty();
  }

  /** {@return why a fork cannot take these outputs along, if it cannot} */
  static Optional<Decision.Refused> checkKept(Blueprint next, Taken taken) {
    return taken.kept().stream()
        .filter(kept -> kept.output() instanceof Value.Stored && steers(next, kept.task()))
        .findFirst()
        .flatMap(kept -> tooLarge("the output of " + kept.task()));
  }

  /** {@return why a run cannot go on with another pipeline and these outputs, if it cannot} */
  static Optional<Decision.Refused> checkKept(Blueprint next, RunState state, List<TaskId> reused) {
    return reused.stream()
        .filter(id -> state.require(id).output instanceof Value.Stored && steers(next, id))
        .findFirst()
        .flatMap(id -> tooLarge("the output of " + id));
  }

  private static boolean steers(Blueprint next, TaskId task) {
    return next.pipeline()
        .step(task.value())
        .flatMap(Step::outputName)
        .filter(next::steers)
        .isPresent();
  }

  private static Optional<Decision.Refused> tooLarge(String what) {
    return Refusal.notAllowed(
        what
            + " is too long; one that steers the run, as a condition or a list to go over, may have "
            + Value.MAX_INLINE_BYTES
            + " bytes: put what is long into files, and their names here");
  }

  private static boolean steers(RunState state, Task task) {
    String name = task.step.output();
    return name != null && state.blueprint(state.scopeOf(task)).steers(name);
  }

  private static @Nullable Trouble checkPlan(Task task, @Nullable Value output) {
    Plan plan = plan(output);
    if (plan.isEmpty()) {
      return invalid(task, "it has no task line such as '- [ ] T001: what to do | File: path'");
    }
    List<Problem> problems = plan.problems();
    return problems.isEmpty()
        ? null
        : invalid(task, problems.stream().map(Problem::toString).collect(Collectors.joining("; ")));
  }

  private static Trouble invalid(Task task, String why) {
    return Trouble.of(Reason.INVALID_PLAN, "the plan of " + task.id + " cannot be used: " + why);
  }

  /** {@return the plan that lies in an output; without tasks when there is none} */
  static Plan plan(@Nullable Value output) {
    String text = output instanceof Value.Inline inline ? Value.textOf(inline.json()) : "";
    return PlanParser.parse(text);
  }
}
