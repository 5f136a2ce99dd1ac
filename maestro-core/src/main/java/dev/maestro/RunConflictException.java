package dev.maestro;

import dev.maestro.failure.PermanentException;
import dev.maestro.run.ResumePlan;
import dev.maestro.task.RunKey;

/**
 * A run of this name exists with another pipeline or other inputs.
 *
 * <p>Its {@link #plan()} says what would become of each task. Start the run with what it was
 * started with to go on, or use another run id; or accept the plan, with {@link
 * Maestro#resume(ResumePlan)}, or with {@link Maestro#fork(ResumePlan, dev.maestro.task.RunId)}
 * when the run has ended.
 */
public final class RunConflictException extends PermanentException {

  private static final long serialVersionUID = 1L;

  private final transient RunKey run;
  private final transient ResumePlan plan;
  private final boolean otherPipeline;
  private final boolean otherInputs;

  RunConflictException(RunKey run, ResumePlan plan, boolean otherPipeline, boolean otherInputs) {
    super(
        "run "
            + run
            + " exists with "
            + (otherPipeline ? "another pipeline" : "")
            + (otherPipeline && otherInputs ? " and " : "")
            + (otherInputs ? "other inputs" : "")
            + "; start it with what it was started with to go on, accept the plan of this exception, or"
            + " choose another run id");
    this.run = run;
    this.plan = plan;
    this.otherPipeline = otherPipeline;
    this.otherInputs = otherInputs;
  }

  /** {@return the run that exists} */
  public RunKey run() {
    return run;
  }

  /** {@return what becomes of its tasks with what it was to be started with; changes nothing} */
  public ResumePlan plan() {
    return plan;
  }

  /** {@return whether its pipeline differs} */
  public boolean isOtherPipeline() {
    return otherPipeline;
  }

  /** {@return whether its inputs differ} */
  public boolean isOtherInputs() {
    return otherInputs;
  }
}
