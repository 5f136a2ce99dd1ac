package dev.maestro.benchmarks;

import java.nio.file.Path;
import java.util.List;

/** One question of speed. */
interface Scenario {

  /** {@return its name in tables, in JSON and on the command line} */
  String name();

  /** {@return what every contestant is asked to do, in a sentence} */
  String question();

  /**
   * Make the contestants, ready to begin.
   *
   * @param directory empty, for whatever they keep on disk
   */
  List<Contestant> contestants(Size size, Path directory) throws Exception;

  /** {@return how the JVM is to be started that measures this} */
  default List<String> jvmOptions() {
    return List.of("-Xms2g", "-Xmx2g");
  }

  /** {@return how often each contestant runs before it counts} */
  default int warmups(Size size) {
    return size.warmups();
  }

  /** {@return how often each contestant is measured} */
  default int rounds(Size size) {
    return size.rounds();
  }
}
