package dev.maestro.engine;

import dev.maestro.attempt.Attempts;
import dev.maestro.failure.ErrorClass;
import dev.maestro.run.ActResult;
import dev.maestro.run.IntegrateResult;
import dev.maestro.run.Phase;
import dev.maestro.run.RunInput;
import dev.maestro.run.Trouble;
import dev.maestro.run.VerifyResult;
import dev.maestro.task.AttemptId;
import dev.maestro.task.Reason;
import dev.maestro.task.Usage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns what was thrown out of a phase into the failure of that phase. */
final class Failures {

  private Failures() {}

  static RunInput of(Throwable e, AttemptId attempt, Phase phase, Instant now) {
    return instead(null, e, attempt, phase, now);
  }

  /** {@return the failure of a phase that threw what is told so} */
  static RunInput of(String told, AttemptId attempt, Phase phase, Instant now) {
    return failed(null, ErrorClass.PERMANENT, told, attempt, phase, now);
  }

  static String traceOf(Throwable e) {
    StringWriter trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }

  /**
   * {@return the failure of a phase whose outcome the run could not take; what it is known to have
   * cost stays known}
   */
  static RunInput instead(
      @Nullable RunInput outcome, Throwable e, AttemptId attempt, Phase phase, Instant now) {
    Usage usage = outcome instanceof RunInput.ActEnded act ? act.result().usage() : null;
    // an interrupt that nobody here meant says nothing about the work
    ErrorClass kind =
        e instanceof InterruptedException ? ErrorClass.TRANSIENT : ErrorClass.PERMANENT;
    return failed(usage, kind, e.toString(), attempt, phase, now);
  }

  private static RunInput failed(
      @Nullable Usage usage,
      ErrorClass kind,
      String told,
      AttemptId attempt,
      Phase phase,
      Instant now) {
    Trouble trouble = new Trouble(Reason.ERROR, kind, Attempts.shortened(told), "", null);
    return switch (phase) {
      case ACT ->
          new RunInput.ActEnded(
              now, attempt.task(), attempt.number(), new ActResult.Failed(trouble, usage, null), 0);
      case VERIFY ->
          new RunInput.VerifyEnded(
              now,
              attempt.task(),
              attempt.number(),
              new VerifyResult(null, 0, List.of(), List.of(), trouble, null),
              0);
      case INTEGRATE ->
          new RunInput.IntegrateEnded(now, attempt.task(), new IntegrateResult.Blocked(trouble), 0);
    };
  }
}
