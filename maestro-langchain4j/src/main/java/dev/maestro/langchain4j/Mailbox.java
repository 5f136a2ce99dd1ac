package dev.maestro.langchain4j;

import dev.maestro.failure.Failure;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Where a launch waits: whatever comes from other threads is put here, and the launch's own thread
 * takes it out. What stops the launch goes before what the model has said.
 */
final class Mailbox {

  private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
  // the first that was told; it stays
  private volatile @Nullable Failure stop;

  void put(Heard next) {
    heard.add(next);
  }

  /** End the launch for this reason, unless there is one already. */
  synchronized void stop(Failure why) {
    if (stop == null) {
      stop = why;
      heard.add(new Heard.Stop(why));
    }
  }

  /**
   * Wait for what comes next.
   *
   * @throws StoppedException when the launch has to end
   */
  Heard take() throws InterruptedException {
    check();
    Heard next = heard.take();
    check();
    return next;
  }

  /**
   * Go on, unless the launch has to end.
   *
   * @throws StoppedException when it has to
   */
  void check() {
    Failure why = stop;
    if (why != null) {
      throw new StoppedException(why);
    }
  }
}
