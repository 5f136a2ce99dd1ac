package dev.maestro;

import dev.maestro.attempt.CodeContext;
import dev.maestro.attempt.CodeStep;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Code steps that wait until the test lets them go, and say who is in and who was. */
final class Crowd implements CodeStep {

  private final Semaphore entered = new Semaphore(0);
  private final Semaphore exits = new Semaphore(0);
  // guarded by this
  private final List<String> order = new ArrayList<>();
  // guarded by this
  private int inside;
  // guarded by this
  private int most;

  @Override
  public String run(CodeContext context) throws InterruptedException {
    synchronized (this) {
      order.add(context.attempt().key().run() + "/" + context.attempt().task());
      most = Math.max(most, ++inside);
    }
    entered.release();
    try {
      exits.acquire();
    } finally {
      synchronized (this) {
        inside--;
        notifyAll();
      }
    }
    return "out";
  }

  /** Wait until so many more have come in. */
  void awaitEntered(int count) throws InterruptedException {
    entered.acquire(count);
  }

  /** The same, where an interrupt cannot be passed on. */
  void awaitEnteredQuietly(int count) {
    entered.acquireUninterruptibly(count);
  }

  /** Wait until no more than so many are in; who was told to stop leaves a little later. */
  synchronized void awaitInside(int count) throws InterruptedException {
    while (inside > count) {
      wait();
    }
  }

  void let(int count) {
    exits.release(count);
  }

  synchronized int inside() {
    return inside;
  }

  synchronized int most() {
    return most;
  }

  synchronized List<String> order() {
    return List.copyOf(order);
  }
}
