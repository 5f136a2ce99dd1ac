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
    return told == null ? unexplained(hearing, result) : masked(told);
  }

  private @Nullable Failure unexplained(Hearing hearing, ProcessResult result) {
    String tail = tail(mask.apply(result.errorTail()));
    return switch (result.ending()) {
      case TIMED_OUT ->
          stopped("took longer than " + request.limits().total() + tail, hearing, result);
      case INACTIVE ->
          stopped("said nothing for " + request.limits().inactivity() + tail, hearing, result);
      default -> ended(hearing, result, tail);
    };
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
