package dev.maestro.insight;

import dev.maestro.run.RunEvent;
import dev.maestro.run.RunState;
import dev.maestro.task.Cap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was granted on top of budgets, by the name of each: because it asked and somebody said yes,
 * or by hand. Grows while the journal is read.
 */
final class Grants {

  private final Map<String, Cap> byHand = new HashMap<>();
  private final Map<String, Integer> yeses = new HashMap<>();
  // the budget that has just been answered yes: what it asks for is granted in the next event
  private @Nullable String answered;

  /** Take in an event that is about to be applied. */
  void take(RunState state, RunEvent event) {
    if (event instanceof RunEvent.Granted granted) {
      String name = name(state, granted);
      if (name.equals(answered)) {
        yeses.merge(name, 1, Integer::sum);
      } else {
        byHand.merge(name, granted.more(), Cap::and);
      }
    }
    answered = answered(state, event).orElse(null);
  }

  private static Optional<String> answered(RunState state, RunEvent event) {
    return event instanceof RunEvent.Answered answer && answer.answer().isApproval()
        ? state.question(answer.question()).flatMap(RunState::budgetAskedAbout)
        : Optional.empty();
  }

  private static String name(RunState state, RunEvent.Granted granted) {
    if (granted.task() == null) {
      return "run " + state.key().run();
    }
    return (granted.inside() ? "pipeline in task " : "task ") + granted.task();
  }

  Cap byHand(String account) {
    return byHand.getOrDefault(account, Cap.NONE);
  }

  int yeses(String account) {
    return yeses.getOrDefault(account, 0);
  }
}
