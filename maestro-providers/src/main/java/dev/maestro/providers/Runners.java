package dev.maestro.providers;

import dev.maestro.process.ProcessRunner;
import dev.maestro.process.Time;
import org.jspecify.annotations.Nullable;

/**
 * Where a launch gets its process runner from.
 *
 * @param time the clock that watches limits, or null for one of the system's that each launch
 *     closes
 */
record Runners(@Nullable Time time) {

  <T> T with(@Nullable String session, Use<T> use) throws InterruptedException {
    if (time != null) {
      return use.of(runner(time, session));
    }
    try (Time own = Time.system()) {
      return use.of(runner(own, session));
    }
  }

  private static ProcessRunner runner(Time time, @Nullable String session) {
    return session == null ? new ProcessRunner(time) : new ProcessRunner(time, session);
  }

  @FunctionalInterface
  interface Use<T> {
    T of(ProcessRunner runner) throws InterruptedException;
  }
}
