package dev.maestro.engine;

import dev.maestro.process.Cancellation;
import dev.maestro.run.RunCommand;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunSnapshot;
import dev.maestro.task.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a commit leads to for each of its runs: what was overtaken stops, what is open begins, who
 * waited hears of it, and a run that needs nothing more leaves the heap. Confined to the loop.
 */
final class Aftermath {

  private final Loop loop;
  private final Roster roster;
  private final Scheduler scheduler;
  private final Workers workers;
  private final Alarms alarms;
  // made beforehand: when memory has run out, there is none to make it
  private final Consumer<Live> dismiss = this::dismiss;
  private @Nullable Settled dismissal;

  Aftermath(Loop loop, Roster roster, Scheduler scheduler, Workers workers, Alarms alarms) {
    this.loop = loop;
    this.roster = roster;
    this.scheduler = scheduler;
    this.workers = workers;
    this.alarms = alarms;
  }

  /** Do what follows from the events of a run that are durable now. */
  void follow(Live run, Batch.Part part) {
    run.endedHere |= !part.events().isEmpty() && run.state.status().isTerminal();
    stopOvertaken(run, part);
    if (!run.held && !loop.isClosing()) {
      List<RunCommand> commands = part.commands();
      for (int i = 0; i < commands.size(); i++) {
        workers.begin(run, commands.get(i));
      }
      Optional<Instant> wake = run.state.nextWake();
      if (wake.isPresent()) {
        alarms.set(run.key(), wake.get());
      } else {
        alarms.clear(run.key());
      }
    }
    settle(run);
    lookOutFor(run);
  }

  /**
   * Another engine that drives the run by now is met with what is written next. Where nobody works
   * and no time is waited for that comes before its lease is over, nothing is written, and it is
   * looked for one.
   */
  private void lookOutFor(Live run) {
    if (run.waiters.isEmpty() || !run.workers.isEmpty() || loop.isClosing()) {
      return;
    }
    Optional<Instant> again = roster.looksAgain(run);
    Optional<Instant> wake = run.state.nextWake();
    if (again.isPresent() && (wake.isEmpty() || wake.get().isAfter(again.get()))) {
      alarms.lookOut(again.get());
    }
  }

  /** Let go of a run that another engine has taken over. */
  void lose(Live run) {
    run.lost = true;
    forget(run);
    roster.strikeOffLost(run);
    everybodyStop(run);
    dismissal = Settled.never(run.takenOver());
    dismiss(run);
  }

  // ------------------------------------------------------------------ stopping

  private void stopOvertaken(Live run, Batch.Part part) {
    if (run.workers.isEmpty() && run.preparing.isEmpty()) {
      return;
    }
    for (Worker worker : run.workers.values()) {
      if (run.isSuperseded(worker)) {
        workers.cancel(worker, mode(part));
      }
    }
    for (Worker worker : run.preparing.values()) {
      if (loop.isClosing() || run.isPreparedInVain(worker.task())) {
        workers.cancel(worker, mode(part));
      }
    }
  }

  /** Leave those no grace who are at something that the run has gone on without. */
  void stopAtOnce(Live run) {
    run.workers.values().stream()
        .filter(run::isSuperseded)
        .forEach(worker -> workers.cancel(worker, Cancellation.Mode.EMERGENCY));
  }

  private static Cancellation.Mode mode(Batch.Part part) {
    return part.events().stream().anyMatch(Aftermath::isEmergency)
        ? Cancellation.Mode.EMERGENCY
        : Cancellation.Mode.GRACEFUL;
  }

  private static boolean isEmergency(RunEvent event) {
    return event instanceof RunEvent.RunMoved moved && moved.reason().equals(Reason.EMERGENCY_STOP)
        || event.moves().stream().anyMatch(move -> move.reason().equals(Reason.EMERGENCY_STOP));
  }

  /** Tell everybody who works for the run to stop. */
  void everybodyStop(Live run) {
    run.workers.values().forEach(worker -> workers.cancel(worker, Cancellation.Mode.GRACEFUL));
    run.preparing.values().forEach(worker -> workers.cancel(worker, Cancellation.Mode.GRACEFUL));
  }

  // ------------------------------------------------------------------ settling

  private void settle(Live run) {
    if (run.isSettled() && !run.waiters.isEmpty()) {
      Settled settled = Settled.as(RunSnapshot.of(run.state));
      for (CompletableFuture<Settled> waiter : run.waiters) {
        workers.aside(() -> tell(waiter, settled));
      }
      // last, so that none is forgotten when memory has run out
      run.waiters.clear();
    }
    if (run.state.status().isTerminal() && run.isIdle()) {
      letGo(run);
    } else if (run.canBeParked() && roster.park(run)) {
      scheduler.forget(run);
    }
  }

  /** Tell everybody who waits for a run that it will not settle here. */
  void failAll(Settled reason) {
    dismissal = reason;
    roster.forEachLive(dismiss);
  }

  private void dismiss(Live run) {
    Settled reason = Objects.requireNonNull(dismissal);
    // without an iterator, for which there may be no memory
    for (int i = 0; i < run.waiters.size(); i++) {
      dismiss(run.waiters.get(i), reason);
    }
    run.waiters.clear();
  }

  /** What hangs on a waiter is not ours, may block, and may come back here: not on the loop. */
  private void dismiss(CompletableFuture<Settled> waiter, Settled reason) {
    try {
      workers.aside(() -> tell(waiter, reason));
    } catch (OutOfMemoryError e) {
      // but rather there than never; whoever waits in await() is told without any memory
      waiter.complete(reason);
    }
  }

  /** Whoever waits in await() is told at once; what else hangs on it may need memory to begin. */
  private static void tell(CompletableFuture<Settled> waiter, Settled how) {
    boolean told = false;
    for (int tries = 1; !told; tries++) {
      try {
        waiter.complete(how);
        told = true;
      } catch (OutOfMemoryError e) {
        if (!Scarcity.allowsAnother(tries)) {
          throw e;
        }
      }
    }
  }

  // ------------------------------------------------------------------ letting go

  /** A run that has ended leaves the heap, and before that, where it ended here, the disk. */
  private void letGo(Live run) {
    alarms.clear(run.key());
    // whoever only stands by may not know where the run has worked
    if (run.endedHere && !run.releasing && !loop.isClosing() && loop.drives()) {
      run.releasing = true;
      workers.release(run, (batch, gone) -> released(batch, run, gone));
    } else if (!run.releasing) {
      ended(run);
    }
  }

  /** The workspaces of a run that has ended are gone, or cannot be taken away; so may it go. */
  private void released(Batch batch, Live run, boolean gone) {
    if (!loop.isBroken()) {
      if (gone) {
        batch.write(Unreleased.done(run.key()));
      }
      ended(run);
    }
  }

  private void ended(Live run) {
    forget(run);
    roster.strikeOff(run);
  }

  private void forget(Live run) {
    scheduler.forget(run);
    alarms.clear(run.key());
  }
}
