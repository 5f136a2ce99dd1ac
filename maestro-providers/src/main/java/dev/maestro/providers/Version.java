package dev.maestro.providers;

import dev.maestro.agent.Installation;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.TransientException;
import dev.maestro.process.Cancellation;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.ProcessStartException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Asks a program for its version.
 *
 * @param id whose program it is
 * @param command the program and the arguments that make it tell
 * @param inherited what it sees of the host's environment, beside the usual
 */
record Version(
    ProviderId id, List<String> command, Set<String> inherited, Map<String, String> variables) {

  /** How long it may take. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private static final int LONGEST = 200;

  /** {@return what it says about itself; empty where it cannot be started} */
  Optional<Installation> ask(Runners runners) {
    AtomicReference<@Nullable String> first = new AtomicReference<>();
    ProcessSpec spec =
        ProcessSpec.builder(Path.of("").toAbsolutePath(), command)
            .inherit(inherited.toArray(String[]::new))
            .environment(variables)
            .timeLimit(LIMIT)
            .build();
    try {
      ProcessResult result =
          runners.with(
              null, runner -> runner.run(spec, line -> take(line, first), Cancellation.never()));
      return Optional.of(Installation.present(result.isCleanExit() ? first.get() : null));
    } catch (ProcessStartException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("interrupted while `" + id + "` was asked for its version", e);
    }
  }

  /** What else a program may say, however much it is, tells nothing of its version. */
  private static void take(String line, AtomicReference<@Nullable String> first) {
    String text = line.strip();
    if (!text.isEmpty()) {
      first.compareAndSet(null, text.substring(0, Math.min(text.length(), LONGEST)));
    }
  }
}
