package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.approval.Shown;
import dev.maestro.pipeline.Action;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What somebody agrees to who accepts a plan: the plan, and what its tasks may come to.
 *
 * @param ask what is asked, with both
 * @param ahead the hash of what may follow, or null when nothing that costs does
 */
record PlanReview(Verdict.Ask ask, @Nullable String ahead) {

  private static final String BETWEEN = "\n\n";

  /** {@return the review of a task's work; that of a plan tells what follows, too} */
  static PlanReview of(Verdict.Ask review, Task task, RunState state) {
    Shown work = review.shown();
    if (work == null || !(task.step.action() instanceof Action.Plan plan)) {
      return new PlanReview(review, null);
    }
    return of(review, work, WorkAhead.ofPlan(task, plan, state));
  }

  private static PlanReview of(Verdict.Ask review, Shown work, WorkAhead ahead) {
    if (ahead.isNothing()) {
      return new PlanReview(review, null);
    }
    List<String> things = new ArrayList<>(List.of(work.hash()));
    things.addAll(ahead.things());
    Shown shown = Shown.of(ahead.text() + BETWEEN + work.text(), things);
    return new PlanReview(new Verdict.Ask(review.reason(), review.question(), shown), ahead.hash());
  }

  /**
   * {@return what is to be asked instead, or null where what was shown would still follow}
   *
   * <p>What was shown before is among what the new hash covers, and so is the plan.
   */
  static @Nullable PlanReview instead(Question asked, Task task, RunState state) {
    Shown shown = asked.shown();
    if (shown == null || !(task.step.action() instanceof Action.Plan plan)) {
      return null;
    }
    WorkAhead now = WorkAhead.ofPlan(task, plan, state);
    if (Objects.equals(task.dealings.shownAhead, now.hash())) {
      return null;
    }
    Shown before = Shown.of(work(shown.text(), task.dealings.shownAhead), List.of(shown.hash()));
    return of(new Verdict.Ask(Reason.ESCALATED, asked.text(), before), before, now);
  }

  /** What follows was told on a line of its own. */
  private static String work(String text, @Nullable String ahead) {
    return ahead == null ? text : text.substring(text.indexOf(BETWEEN) + BETWEEN.length());
  }
}
