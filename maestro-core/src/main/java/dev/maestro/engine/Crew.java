package dev.maestro.engine;

import dev.maestro.process.Deadline;
import dev.maestro.process.Threads;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads for work that may block, as many as there is work to do.
 *
 * <p>Whoever takes up work and leaves some behind calls the next thread first, and no more than one
 * is ever on its way. So everything is begun soon, however long each piece takes, but pieces that
 * take no time are done by the few threads that are there, without a wake-up for each.
 */
final class Crew {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ThreadFactory threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition called = lock.newCondition();
  private final Condition gone = lock.newCondition();
  // guarded by lock, as all that follow
  private final Deque<Runnable> queue = new ArrayDeque<>();
  private final Set<Thread> members = new HashSet<>();
  private int waiting;
  private boolean onItsWay;
  private boolean shut;

  /** Make an empty crew whose threads are called {@code role-1} and so on. */
  Crew(String role) {
    this(Threads.factory(role));
  }

  /** Make an empty crew of threads from this factory. */
  Crew(ThreadFactory threads) {
    this.threads = threads;
  }

  /**
   * Queue a piece of work, which must not throw; {@link #call} has it begun.
   *
   * @throws RejectedExecutionException when the crew is shut
   */
  void add(Runnable work) {
    lock.lock();
    try {
      if (shut) {
        throw new RejectedExecutionException("the engine's threads have ended");
      }
      queue.add(work);
    } finally {
      lock.unlock();
    }
  }

  /**
   * See to it that a thread comes for what is queued.
   *
   * @throws OutOfMemoryError when nobody is here and no thread is to be had; what is queued stays
   */
  void call() {
    lock.lock();
    try {
      callNext();
    } finally {
      lock.unlock();
    }
  }

  private void callNext() {
    if (queue.isEmpty() || onItsWay) {
      return;
    }
    if (waiting > 0) {
      called.signal();
      onItsWay = true;
    } else {
      onItsWay = hire();
    }
  }

  /** {@return whether there was room for one more; if not, those who are here do it later} */
  private boolean hire() {
    for (int tries = 1; ; tries++) {
      try {
        Thread thread = threads.newThread(this::serve);
        members.add(thread);
        start(thread);
        return true;
      } catch (OutOfMemoryError e) {
        // no memory, or no thread, is to be had; what is queued waits for those who are at work
        if (!members.isEmpty()) {
          return false;
        } else if (!Scarcity.allowsAnother(tries)) {
          throw e;
        }
      }
    }
  }

  private void start(Thread thread) {
    boolean started = false;
    try {
      thread.start();
      started = true;
    } finally {
      if (!started) {
        members.remove(thread);
      }
    }
  }

  private void serve() {
    boolean arriving = true;
    try {
      for (Runnable work = next(true); work != null; work = next(false)) {
        arriving = false;
        work.run();
      }
    } finally {
      leave(arriving);
    }
  }

  /** {@return what to do next, or null when it is time to go} */
  private @Nullable Runnable next(boolean arriving) {
    Threads.lock(lock);
    try {
      if (arriving) {
        onItsWay = false;
      }
      while (queue.isEmpty()) {
        if (shut || !awaitCall()) {
          return null;
        }
      }
      Runnable work = queue.poll();
      callNext();
      return work;
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether there may be something to do} */
  private boolean awaitCall() {
    waiting++;
    try {
      boolean inTime = called.awaitNanos(PATIENCE.toNanos()) > 0;
      return inTime || onItsWay;
    } catch (InterruptedException e) {
      // whatever it was meant for is over
      return true;
    } catch (OutOfMemoryError e) {
      // even waiting takes some memory, and going takes none
      return false;
    } finally {
      waiting--;
      onItsWay = false;
    }
  }

  private void leave(boolean arriving) {
    Threads.lock(lock);
    try {
      members.remove(Thread.currentThread());
      onItsWay &= !arriving;
      gone.signalAll();
      // last, because it may fail: then the next call takes up what is queued
      callNext();
    } finally {
      lock.unlock();
    }
  }

  /** Take no more work; threads end when nothing is queued. */
  void shut() {
    lock.lock();
    try {
      shut = true;
      called.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Drop what is queued and interrupt what runs. */
  void interrupt() {
    lock.lock();
    try {
      queue.clear();
      members.forEach(Thread::interrupt);
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether all threads have ended within that time} */
  boolean awaitEnd(Duration patience) throws InterruptedException {
    Deadline deadline = Deadline.in(patience);
    lock.lock();
    try {
      for (long piece = deadline.nanosToWait();
          piece > 0 && !members.isEmpty();
          piece = deadline.nanosToWait()) {
        gone.awaitNanos(piece);
      }
      return members.isEmpty();
    } finally {
      lock.unlock();
    }
  }
}
