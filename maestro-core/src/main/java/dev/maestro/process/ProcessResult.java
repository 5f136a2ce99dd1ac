package dev.maestro.process;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How a child process ended.
 *
 * <p>An exit code of 0 is not success by itself: agents end with it after being told to stop.
 *
 * @param ending why it ended
 * @param exitCode its exit code, or null when it was never started or could not be ended; a process
 *     ended by a signal has 128 and the signal's number
 * @param errorTail the end of its stderr, with an ellipsis before it where there was more
 * @param startedAt when it was started
 * @param elapsed how long it took until nothing was left of it
 * @param linesCut how many lines were longer than allowed and have been cut
 * @param survivors what is left, normally nothing: processes of its tree that could not be ended,
 *     and, with an empty marker, ones that hold its output open but cannot be proved to be its own
 *     and were left alone
 */
public record ProcessResult(
    Ending ending,
    @Nullable Integer exitCode,
    String errorTail,
    Instant startedAt,
    Duration elapsed,
    long linesCut,
    List<ProcessIdentity> survivors) {

  /** Why a process ended. */
  public enum Ending {
    /** It ended by itself. */
    EXITED,
    /** It reached its limit of time. */
    TIMED_OUT,
    /** It wrote nothing for too long. */
    INACTIVE,
    /** Somebody cancelled it, maybe before it was started. */
    CANCELLED
  }

  /** Check that nothing required is missing. */
  public ProcessResult {
    Objects.requireNonNull(ending, "ending");
    Objects.requireNonNull(errorTail, "errorTail");
    Objects.requireNonNull(startedAt, "startedAt");
    Objects.requireNonNull(elapsed, "elapsed");
    survivors = List.copyOf(survivors);
  }

  /** {@return the exit code, where there is one} */
  public OptionalInt knownExitCode() {
    return exitCode == null ? OptionalInt.empty() : OptionalInt.of(exitCode);
  }

  /** {@return whether it ended by itself with exit code 0} */
  public boolean isCleanExit() {
    return ending == Ending.EXITED && exitCode != null && exitCode == 0;
  }

  static ProcessResult neverStarted(Instant now) {
    return new ProcessResult(Ending.CANCELLED, null, "", now, Duration.ZERO, 0, List.of());
  }
}
