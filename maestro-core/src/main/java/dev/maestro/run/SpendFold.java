package dev.maestro.run;

import dev.maestro.failure.ErrorClass;
import dev.maestro.task.Amount;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What launches put aside and use up, and what work has used up that somebody has brought: counted
 * for the task, for all that it is inside of, and for the run, so that nobody ever has to add it
 * up.
 */
final class SpendFold {

  private final RunState state;

  SpendFold(RunState state) {
    this.state = state;
  }

  /** A launch is about to begin. */
  void reserve(Task task, RunEvent.Intent intent) {
    RunEvent.Intent.Reserved reserved = intent.reserved();
    task.deal().underWay = intent;
    task.deal().capped = null;
    task.deal().degraded = reserved != null && reserved.degraded();
    LedgerLine line = LedgerLine.reserved(intent);
    if (reserved != null) {
      putAside(task, line.amount());
    }
    state.note(line);
  }

  /** {@return what act has used up, as far as that can be known} */
  static Usage used(RunEvent.@Nullable Intent launch, @Nullable Usage told) {
    if (told != null) {
      return told;
    }
    return launch == null || launch.reserved() == null
        ? Amount.NONE.presumed()
        : launch.reserved().cap().amount().presumed();
  }

  /** {@return what the launch comes to that ends now, with this usage} */
  static Amount amount(Task task, RunEvent.Intent launch, Usage used, Instant at) {
    return task.dealings.launched ? Amount.of(used, elapsed(task, launch, at)) : ofOthers(used);
  }

  /**
   * {@return how long it took; never longer than it may take, whatever clocks say that were set, or
   * went on while nothing ran}
   */
  private static Duration elapsed(Task task, RunEvent.Intent launch, Instant at) {
    Duration most = mayTake(task, launch);
    return at.isAfter(launch.at().plus(most))
        ? most
        : at.isAfter(launch.at()) ? Duration.between(launch.at(), at) : Duration.ZERO;
  }

  /**
   * Act is at its end, and so is the launch, if there was one: a launch that a used-up quota turned
   * away counts as none, as it counts as no attempt.
   */
  void settle(Task task, Usage used, Instant at, @Nullable Trouble trouble) {
    RunEvent.Intent launch = task.dealings.underWay;
    if (launch == null) {
      bring(task, used);
      return;
    }
    Amount all = amount(task, launch, used, at);
    boolean turnedAway = trouble != null && trouble.isTurnedAway(at);
    Amount amount = turnedAway ? all.withoutLaunches() : all;
    task.deal().capped = capped(launch, amount, trouble);
    takeBack(task, launch);
    spend(task, amount);
    note(LedgerLine.Kind.SETTLED, launch, amount, trouble);
  }

  /** {@return what a launch had that was ended for having used up that, or too much of it} */
  static @Nullable Capped capped(RunEvent.Intent launch, Amount used, @Nullable Trouble trouble) {
    boolean atItsCap = trouble != null && trouble.errorClass() == ErrorClass.BUDGET_EXCEEDED;
    return atItsCap && launch.reserved() != null ? new Capped(launch.reserved().cap(), used) : null;
  }

  private void bring(Task task, Usage used) {
    Amount amount = task.dealings.delivered == null ? Amount.NONE : ofOthers(used);
    if (!amount.isNothing()) {
      spend(task, amount);
      state.note(LedgerLine.brought(task.id, task.attempt, amount));
    }
  }

  /** {@return what somebody else has used up, which is no launch and whose time is not known} */
  static Amount ofOthers(Usage used) {
    return Amount.of(used, Duration.ZERO).minus(Amount.of(Usage.NONE, Duration.ZERO));
  }

  /**
   * The launch is cut off: what was put aside stands in for what it has used up.
   *
   * @param goesOn whether the engine goes on that will be told of its end
   */
  void cutOff(Task task, Instant at, boolean goesOn) {
    RunEvent.Intent launch = task.dealings.underWay;
    if (launch == null) {
      return;
    }
    takeBack(task, launch);
    if (task.dealings.launched) {
      Amount presumed = presumed(task, launch, at);
      Instant until = goesOn ? at.plus(Owed.COMES_IN_WITHIN) : null;
      spend(task, presumed);
      state.note(LedgerLine.presumed(launch, presumed, until));
      task.deal().owed =
          Fold.concat(task.dealings.owed, List.of(new Owed(launch, presumed, until)));
      state.header.owed++;
      state.header.presumed = state.header.presumed.plus(presumed);
    } else {
      note(LedgerLine.Kind.GIVEN_BACK, launch, Amount.NONE, null);
    }
  }

  private static Amount presumed(Task task, RunEvent.Intent launch, Instant at) {
    return Amount.of(used(launch, null), elapsed(task, launch, at));
  }

  /** It is told to end when the time of its step is over, or that which was put aside for it. */
  private static Duration mayTake(Task task, RunEvent.Intent launch) {
    Duration total = task.step.limits().total();
    Duration aside = launch.reserved() == null ? null : launch.reserved().cap().time();
    return aside == null || total.compareTo(aside) <= 0 ? total : aside;
  }

  /** What a launch used up that had been cut off has come in after all. */
  void correct(Task task, int attempt, Usage used) {
    for (Owed one : task.dealings.owed) {
      if (one.attempt() == attempt) {
        Amount amount = Amount.of(used, one.presumed().time());
        state.header.owed--;
        state.header.presumed = state.header.presumed.minus(one.presumed());
        unspend(task, one.presumed());
        spend(task, amount);
        state.header.corrected = true;
        note(LedgerLine.Kind.CORRECTED, one.launch(), amount, null);
      }
    }
    task.deal().owed = task.dealings.owed.stream().filter(one -> one.attempt() != attempt).toList();
  }

  // ------------------------------------------------------------------ counting

  private void putAside(Task task, Amount amount) {
    state.header.reserved = state.header.reserved.plus(amount);
    for (Task one = task; one != null; one = around(one)) {
      one.deal().reserved = one.dealings.reserved.plus(amount);
    }
  }

  private void takeBack(Task task, RunEvent.Intent launch) {
    task.deal().underWay = null;
    if (launch.reserved() != null) {
      Amount amount = launch.reserved().cap().amount();
      state.header.madeRoom = true;
      state.header.reserved = state.header.reserved.minus(amount);
      for (Task one = task; one != null; one = around(one)) {
        one.deal().reserved = one.dealings.reserved.minus(amount);
      }
    }
  }

  private void spend(Task task, Amount amount) {
    if (!amount.isNothing()) {
      state.header.spent = state.header.spent.plus(amount);
      for (Task one = task; one != null; one = around(one)) {
        one.deal().spent = one.dealings.spent.plus(amount);
      }
    }
  }

  private void unspend(Task task, Amount amount) {
    if (!amount.isNothing()) {
      state.header.spent = state.header.spent.minus(amount);
      for (Task one = task; one != null; one = around(one)) {
        one.deal().spent = one.dealings.spent.minus(amount);
      }
    }
  }

  private @Nullable Task around(Task task) {
    TaskId parent = task.parent;
    return parent == null ? null : state.change(parent);
  }

  private void note(
      LedgerLine.Kind kind, RunEvent.Intent launch, Amount amount, @Nullable Trouble trouble) {
    state.note(new LedgerLine(kind, launch, amount, trouble));
  }
}
