package dev.maestro.engine;

import dev.maestro.failure.ErrorClass;
import dev.maestro.run.Phase;
import dev.maestro.run.RunInput;
import dev.maestro.run.Trouble;
import dev.maestro.task.AttemptId;
import dev.maestro.task.Reason;
import java.time.Instant;
import java.util.List;

/** Turns what was thrown out of a phase into the failure of that phase. */
final class Failures {

  private Failures() {}

  static RunInput of(Throwable e, AttemptId attempt, Phase phase, Instant now, double draw) {
    Trouble trouble = new Trouble(Reason.of("error"), ErrorClass.PERMANENT, e.toString(), "", null);
    return switch (phase) {
      case ACT ->
          new RunInput.ActEnded(
              now,
              attempt.task(),
              attempt.number(),
              new RunInput.ActResult.Failed(trouble, null, null),
              draw);
      case VERIFY ->
          new RunInput.VerifyEnded(
              now,
              attempt.task(),
              attempt.number(),
              new RunInput.VerifyResult(null, 0, List.of(), List.of(), trouble, null),
              draw);
      case INTEGRATE ->
          new RunInput.IntegrateEnded(
              now, attempt.task(), new RunInput.IntegrateResult.Blocked(trouble), draw);
    };
  }
}
