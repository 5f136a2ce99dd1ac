package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentRequest;
import dev.maestro.process.Cancellation;
import dev.maestro.process.Registration;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Where one turn is performed: whom it hears, whom it speaks to, which files it touches. */
final class Stage {

  private static final Duration GLANCE = Duration.ofMillis(20);

  private final AgentRequest request;
  private final AgentListener listener;
  private final Cancellation cancellation;
  private final Territory files;
  private int toolUses;

  Stage(AgentRequest request, AgentListener listener, Cancellation cancellation) {
    this.request = request;
    this.listener = listener;
    this.cancellation = cancellation;
    files = new Territory(request.directory());
  }

  AgentRequest request() {
    return request;
  }

  AgentListener listener() {
    return listener;
  }

  Territory files() {
    return files;
  }

  void tell(AgentEvent event) {
    listener.on(event);
  }

  String nextToolUse() {
    return "use-" + ++toolUses;
  }

  boolean isCancelled() {
    return cancellation.isCancelled();
  }

  /** Wait until cancelled. */
  void hang() throws InterruptedException {
    untilCancelled(CountDownLatch::await);
  }

  /** Wait so long, or until cancelled. */
  void pause(Duration length) throws InterruptedException {
    untilCancelled(cancelled -> cancelled.await(length.toNanos(), TimeUnit.NANOSECONDS));
  }

  private void untilCancelled(Waiting waiting) throws InterruptedException {
    CountDownLatch cancelled = new CountDownLatch(1);
    Registration registration = cancellation.onCancel(mode -> cancelled.countDown());
    try {
      waiting.on(cancelled);
    } finally {
      registration.close();
    }
  }

  /** Wait for the latch, or until cancelled. */
  void waitFor(CountDownLatch latch) throws InterruptedException {
    // A latch tells nobody when it opens, so this looks up now and then.
    boolean open = false;
    while (!open && !isCancelled()) {
      open = latch.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @FunctionalInterface
  private interface Waiting {
    void on(CountDownLatch cancelled) throws InterruptedException;
  }
}
