package dev.maestro.run;

import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.policy.Verdict;
import dev.maestro.run.RunUnderTest.Transition;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskState;
import dev.maestro.task.Transitions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every move of the table is taken through {@code decide}, but for those of features to come. */
class EveryMoveTest {

  private static final int WALKS = 250;
  private static final int STEPS = 150;
  private static final Verdict.Ask MERGE = new Verdict.Ask(Reason.ESCALATED, "merge it?");

  @Test
  void everyMoveIsTakenUnlessItsFeatureIsStillToCome() {
    Set<Transition> taken = new HashSet<>();
    for (int seed = 0; seed < WALKS; seed++) {
      taken.addAll(walk(new Random(seed)));
    }
    taken.addAll(merging().crashAndRecover().dispatch("a").run.taken());
    taken.addAll(merging().stop().resume().dispatch("a").run.taken());
    taken.addAll(merging().mergeConflicts("a").retry("a").dispatch("a").run.taken());
    taken.addAll(merging().mergedTreeFails("a").run.taken());
    taken.addAll(merging().mergeAsks("a", MERGE).run.taken());
    taken.addAll(blockedInASecondAttempt().retry("a").dispatch("a").run.taken());
    Steps[] two = {Steps.agent("a"), Steps.agent("x")};
    taken.addAll(Scenario.started(two).work("a").fails("a").rework("a").run.taken());
    taken.addAll(approvedToMerge().rework("ok").run.taken());
    taken.addAll(Scenario.started(Steps.agent("a")).work("a").stop().resume().run.taken());
    Verdict gone = new Verdict.Refuse(Reason.PROVIDER_MISSING, "gone", true);
    Scenario blocked = Scenario.started(two).dispatch("a").stopped("a", gone);
    taken.addAll(blocked.retry("a").dispatch("a").run.taken());
    Set<Transition> missing = new HashSet<>();
    for (TaskState from : TaskState.values()) {
      Transitions.from(from).forEach(to -> missing.add(new Transition(from, to)));
    }
    missing.removeAll(taken);

    assertThat(missing).containsExactlyInAnyOrderElementsOf(toCome().keySet());
  }

  private static Set<Transition> walk(Random random) {
    Walk walk = new Walk(Draws.pipeline(random));
    walk.start(random.nextInt(2));
    random.ints(random.nextInt(STEPS), 0, Integer.MAX_VALUE).forEach(walk::step);
    walk.run().feed(new RunInput.Cancel(Scenario.EPOCH, "enough", Scenario.ANN));
    return walk.run().taken();
  }

  private static Scenario merging() {
    Scenario run = Scenario.started(Steps.agent("a").mergeInto("main"));
    return run.work("a").acted("a").verified("a");
  }

  private static Scenario blockedInASecondAttempt() {
    Scenario run = Scenario.started(Steps.agent("a").attempts(2)).work("a").fails("a");
    return run.dispatch("a")
        .stopped("a", new Verdict.Refuse(Reason.PROVIDER_MISSING, "gone", true));
  }

  private static Scenario approvedToMerge() {
    Steps ok = Steps.approval("ok").after("a").mergeInto("main");
    return Scenario.started(Steps.agent("a"), ok).completes("a").asks("ok").approve("ok");
  }

  /** Must shrink to nothing as the features come; a move in it that is taken fails the test. */
  private static Map<Transition, String> toCome() {
    Map<Transition, String> all = new HashMap<>();
    String planning = "planning mode";
    toCome(all, planning, PENDING, PLANNING);
    toCome(all, planning, PLANNING, AWAITING_APPROVAL, RUNNING, PENDING, PAUSED);
    toCome(all, planning, PLANNING, BLOCKED, FAILED, INTERRUPTED, CANCELLED);
    toCome(all, planning, AWAITING_APPROVAL, PLANNING);
    toCome(all, planning, PAUSED, PLANNING);
    toCome(all, planning, INTERRUPTED, PLANNING);
    String review = "review";
    toCome(all, review, AWAITING_APPROVAL, READY_FOR_REVIEW);
    toCome(all, review, VERIFIED, RETRYING);
    toCome(all, "budgets: a cap reached for good", PAUSED, FAILED);
    toCome(all, "backlog: back to the queue", FAILED, PENDING);
    toCome(all, "backlog: back to the queue", INTERRUPTED, PENDING);
    toCome(all, "backlog: back to the queue", AWAITING_APPROVAL, PENDING);
    toCome(all, "backlog: given up by a person", BLOCKED, FAILED);
    toCome(all, "backlog: a missing dependency is pruned", BLOCKED, SKIPPED);
    toCome(all, "recovery policy: do not go on", INTERRUPTED, FAILED);
    return all;
  }

  private static void toCome(
      Map<Transition, String> all, String feature, TaskState from, TaskState... to) {
    for (TaskState one : to) {
      all.put(new Transition(from, one), feature);
    }
  }
}
