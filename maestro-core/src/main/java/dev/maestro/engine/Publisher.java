package dev.maestro.engine;

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

  private final Logger log = LoggerFactory.getLogger(RunListener.class);
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
      follower.end(PATIENCE);
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
    followers.forEach(follower -> follower.end(PATIENCE));
    followers.clear();
  }

  private final class Follower {

    private final RunListener listener;
    private final Map<RunKey, Long> heard = new HashMap<>();
    // guarded by this
    private final Map<RunKey, Long> reached = new LinkedHashMap<>();
    // guarded by this
    private boolean ending;
    private @Nullable Thread thread;

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
      try {
        for (Map.Entry<RunKey, Long> next = take(); next != null; next = take()) {
          catchUp(next.getKey(), next.getValue());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private synchronized Map.@Nullable Entry<RunKey, Long> take() throws InterruptedException {
      while (reached.isEmpty() && !ending) {
        wait();
      }
      if (reached.isEmpty()) {
        return null;
      }
      Map.Entry<RunKey, Long> first = reached.entrySet().iterator().next();
      reached.remove(first.getKey());
      return Map.entry(first.getKey(), first.getValue());
    }

    private void catchUp(RunKey run, long last) throws InterruptedException {
      long next = heardOf(run) + 1;
      while (next <= last) {
        List<StoredEvent> page = store.read(run, next, PAGE);
        for (StoredEvent stored : page) {
          if (Thread.interrupted()) {
            throw new InterruptedException("told to stop listening");
          }
          tell(new RunRecord(run, stored.sequence(), codec.decode(stored.envelope())));
        }
        if (page.isEmpty()) {
          break;
        }
        next = page.get(page.size() - 1).sequence() + 1;
        note(run, next - 1);
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
        log.warn(
            "A listener failed at event {} of run {} and goes on with the next",
            entry.sequence(),
            entry.run(),
            e);
      }
    }

    void end(Duration patience) {
      synchronized (this) {
        ending = true;
        notifyAll();
      }
      Thread running = thread;
      if (running == null || running == Thread.currentThread()) {
        return;
      }
      boolean interrupted = false;
      try {
        running.join(Math.max(1, patience.toMillis()));
      } catch (InterruptedException e) {
        interrupted = true;
      }
      if (running.isAlive()) {
        running.interrupt();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
