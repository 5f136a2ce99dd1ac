package dev.maestro.store;

/** What became of a {@link Commit}. */
public sealed interface CommitOutcome {

  /**
   * It is durable.
   *
   * @param lastSequence the number of the run's last event now; 0 for a commit without a run
   */
  record Committed(long lastSequence) implements CommitOutcome {}

  /**
   * The run is not where the writer thinks; nothing was written.
   *
   * @param actualSequence the number of the run's last event
   */
  record SequenceConflict(long actualSequence) implements CommitOutcome {}

  /**
   * A record is not at the expected version; nothing was written.
   *
   * @param key the record
   * @param actualVersion its version, 0 when it does not exist
   */
  record RecordConflict(RecordKey key, long actualVersion) implements CommitOutcome {}

  /**
   * A writer with a higher token has taken over; nothing was written.
   *
   * @param highestToken the highest token seen
   */
  record Fenced(long highestToken) implements CommitOutcome {}
}
