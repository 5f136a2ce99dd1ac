package dev.maestro.testing;

import java.io.IOException;

/** One thing a turn does. */
@FunctionalInterface
interface Act {

  /** Do it; where it waits it must end when cancelled. */
  void on(Stage stage) throws IOException, InterruptedException;
}
