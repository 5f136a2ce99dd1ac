package dev.maestro.testing;

import java.time.Duration;

/** Lets time pass whenever somebody waits for it. */
final class Ticking implements AutoCloseable {

  private final Thread thread;

  Ticking(VirtualTime time) {
    thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  time.awaitAlarm(Duration.ofMinutes(10));
                  time.advanceToNextAlarm();
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
