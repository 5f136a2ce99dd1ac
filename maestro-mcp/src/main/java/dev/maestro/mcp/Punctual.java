package dev.maestro.mcp;

import dev.maestro.process.Registration;
import dev.maestro.process.Time;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads that a slow connection cannot keep: whoever asks has so long to say what it asks, and so
 * long to take the answer.
 *
 * <p>The JDK's server reads a request on the thread that answers it, for as long as that takes. Its
 * own limits are properties of the whole JVM. A channel that is read is closed when the reader is
 * interrupted, so the alarm interrupts it, and the server drops the connection.
 *
 * <p>The limit runs from the moment a thread takes up a connection until {@link #pause()}, and
 * again from {@link #resume()} until the thread is done with it.
 */
final class Punctual implements Executor {

  private final Executor threads;
  private final Time time;
  private final Duration limit;
  private final ThreadLocal<Turn> turns = new ThreadLocal<>();

  Punctual(Executor threads, Time time, Duration limit) {
    this.threads = threads;
    this.time = time;
    this.limit = limit;
  }

  @Override
  public void execute(Runnable work) {
    threads.execute(() -> run(work));
  }

  private void run(Runnable work) {
    Turn turn = new Turn(Thread.currentThread());
    turns.set(turn);
    turn.begin();
    try {
      work.run();
    } finally {
      turn.end();
      turns.remove();
    }
  }

  /** Let the thread that calls take its time: it has heard all. */
  void pause() {
    turns.get().end();
  }

  /** Count again, from now on: the thread that calls has to hand over what it found. */
  void resume() {
    turns.get().begin();
  }

  /** What one thread is at. */
  private final class Turn {

    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    // all guarded by lock; an alarm of an earlier stretch finds another number
    private int stretch;
    private boolean counting;
    private boolean late;
    // of the thread itself only
    private @Nullable Registration alarm;

    Turn(Thread thread) {
      this.thread = thread;
    }

    void begin() {
      int mine;
      lock.lock();
      try {
        mine = ++stretch;
        counting = true;
      } finally {
        lock.unlock();
      }
      alarm = time.after(limit, () -> over(mine));
    }

    private void over(int rung) {
      lock.lock();
      try {
        if (counting && rung == stretch) {
          late = true;
          thread.interrupt();
        }
      } finally {
        lock.unlock();
      }
    }

    /** Once this returns no alarm interrupts the thread any more; one that has is forgotten. */
    void end() {
      boolean interrupted;
      lock.lock();
      try {
        interrupted = late;
        late = false;
        counting = false;
      } finally {
        lock.unlock();
      }
      if (alarm != null) {
        alarm.close();
      }
      if (interrupted) {
        Thread.interrupted();
      }
    }
  }
}
