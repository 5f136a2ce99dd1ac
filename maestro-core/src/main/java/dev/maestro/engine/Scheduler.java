package dev.maestro.engine;

import dev.maestro.run.Decision;
import dev.maestro.run.RunInput;
import dev.maestro.run.Task;
import dev.maestro.task.Priority;
import dev.maestro.task.TaskId;
import java.util.LinkedHashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets ready tasks have the slots that are free: the most urgent runs first, those of one priority
 * in turn, in the order they came to want some. Confined to the loop.
 */
final class Scheduler {

  private static final int LOOK_AHEAD = 100;

  /** For how many priorities there is a place when nobody is at it. */
  private static final int MOST_PRIORITIES = 8;

  private final EngineConfig config;
  private final Roster roster;
  private final Workers workers;
  private final Slots slots;
  // few priorities, so that whatever is done costs the same for any number of runs
  private final NavigableMap<Priority, Set<Live>> wantSlots = new TreeMap<>();

  Scheduler(EngineConfig config, Roster roster, Workers workers) {
    this.config = config;
    this.roster = roster;
    this.workers = workers;
    this.slots = new Slots(config.slots(), config.workspaces().capacity());
  }

  /** Note that the run may have tasks that want a slot, or may have given some back. */
  void noteReady(Live run) {
    slots.count(run);
    if (run.mayStartTasks() && run.state.hasReady()) {
      want(run);
    }
  }

  /** Leave the run out until something of it is ready again. */
  void forget(Live run) {
    slots.count(run);
    Set<Live> peers = wantSlots.get(priority(run));
    if (peers != null) {
      peers.remove(run);
    }
  }

  private void want(Live run) {
    wantSlots.computeIfAbsent(priority(run), priority -> new LinkedHashSet<>()).add(run);
  }

  private boolean wants(Live run) {
    return run.state.exists() && wantSlots.getOrDefault(priority(run), Set.of()).contains(run);
  }

  private static Priority priority(Live run) {
    return run.state.started().terms().priority();
  }

  /**
   * {@return whether a task of this kind, of a run of the usual priority, could be at work at once,
   * with nobody waiting before it}
   */
  boolean hasRoom(boolean usesWorkspace) {
    boolean nobody =
        wantSlots.headMap(Priority.DEFAULT, true).values().stream().allMatch(Set::isEmpty);
    return nobody && slots.admits(usesWorkspace);
  }

  /**
   * Let what is ready have what is free; the dispatches go into the batch.
   *
   * <p>Runs of one priority take turns, a task each time, so that a wide run cannot keep a narrow
   * one waiting. Less urgent ones have what the more urgent leave.
   */
  void handOutSlots(Batch batch) {
    if (wantSlots.isEmpty()) {
      return;
    }
    for (int i = 0; i < batch.parts().size(); i++) {
      Live run = batch.parts().get(i).run();
      if (run.state.hasAsking() && wants(run)) {
        askFirst(batch, run);
      }
    }
    if (slots.isFull()) {
      return;
    }
    wantSlots.values().forEach(peers -> takeTurns(batch, peers));
    if (wantSlots.size() > MOST_PRIORITIES) {
      wantSlots.values().removeIf(Set::isEmpty);
    }
  }

  private void takeTurns(Batch batch, Set<Live> peers) {
    int inVain = 0;
    while (!slots.isFull() && inVain < peers.size()) {
      Live run = peers.iterator().next();
      Turn turn = serve(batch, run);
      // who is alone is last as well
      if (turn == Turn.NOTHING_WAITS) {
        peers.remove(run);
      } else if (peers.size() > 1) {
        peers.remove(run);
        peers.add(run);
      }
      inVain = turn == Turn.SERVED ? 0 : inVain + (turn == Turn.WAITS ? 1 : 0);
    }
  }

  /** What came of looking at a run. */
  private enum Turn {
    /** A task of it has got a slot, and others are ready. */
    SERVED,
    /** It has tasks that wait for what is not free. */
    WAITS,
    /** No task of it waits for a slot. */
    NOTHING_WAITS
  }

  private Turn serve(Batch batch, Live run) {
    if (!run.mayStartTasks() || !run.state.hasReady()) {
      return Turn.NOTHING_WAITS;
    }
    if (run.state.hasAsking()) {
      askFirst(batch, run);
    }
    Task next = next(run);
    if (next != null) {
      return dispatched(batch, run, next);
    }
    run.forgetPreparedInVain();
    boolean waits = run.state.hasUnasked() || !run.prepared.isEmpty();
    return waits ? Turn.WAITS : Turn.NOTHING_WAITS;
  }

  /** {@return the most urgent task of it that could begin now; null for none} */
  private @Nullable Task next(Live run) {
    boolean hasPlace = slots.admits(true);
    Task next = first(run, false);
    if (hasPlace) {
      next = moreUrgent(next, first(run, true));
    }
    if (run.prepared.isEmpty()) {
      return next;
    }
    for (TaskId id : run.prepared) {
      Task task = run.state.task(id).filter(Task::isReady).orElse(null);
      if (task != null && !run.isBusy(id) && (hasPlace || !task.usesWorkspace())) {
        next = moreUrgent(next, task);
      }
    }
    return next;
  }

  /** Whoever is busy has a slot, so that there are few of them. */
  private static @Nullable Task first(Live run, boolean usingWorkspace) {
    for (Task task : run.state.unasked(usingWorkspace)) {
      if (!run.isBusy(task.id())) {
        return task;
      }
    }
    return null;
  }

  private static @Nullable Task moreUrgent(@Nullable Task one, @Nullable Task other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return other.goesBefore(one) ? other : one;
  }

  private Turn dispatched(Batch batch, Live run, Task task) {
    if (!dispatch(batch, run, task)) {
      return Turn.WAITS;
    }
    return run.state.hasReady() ? Turn.SERVED : Turn.NOTHING_WAITS;
  }

  /** Have questions written and predicates evaluated; neither takes a slot. */
  private void askFirst(Batch batch, Live run) {
    if (!run.mayStartTasks()) {
      return;
    }
    askFirst(batch, run, run.state.approvals());
    askFirst(batch, run, run.state.predicates(false));
    askFirst(batch, run, run.state.predicates(true));
  }

  /** Only so many at once: what has been evaluated, and waits for a slot, counts. */
  private void askFirst(Batch batch, Live run, Iterable<Task> tasks) {
    int looked = 0;
    for (Task task : tasks) {
      if (!run.prepared.contains(task.id())) {
        prepare(batch, run, task);
      }
      if (++looked == LOOK_AHEAD) {
        return;
      }
    }
  }

  private void prepare(Batch batch, Live run, Task task) {
    if (!run.preparing.containsKey(task.id())) {
      batch.touch(run);
      roster.drive(run.key());
      batch.afterCommit(run, () -> workers.prepare(run, task));
    }
  }

  /** {@return whether it has a slot now; to be refused one that is ready is no reason to ask on} */
  private boolean dispatch(Batch batch, Live run, Task task) {
    RunInput input = new RunInput.Dispatch(config.time().instant(), task.id());
    if (batch.decide(run, input) instanceof Decision.Refused refused) {
      log().warn("{} of {} is ready and cannot begin: {}", task.id(), run.key(), refused.message());
      return false;
    }
    slots.count(run);
    roster.drive(run.key());
    run.prepared.remove(task.id());
    return true;
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Engine.class);
  }
}
