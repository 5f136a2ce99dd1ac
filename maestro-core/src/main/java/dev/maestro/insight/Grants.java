package dev.maestro.insight;

import dev.maestro.approval.QuestionId;
import dev.maestro.insight.AttemptRecord.Standing;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunState;
import dev.maestro.task.Cap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was granted on top of budgets, by the name of each: because it asked and somebody said yes,
 * or by hand. Grows while the journal is read.
 */
final class Grants {

  private final Map<String, Cap> byHand = new HashMap<>();
  private final Map<String, List<Standing>> yeses = new HashMap<>();
  // how budgets stood when they asked
  private final Map<QuestionId, Standing> asked = new HashMap<>();
  // the one that has just been answered yes: what it asks for is granted in the next event
  private @Nullable Standing answered;

  /** Note how a budget stands that asks. */
  void ask(QuestionId question, Standing standing) {
    asked.put(question, standing);
  }

  /** Take in an event that is about to be applied. */
  void take(RunState state, RunEvent event) {
    if (event instanceof RunEvent.Granted granted) {
      String name = name(state, granted);
      if (answered != null && name.equals(answered.account().name())) {
        yeses.computeIfAbsent(name, account -> new ArrayList<>()).add(answered);
      } else {
        byHand.merge(name, granted.more(), Cap::and);
      }
    }
    answered =
        event instanceof RunEvent.Answered answer && answer.answer().isApproval()
            ? asked.get(answer.question())
            : null;
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

  List<Standing> yeses(String account) {
    return List.copyOf(yeses.getOrDefault(account, List.of()));
  }
}
