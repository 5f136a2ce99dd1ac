package dev.maestro.providers;

import dev.maestro.agent.AgentRequest;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.ProcessResult;
import org.jspecify.annotations.Nullable;

/**
 * What the end of a process means for the launch.
 *
 * @param request what was asked of it
 * @param mask for what must not be repeated in a message
 */
record Endings(AgentRequest request, Mask mask) {

  private static final int LONGEST_TAIL = 2_000;

  /** {@return what went wrong, or null when the agent came to its end} */
  @Nullable Failure failure(Hearing hearing, ProcessResult result) {
    if (result.ending() == ProcessResult.Ending.CANCELLED) {
      return Failure.of(ErrorClass.CANCELLED, "cancelled");
    }
    Failure told = hearing.account().failure();
    if (told == null) {
      return unexplained(hearing, result);
    }
    // what ends because it is made to says so in its last words, which is no reason
    boolean lastWords = limit(result) != null && told.errorClass() == ErrorClass.TRANSIENT;
    return lastWords
        ? Failure.of(ErrorClass.TIMEOUT, mask.apply(limit(result) + ": " + told.message()))
        : masked(told);
  }

  /** {@return which limit it was stopped at, in words, or null when it was not} */
  private @Nullable String limit(ProcessResult result) {
    return switch (result.ending()) {
      case TIMED_OUT -> "took longer than " + request.limits().total();
      case INACTIVE -> "said nothing for " + request.limits().inactivity();
      case EXITED, CANCELLED -> null;
    };
  }

  private @Nullable Failure unexplained(Hearing hearing, ProcessResult result) {
    String tail = tail(mask.apply(result.errorTail()));
    String limit = limit(result);
    return limit == null ? ended(hearing, result, tail) : stopped(limit + tail, hearing, result);
  }

  /** One that was stopped while it waited for the model was turned away rather than slow. */
  private Failure stopped(String message, Hearing hearing, ProcessResult result) {
    Failure reason = hearing.account().isWaiting() ? hearing.reason(result.errorTail()) : null;
    return reason == null ? Failure.of(ErrorClass.TIMEOUT, message) : because(reason, message);
  }

  private @Nullable Failure ended(Hearing hearing, ProcessResult result, String tail) {
    boolean clean = result.isCleanExit();
    if (clean && !hearing.isLeftOpen()) {
      return null;
    }
    String message =
        clean
            ? "ended without a word about having come to its end" + tail
            : "ended with exit code " + result.exitCode() + tail;
    Failure reason = hearing.reason(result.errorTail());
    return reason == null || isOfNoSession(reason)
        ? Failure.of(ErrorClass.TRANSIENT, message)
        : because(reason, message);
  }

  private boolean isOfNoSession(Failure reason) {
    return reason.errorClass() == ErrorClass.SESSION_LOST && request.session() == null;
  }

  private Failure because(Failure reason, String message) {
    String why = mask.apply(reason.message());
    return new Failure(
        reason.errorClass(),
        message.contains(why) ? message : message + ": " + why,
        reason.until());
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

  private Failure masked(Failure failure) {
    return new Failure(failure.errorClass(), mask.apply(failure.message()), failure.until());
  }
}
