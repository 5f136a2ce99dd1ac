package dev.maestro.benchmarks;

import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Has JMH measure what is a matter of nanoseconds, in a JVM of its own each time. */
final class Jmh {

  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private Jmh() {}

  /**
   * What one call takes.
   *
   * @param nanos of time
   * @param bytes of memory, allocated by all threads
   */
  record Measured(double nanos, double bytes) {}

  /** Measure a benchmark method of a class. */
  static Measured measure(Class<?> benchmarks, String method, Size size) throws RunnerException {
    // two that measure at once disturb each other; a test that measures nothing disturbs nobody
    System.setProperty("jmh.ignoreLock", "true");
    RunResult result = new Runner(options(benchmarks, method, size)).runSingle();
    return new Measured(
        result.getPrimaryResult().getScore(),
        Objects.requireNonNull(result.getSecondaryResults().get(ALLOCATED)).getScore());
  }

  private static Options options(Class<?> benchmarks, String method, Size size) {
    TimeValue time = TimeValue.milliseconds(size.of(10, 400, 600));
    return new OptionsBuilder()
        .include(benchmarks.getName().replace("$", "\\$") + "\\." + method + "$")
        .forks(size.of(0, 1, 1))
        .jvmArgs("-Xms1g", "-Xmx1g")
        .warmupIterations(size.of(0, 4, 5))
        .warmupTime(time)
        .measurementIterations(size.of(1, 3, 5))
        .measurementTime(time)
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT)
        .build();
  }
}
