package dev.maestro.engine;

import dev.maestro.process.Deadline;
import dev.maestro.process.Registration;
import dev.maestro.process.Threads;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunListener;
import dev.maestro.run.RunRecord;
import dev.maestro.store.Store;
import dev.maestro.store.StoredEvent;
import dev.maestro.task.RunKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets listeners follow the journal, each with a cursor and a thread of its own.
 *
 * <p>All that is handed over is how far each run has come, so that a listener that lags costs no
 * more than that.
 */
final class Publisher implements AutoCloseable {

  private static final int PAGE = 500;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Store store;
  private final RunEventCodec codec;
  private final List<Follower> followers = new CopyOnWriteArrayList<>();

  Publisher(Store store, RunEventCodec codec) {
    this.store = store;
    this.codec = codec;
  }

  Registration add(RunListener listener) {
    Follower follower = new Follower(listener);
    followers.add(follower);
    follower.start();
    return () -> {
      followers.remove(follower);
      follower.endSoon();
      follower.join(Deadline.in(PATIENCE));
      follower.endNow();
    };
  }

  boolean hasListeners() {
    return !followers.isEmpty();
  }

  /** Say that a run has come from one sequence number to another. */
  void advanced(RunKey run, long before, long last) {
    followers.forEach(follower -> follower.advanced(run, before, last));
  }

  /** Let listeners hear what is left, for a while, and end their threads. */
  @Override
  public void close() {
    if (followers.isEmpty()) {
      return;
    }
    followers.forEach(Follower::endSoon);
    Deadline deadline = Deadline.in(PATIENCE);
    followers.forEach(follower -> follower.join(deadline));
    followers.forEach(Follower::endNow);
    followers.clear();
  }

  private final class Follower {

    private final RunListener listener;
    // guarded by this; only of runs that it lags behind
    private final Map<RunKey, Long> heard = new HashMap<>();
    // guarded by this
    private final Map<RunKey, Long> reached = new LinkedHashMap<>();
    // guarded by this
    private boolean ending;
    private volatile boolean ended;
    private volatile @Nullable Thread thread;

    Follower(RunListener listener) {
      this.listener = listener;
    }

    void start() {
      thread = Threads.start("maestro-listener", this::follow);
    }

    synchronized void advanced(RunKey run, long before, long last) {
      reached.put(run, last);
      heard.putIfAbsent(run, before);
      notifyAll();
    }

    private void follow() {
      boolean hearsMore = true;
      for (int tries = 1; hearsMore; tries++) {
        try {
          hearsMore = hear();
          tries = 0;
        } catch (OutOfMemoryError e) {
          if (!Scarcity.allowsAnother(tries)) {
            throw e;
          }
        }
      }
    }

    private boolean hear() {
      Map.Entry<RunKey, Long> next = take();
      if (next == null) {
        return false;
      }
      try {
        catchUp(next.getKey(), next.getValue());
      } catch (RuntimeException | Error e) {
        warn(next.getKey(), e);
      }
      return true;
    }

    private void warn(RunKey run, Throwable e) {
      try {
        log().warn("A listener misses events of run {}, which cannot be read", run, e);
      } catch (OutOfMemoryError full) {
        // the words are lost; what the listener hears next must not be
        Thread.onSpinWait();
      }
    }

    private synchronized Map.@Nullable Entry<RunKey, Long> take() {
      while (reached.isEmpty() && !ending) {
        try {
          wait();
        } catch (InterruptedException e) {
          // the listener left it behind; only the end of this follower ends the thread
          log().debug("A listener's thread was interrupted", e);
        }
      }
      if (reached.isEmpty() || ended) {
        return null;
      }
      Map.Entry<RunKey, Long> first = reached.entrySet().iterator().next();
      // made first: what is taken out is nowhere else
      Map.Entry<RunKey, Long> taken = Map.entry(first.getKey(), first.getValue());
      reached.remove(taken.getKey());
      return taken;
    }

    private void catchUp(RunKey run, long last) {
      long next = heardOf(run) + 1;
      while (next <= last) {
        List<StoredEvent> page = store.read(run, next, PAGE);
        for (StoredEvent stored : page) {
          if (ended) {
            return;
          }
          tell(new RunRecord(run, stored.sequence(), codec.decode(stored.envelope())));
        }
        if (page.isEmpty()) {
          break;
        }
        next = page.get(page.size() - 1).sequence() + 1;
        note(run, next - 1);
      }
      caughtUp(run);
    }

    private synchronized void caughtUp(RunKey run) {
      if (!reached.containsKey(run)) {
        heard.remove(run);
      }
    }

    private synchronized long heardOf(RunKey run) {
      return heard.getOrDefault(run, 0L);
    }

    private synchronized void note(RunKey run, long sequence) {
      heard.put(run, sequence);
    }

    private void tell(RunRecord entry) {
      try {
        listener.on(entry);
      } catch (RuntimeException | Error e) {
        log()
            .warn(
                "A listener failed at event {} of run {} and goes on with the next",
                entry.sequence(),
                entry.run(),
                e);
      }
    }

    /** Let it hear what is left, and then no more. */
    synchronized void endSoon() {
      ending = true;
      notifyAll();
    }

    /** Let it hear nothing more; a listener that blocks is interrupted. */
    void endNow() {
      Thread running = thread;
      if (running != null && running.isAlive() && running != Thread.currentThread()) {
        ended = true;
        running.interrupt();
        join(Deadline.in(PATIENCE));
      }
    }

    void join(Deadline deadline) {
      Thread running = thread;
      if (running == null || running == Thread.currentThread()) {
        return;
      }
      boolean interrupted =
          deadline.waitWhile(
              running::isAlive, nanos -> TimeUnit.NANOSECONDS.timedJoin(running, nanos));
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(RunListener.class);
  }
}
