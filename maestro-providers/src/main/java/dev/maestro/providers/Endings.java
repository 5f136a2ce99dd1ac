package dev.maestro.providers;

import dev.maestro.agent.AgentRequest;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.ProcessResult;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** What the end of a process means for the launch. */
final class Endings {

  private static final int LONGEST_TAIL = 2_000;
  private static final int SHORTEST_SECRET = 6;

  private Endings() {}

  /** {@return what went wrong, or null when the agent came to its end} */
  static @Nullable Failure failure(
      AgentRequest request, @Nullable Failure reported, ProcessResult result) {
    if (result.ending() == ProcessResult.Ending.CANCELLED) {
      return Failure.of(ErrorClass.CANCELLED, "cancelled");
    }
    if (reported != null) {
      return new Failure(
          reported.errorClass(), masked(reported.message(), request), reported.until());
    }
    return unexplained(request, result);
  }

  private static @Nullable Failure unexplained(AgentRequest request, ProcessResult result) {
    String tail = tail(masked(result.errorTail(), request));
    return switch (result.ending()) {
      case TIMED_OUT -> timeout("took longer than " + request.limits().total() + tail);
      case INACTIVE -> timeout("said nothing for " + request.limits().inactivity() + tail);
      default ->
          result.isCleanExit()
              ? null
              : Failure.of(
                  ErrorClass.TRANSIENT, "ended with exit code " + result.exitCode() + tail);
    };
  }

  private static Failure timeout(String message) {
    return Failure.of(ErrorClass.TIMEOUT, message);
  }

  private static String tail(String stderr) {
    String tail = stderr.strip();
    if (tail.isEmpty()) {
      return "";
    }
    return tail.length() > LONGEST_TAIL
        ? ": …" + tail.substring(tail.length() - LONGEST_TAIL)
        : ": " + tail;
  }

  private static String masked(String text, AgentRequest request) {
    return request.environment().values().stream()
        .filter(value -> value.length() >= SHORTEST_SECRET)
        .sorted(Comparator.comparingInt(String::length).reversed())
        .reduce(text, (rest, value) -> rest.replace(value, "***"));
  }
}
