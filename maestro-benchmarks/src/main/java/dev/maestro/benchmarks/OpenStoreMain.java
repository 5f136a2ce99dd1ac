package dev.maestro.benchmarks;

import java.nio.file.Path;

/** Opens a store that {@link OpenStoreScenario} has filled, in a JVM that has done nothing else. */
public final class OpenStoreMain {

  private OpenStoreMain() {}

  /** Open the store in this directory, go on with what is in it, and say how long that took. */
  public static void main(String[] args) throws Exception {
    OpenStoreScenario.openHere(Path.of(args[0]));
  }
}
