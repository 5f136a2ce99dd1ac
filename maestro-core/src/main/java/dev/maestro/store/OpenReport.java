package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.util.List;

/**
 * What was found when a store was opened.
 *
 * @param tornBytes the length of a write that a crash cut short and nobody was told about; it was
 *     removed
 * @param damages places that were durable once and cannot be read any more, in the order of the log
 * @param refusedRuns runs that are known and that the damage touched or may have touched: reading
 *     and writing them throws, and queries leave them out
 * @param refusedRecords records that are known and that the damage touched or may have touched:
 *     reading and writing them throws
 * @param lostNames how many further runs and records were first written in the damaged part, so
 *     that only a hash of their names is left: whoever asks for one of them is refused
 * @param newNamesRefused whether nothing tells what the damaged part touched, so that every name is
 *     refused that is not proved to be untouched, unknown ones too
 */
public record OpenReport(
    long tornBytes,
    List<Damage> damages,
    List<RunKey> refusedRuns,
    List<RecordKey> refusedRecords,
    int lostNames,
    boolean newNamesRefused) {

  private static final OpenReport CLEAN =
      new OpenReport(0, List.of(), List.of(), List.of(), 0, false);

  /** Copy the lists. */
  public OpenReport {
    damages = List.copyOf(damages);
    refusedRuns = List.copyOf(refusedRuns);
    refusedRecords = List.copyOf(refusedRecords);
  }

  /** {@return the report of a store that was found as it was left} */
  public static OpenReport clean() {
    return CLEAN;
  }

  /** {@return whether the store was found as it was left} */
  public boolean isClean() {
    return equals(CLEAN);
  }
}
