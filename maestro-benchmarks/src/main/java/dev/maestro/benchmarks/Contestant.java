package dev.maestro.benchmarks;

import java.io.IOException;
import java.util.List;

/** Takes part in a scenario; for one thread at a time. */
interface Contestant extends AutoCloseable {

  /** {@return what it is called in the table} */
  String name();

  /** {@return whether it is Maestro in one of its forms, and no peer} */
  default boolean isMaestro() {
    return name().startsWith("Maestro");
  }

  /** Do the work of the scenario once and say what was read off. */
  List<Reading> round() throws Exception;

  /** Let go of everything; called once, after the last round. */
  @Override
  default void close() throws IOException {}

  /** Something that can be done once and read off. */
  @FunctionalInterface
  interface Work {

    /** Do it. */
    List<Reading> round() throws Exception;
  }

  /** {@return one that holds nothing} */
  static Contestant of(String name, Work work) {
    return new Contestant() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<Reading> round() throws Exception {
        return work.round();
      }
    };
  }
}
