package dev.maestro.benchmarks;

import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTurn;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A model that lets everybody wait, in a JVM of its own, so that its threads are not counted among
 * those of who waits.
 */
public final class WaitingModelMain {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private WaitingModelMain() {}

  /** Print where it listens, and a line as soon as so many have asked; end with stdin. */
  public static void main(String[] args) throws Exception {
    ModelTurn never = ModelTurn.says("done").waitsFor(new CountDownLatch(1));
    try (ModelServer server = ModelServer.builder().withoutTools().otherwise(never).start()) {
      System.out.println(server.baseUrl());
      server.awaitRequest(Integer.parseInt(args[0]), PATIENCE);
      System.out.println("all");
      System.in.read();
    }
  }
}
