package dev.maestro.insight;

import dev.maestro.run.Move;
import dev.maestro.run.Phase;
import dev.maestro.run.RunEvent;
import dev.maestro.task.Amount;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each attempt has used up by its journal alone; grows while journals are read, each run's in
 * order. What was put aside for a launch stands in for what nobody knows of it, as it does in the
 * run.
 */
final class Spending {

  private final Map<Attempt, Usage> known = new HashMap<>();
  // of launches that were cut off, until what they used up comes in
  private final Map<Attempt, Usage> presumed = new HashMap<>();
  private final Map<Work, Launch> underWay = new HashMap<>();

  /** Which attempt of which task of which run. */
  record Attempt(RunKey run, TaskId task, int number) {}

  private record Work(RunKey run, TaskId task) {}

  private record Launch(Attempt attempt, Usage aside, boolean begun) {}

  void take(RunKey run, RunEvent event) {
    if (event instanceof RunEvent.Dispatched dispatched && dispatched.phase() == Phase.ACT) {
      underWay.remove(new Work(run, dispatched.task()));
    } else if (event instanceof RunEvent.Intent intent) {
      Attempt attempt = new Attempt(run, intent.task(), intent.attempt());
      Launch launch = new Launch(attempt, aside(intent), !intent.promptAfterStart());
      underWay.put(new Work(run, intent.task()), launch);
    } else if (event instanceof RunEvent.Launched launched && launched.agent()) {
      underWay.computeIfPresent(
          new Work(run, launched.task()),
          (work, launch) -> new Launch(launch.attempt(), launch.aside(), true));
    } else if (event instanceof RunEvent.Acted acted) {
      act(new Attempt(run, acted.task(), acted.attempt()), acted);
    }
    for (Move move : event.moves()) {
      cutOff(new Work(run, move.task()));
    }
  }

  /** Where it moves nothing, it is the late end of a launch that had been cut off. */
  private void act(Attempt attempt, RunEvent.Acted acted) {
    Usage standsIn =
        acted.moves().isEmpty()
            ? presumed.remove(attempt)
            : aside(underWay.remove(new Work(attempt.run(), attempt.task())));
    Usage used = acted.usage();
    if (used == null) {
      used = standsIn == null ? Amount.NONE.presumed() : standsIn;
    }
    known.merge(attempt, used, Usage::plus);
  }

  private void cutOff(Work work) {
    Launch launch = underWay.remove(work);
    if (launch != null && launch.begun()) {
      presumed.merge(launch.attempt(), launch.aside(), Usage::plus);
    }
  }

  private static @Nullable Usage aside(@Nullable Launch launch) {
    return launch == null ? null : launch.aside();
  }

  private static Usage aside(RunEvent.Intent intent) {
    RunEvent.Intent.Reserved reserved = intent.reserved();
    return (reserved == null ? Amount.NONE : reserved.cap().amount()).presumed();
  }

  /** {@return what it has used up} */
  Usage of(Attempt attempt) {
    Usage used = known.getOrDefault(attempt, Usage.NONE);
    Usage more = presumed.get(attempt);
    return more == null ? used : used.plus(more);
  }
}
