package dev.maestro.testing;

import java.time.Duration;

/**
 * Sets the clock to whatever a run waits for. What is under way has all the time it needs: a
 * machine that is busy would else fail a launch at its time limit.
 */
final class Ticking implements AutoCloseable {

  private final Thread thread;

  Ticking(VirtualTime time) {
    thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  time.jumpToNextInstant(Duration.ofMinutes(10));
                }
              } catch (InterruptedException | IllegalStateException e) {
                Thread.currentThread().interrupt();
              }
            },
            "ticking");
  }

  void start() {
    thread.start();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
