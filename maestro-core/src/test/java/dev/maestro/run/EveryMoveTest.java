package dev.maestro.run;

import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunUnderTest.Transition;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskState;
import dev.maestro.task.Transitions;
import dev.maestro.task.Usage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every move of the table is taken through {@code decide}, but for those of backlogs. */
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
    Scenario checked = Scenario.started(Steps.agent("a")).work("a").acted("a");
    taken.addAll(checked.stop().resume().dispatch("a").run.taken());
    taken.addAll(stoppedAtItsCap().run.taken());
    taken.addAll(askedBeforeMoreWasGranted().run.taken());
    Verdict gone = new Verdict.Refuse(Reason.PROVIDER_MISSING, "gone", true);
    Scenario blocked = Scenario.started(two).dispatch("a").stopped("a", gone);
    taken.addAll(blocked.retry("a").dispatch("a").run.taken());
    taken.addAll(Scenario.started(two).work("a").stop().giveUp("a").run.taken());
    taken.addAll(Scenario.started(two).work("a").crash().giveUp("a").run.taken());
    taken.addAll(Scenario.started(two).dispatch("a").stopped("a", gone).giveUp("a").run.taken());
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

  private static Scenario stoppedAtItsCap() {
    Steps a = Steps.agent("a").budget(Budget.ofTokens(150).asks());
    Trouble spent =
        new Trouble(
            Reason.BUDGET_EXCEEDED, ErrorClass.BUDGET_EXCEEDED, "used up what it may", "", null);
    Scenario run = Scenario.started(a).work("a");
    Usage used = Usage.of(150, 0, Money.ZERO);
    return run.feed(run.ended("a", 1, new ActResult.Failed(spent, used, null)));
  }

  private static Scenario askedBeforeMoreWasGranted() {
    Scenario run =
        Scenario.started(
            Steps.within(Budget.ofTokens(150), Steps.approval("ok"), Steps.agent("a").after("ok")));
    return run.asks("ok").feed(new RunInput.Grant(run.now, null, Cap.ofTokens(50), Scenario.ANN));
  }

  private static Scenario approvedToMerge() {
    Steps ok = Steps.approval("ok").after("a").mergeInto("main");
    return Scenario.started(Steps.agent("a"), ok).completes("a").asks("ok").approve("ok");
  }

  /** All of them come with backlogs; a move in it that is taken fails the test. */
  private static Map<Transition, String> toCome() {
    Map<Transition, String> all = new HashMap<>();
    String planning = "backlog: plans that are agreed to before work begins";
    toCome(all, planning, PENDING, PLANNING);
    toCome(all, planning, PLANNING, AWAITING_APPROVAL, RUNNING, PENDING, PAUSED);
    toCome(all, planning, PLANNING, BLOCKED, FAILED, INTERRUPTED, CANCELLED);
    toCome(all, planning, AWAITING_APPROVAL, PLANNING);
    toCome(all, planning, PAUSED, PLANNING);
    toCome(all, planning, INTERRUPTED, PLANNING);
    toCome(all, "backlog: back to the queue", FAILED, PENDING);
    toCome(all, "backlog: back to the queue", INTERRUPTED, PENDING);
    toCome(all, "backlog: a missing dependency is pruned", BLOCKED, SKIPPED);
    return all;
  }

  private static void toCome(
      Map<Transition, String> all, String feature, TaskState from, TaskState... to) {
    for (TaskState one : to) {
      all.put(new Transition(from, one), feature);
    }
  }
}
