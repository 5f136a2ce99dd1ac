package dev.maestro.run;

import dev.maestro.task.TaskId;
import java.util.Optional;

/** The ways to say no to an input. */
final class Refusal {

  static final String CLAIMED = "claimed";

  private Refusal() {}

  static Optional<Decision.Refused> runOver(RunState state) {
    return because("run-over", "run " + state.key() + " is " + state.status());
  }

  static Optional<Decision.Refused> reworkAfterTheEnd(RunState state) {
    return because(
        "run-over",
        "run "
            + state.key()
            + " is "
            + state.status()
            + "; what has ended is forked, not reworked");
  }

  static Optional<Decision.Refused> unknownTask(RunState state, TaskId task) {
    return because("unknown-task", "run " + state.key() + " has no task " + task);
  }

  static Optional<Decision.Refused> unknownQuestion(String why) {
    return because("unknown-question", why);
  }

  /** The task has moved on meanwhile. */
  static Optional<Decision.Refused> stale(String why) {
    return because("stale", why);
  }

  /** Somebody else has it. */
  static Optional<Decision.Refused> claimed(String why) {
    return because(CLAIMED, why);
  }

  /** The launch may go on with less. */
  static Optional<Decision.Refused> degrade(String why) {
    return because(Decision.Refused.DEGRADE, why);
  }

  static Optional<Decision.Refused> notAllowed(String why) {
    return because("not-allowed", why);
  }

  /** A budget around it is used up. */
  static Optional<Decision.Refused> overBudget(String why) {
    return because("budget-exceeded", why);
  }

  private static Optional<Decision.Refused> because(String code, String why) {
    return Optional.of(new Decision.Refused(code, why));
  }
}
