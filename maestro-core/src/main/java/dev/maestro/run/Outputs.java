package dev.maestro.run;

import dev.maestro.failure.Problem;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.plan.Plan;
import dev.maestro.plan.PlanParser;
import dev.maestro.task.Reason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the rules demand of an output before they let it steer anything. */
final class Outputs {

  private Outputs() {}

  /** {@return what is wrong with the output of this task, or null} */
  static @Nullable Trouble check(RunState state, Task task, @Nullable Value output) {
    boolean plan = task.step.action().kind() == Action.Kind.PLAN;
    if (output instanceof Value.Stored stored && (plan || steers(state, task.step.output()))) {
      return Trouble.of(
          Reason.OUTPUT_TOO_LARGE,
          "the output of "
              + task.id
              + " has "
              + stored.bytes()
              + " bytes; one that steers the run may have "
              + Value.MAX_INLINE_BYTES);
    }
    return plan ? checkPlan(task, output) : null;
  }

  /** {@return why a fork cannot take these outputs along, if it cannot} */
  static Optional<Decision.Refused> check(RunState state, Taken taken) {
    for (RunEvent.Forked.Kept kept : taken.kept()) {
      String name =
          state.pipeline().step(kept.task().value()).flatMap(Step::outputName).orElse(null);
      if (kept.output() instanceof Value.Stored stored && steers(state, name)) {
        return Refusal.notAllowed(
            "the output of "
                + kept.task()
                + " has "
                + stored.bytes()
                + " bytes and is compared by a condition now; such a one may have "
                + Value.MAX_INLINE_BYTES);
      }
    }
    return Optional.empty();
  }

  private static boolean steers(RunState state, @Nullable String name) {
    return name != null && state.steers(name);
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
