package dev.maestro.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What is written and forced together, and the threads that wait for it. */
final class Batch {

  final Bytes bytes;

  // Everything up to here is guarded by the store's lock until the batch has a leader, who owns it
  // from then on.
  final List<Change> changes = new ArrayList<>();
  private final List<Trail.Touch> touched = new ArrayList<>();
  private final List<Thread> waiting = new ArrayList<>();

  private volatile @Nullable Thread leader;
  private volatile boolean done;
  // written before done
  private @Nullable Throwable failure;

  /** Start a batch in this array, whose content is no longer needed. */
  Batch(Bytes bytes) {
    this.bytes = bytes;
    bytes.truncate(0);
    bytes.zeros(Frame.HEADER);
  }

  boolean isEmpty() {
    return bytes.length() == Frame.HEADER;
  }

  /** Note that a commit in this batch brought the slot to its revision. */
  void touch(Slot slot) {
    touched.add(new Trail.Touch(slot.hash, slot.revision, false));
  }

  /** Note that a run moves into a file of its own, or back, which is how it has its revision. */
  void touchFiled(Slot.OfRun run) {
    touched.add(new Trail.Touch(run.hash, run.revision, true));
  }

  /** Leave the revisions that this batch brings in the trail. */
  void mark(Trail trail) {
    for (Trail.Touch touch : touched) {
      trail.touch(touch);
    }
  }

  void addWaiting(Thread thread) {
    waiting.add(thread);
  }

  /**
   * Make the thread that has waited longest the leader.
   *
   * @return it, or null if there is none
   */
  @Nullable Thread electLeader() {
    Thread first = waiting.isEmpty() ? null : waiting.get(0);
    leader = first;
    return first;
  }

  /** Tell everyone who waits that it is over. */
  void finish(@Nullable Throwable outcome) {
    failure = outcome;
    done = true;
    // without an iterator, for which there may be no memory
    for (int i = 0; i < waiting.size(); i++) {
      LockSupport.unpark(waiting.get(i));
    }
  }

  /**
   * Wait until the batch is over or this thread is to lead it.
   *
   * @return whether this thread is to lead
   */
  boolean awaitDoneOrLead() {
    boolean interrupted = false;
    while (!done && leader != Thread.currentThread()) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !done;
  }

  @Nullable Throwable failure() {
    return failure;
  }
}
