package dev.maestro.hosted;

import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a host hands in; the files are as they stand in the step's directory.
 *
 * @param run of which run
 * @param task which step
 * @param claim the number under which it was handed out, or null for the one that the host has now
 * @param output what the step returns, as text; JSON where it returns JSON; at most {@value
 *     #LONGEST} characters
 * @param usage what it used up, as far as the host knows
 * @param failure why it could not be done, in at most {@value #LONGEST_FAILURE} characters, or null
 *     when it was
 */
public record Submission(
    RunId run,
    TaskId task,
    @Nullable Integer claim,
    String output,
    Usage usage,
    @Nullable String failure) {

  /** How many characters an output may have. */
  public static final int LONGEST = 4 * 1024 * 1024;

  /** How many characters the reason may have why a step could not be done. */
  public static final int LONGEST_FAILURE = 16 * 1024;

  /** Check that nothing required is missing. */
  public Submission {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(usage, "usage");
  }

  /** {@return that the step is done, with this output} */
  public static Submission of(RunId run, TaskId task, String output) {
    return new Submission(run, task, null, output, Usage.NONE, null);
  }

  /** {@return that the step could not be done, and why} */
  public static Submission failed(RunId run, TaskId task, String why) {
    return new Submission(run, task, null, "", Usage.NONE, Objects.requireNonNull(why, "why"));
  }

  /** {@return the same, for what was handed out under this number} */
  public Submission claim(int number) {
    return new Submission(run, task, number, output, usage, failure);
  }

  /** {@return the same, having used this up} */
  public Submission using(Usage used) {
    return new Submission(run, task, claim, output, used, failure);
  }
}
