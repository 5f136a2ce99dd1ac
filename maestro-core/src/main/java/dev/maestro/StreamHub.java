package dev.maestro;

import dev.maestro.engine.Engine.StreamItem;
import dev.maestro.process.Deadline;
import dev.maestro.process.Registration;
import dev.maestro.process.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes on what agents say to whoever wants to hear it; who is slow misses some. */
final class StreamHub implements AutoCloseable {

  private static final int ROOM = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final List<Hearer> hearers = new CopyOnWriteArrayList<>();

  void send(StreamItem item) {
    hearers.forEach(hearer -> hearer.room.offer(item));
  }

  Registration add(StreamListener listener) {
    Hearer hearer = new Hearer(listener);
    hearers.add(hearer);
    return () -> {
      hearers.remove(hearer);
      hearer.end();
    };
  }

  @Override
  public void close() {
    for (Hearer hearer : hearers) {
      hearer.end();
    }
    hearers.clear();
  }

  private final class Hearer {

    private final StreamListener listener;
    private final BlockingQueue<StreamItem> room = new ArrayBlockingQueue<>(ROOM);
    private final Thread thread;
    private volatile boolean ended;

    Hearer(StreamListener listener) {
      this.listener = listener;
      this.thread = Threads.start("maestro-stream", this::hear);
    }

    private void hear() {
      while (!ended) {
        try {
          tell(room.take());
        } catch (InterruptedException e) {
          // by end(), or left behind by the listener, which is to hear what comes all the same
          log().debug("A stream listener's thread was interrupted", e);
        }
      }
    }

    private void tell(StreamItem item) {
      try {
        listener.on(item.attempt(), item.event());
      } catch (RuntimeException | Error e) {
        log().warn("A stream listener failed and goes on with what comes next", e);
      }
    }

    void end() {
      ended = true;
      thread.interrupt();
      if (thread == Thread.currentThread()) {
        return;
      }
      boolean interrupted =
          Deadline.in(PATIENCE)
              .waitWhile(thread::isAlive, nanos -> TimeUnit.NANOSECONDS.timedJoin(thread, nanos));
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(StreamListener.class);
  }
}
