package dev.maestro.run;

import dev.maestro.task.RunKey;
import java.util.Objects;

/**
 * One entry of a run's journal.
 *
 * @param run which run
 * @param sequence its number in that run, counted from 1 without gaps
 * @param event what happened
 */
public record RunRecord(RunKey run, long sequence, RunEvent event) {

  /** Check that nothing is missing. */
  public RunRecord {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(event, "event");
  }
}
